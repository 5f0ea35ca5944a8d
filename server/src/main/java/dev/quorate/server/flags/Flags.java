package dev.quorate.server.flags;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every flag that etcd 3.7 knows, those of 3.4 to 3.6 that manifests still carry, and ours.
 */
public final class Flags
{
    /**
     * What is done with a flag.
     */
    public enum Handling
    {
        /** It has its effect. */
        SERVED,
        /** It is accepted with a warning: leaving it out is safe. */
        HARMLESS,
        /** It is refused when set to anything but its default: leaving it out would be unsafe. */
        REFUSED
    }

    /**
     * Type of a flag's value.
     */
    public enum Type
    {
        /** Any text. */
        STRING,
        /** A decimal integer of 64 bits. */
        NUMBER,
        /** A truth value as Go reads it, such as {@code true} or {@code 0}; the flag alone means true. */
        BOOLEAN,
        /** A Go duration such as {@code 10m} or {@code 1h30m}. */
        DURATION,
        /** Any text or none: the flag alone is as good. */
        ANYTHING
    }

    /**
     * One flag.
     *
     * @param name         without dashes.
     * @param type         of its value.
     * @param defaultValue as text.
     * @param handling     what is done with it.
     * @param target       name of the flag that it sets; its own name unless it is an older spelling.
     */
    public record Flag(String name, Type type, String defaultValue, Handling handling, String target)
    {
        /**
         * @return the environment variable that stands for it.
         */
        public String variable()
        {
            return "ETCD_" + name.toUpperCase(java.util.Locale.ROOT).replace('-', '_');
        }
    }

    private static final List<Flag> ALL = List.of(
        served("name", Type.STRING, "default"),
        served("data-dir", Type.STRING, ""),
        served("listen-client-urls", Type.STRING, "http://localhost:2379"),
        served("advertise-client-urls", Type.STRING, "http://localhost:2379"),
        served("listen-peer-urls", Type.STRING, "http://localhost:2380"),
        served("initial-advertise-peer-urls", Type.STRING, "http://localhost:2380"),
        served("initial-cluster", Type.STRING, ""),
        served("initial-cluster-state", Type.STRING, "new"),
        served("initial-cluster-token", Type.STRING, "etcd-cluster"),
        served("heartbeat-interval", Type.NUMBER, "100"),
        served("election-timeout", Type.NUMBER, "1000"),
        served("snapshot-count", Type.NUMBER, "10000"),
        served("snapshot-catchup-entries", Type.NUMBER, "5000"),
        served("quota-backend-bytes", Type.NUMBER, "0"),
        served("max-request-bytes", Type.NUMBER, "1572864"),
        served("max-txn-ops", Type.NUMBER, "128"),
        served("max-concurrent-streams", Type.NUMBER, "4294967295"),
        served("auto-compaction-mode", Type.STRING, "periodic"),
        served("auto-compaction-retention", Type.STRING, "0"),
        served("watch-progress-notify-interval", Type.DURATION, "10m"),
        served("listen-metrics-urls", Type.STRING, ""),
        served("strict-reconfig-check", Type.BOOLEAN, "true"),
        served("log-level", Type.STRING, "info"),
        served("log-format", Type.STRING, "json"),
        served("force-new-cluster", Type.BOOLEAN, "false"),
        served("unsafe-no-fsync", Type.BOOLEAN, "false"),
        served("config-file", Type.STRING, ""),
        served("max-learners", Type.NUMBER, "1"),
        served("grpc-keepalive-min-time", Type.DURATION, "5s"),
        served("grpc-keepalive-interval", Type.DURATION, "2h"),
        served("grpc-keepalive-timeout", Type.DURATION, "20s"),
        served("cors", Type.STRING, "*"),
        served("host-whitelist", Type.STRING, "*"),
        served("metrics", Type.STRING, "basic"),
        served("profile", Type.STRING, "compact"),
        served("spin", Type.BOOLEAN, "false"),
        served("event-loops", Type.NUMBER, "0"),
        served("aeron-dir", Type.STRING, ""),
        harmless("initial-election-tick-advance", Type.BOOLEAN, "true"),
        harmless("max-snapshots", Type.NUMBER, "5"),
        harmless("max-wals", Type.NUMBER, "5"),
        harmless("memory-mlock", Type.BOOLEAN, "false"),
        harmless("backend-bbolt-freelist-type", Type.STRING, "map"),
        harmless("backend-batch-interval", Type.DURATION, ""),
        harmless("backend-batch-limit", Type.NUMBER, "0"),
        harmless("socket-reuse-port", Type.BOOLEAN, "false"),
        harmless("socket-reuse-address", Type.BOOLEAN, "false"),
        harmless("enable-grpc-gateway", Type.BOOLEAN, "true"),
        harmless("raft-read-timeout", Type.DURATION, "5s"),
        harmless("raft-write-timeout", Type.DURATION, "5s"),
        harmless("feature-gates", Type.STRING, ""),
        harmless("pre-vote", Type.BOOLEAN, "true"),
        harmless("v2-deprecation", Type.STRING, ""),
        harmless("self-signed-cert-validity", Type.NUMBER, "1"),
        harmless("auth-token", Type.STRING, "simple"),
        harmless("bcrypt-cost", Type.NUMBER, "10"),
        harmless("auth-token-ttl", Type.NUMBER, "300"),
        harmless("enable-pprof", Type.BOOLEAN, "false"),
        harmless("logger", Type.STRING, "zap"),
        harmless("log-outputs", Type.STRING, "default"),
        harmless("enable-log-rotation", Type.BOOLEAN, "false"),
        harmless("log-rotation-config-json", Type.STRING,
            "{\"maxsize\": 100, \"maxage\": 0, \"maxbackups\": 0, \"localtime\": false, \"compress\": false}"),
        harmless("warning-unary-request-duration", Type.DURATION, "300ms"),
        harmless("enable-distributed-tracing", Type.BOOLEAN, "false"),
        harmless("distributed-tracing-address", Type.STRING, "localhost:4317"),
        harmless("distributed-tracing-service-name", Type.STRING, "etcd"),
        harmless("distributed-tracing-instance-id", Type.STRING, ""),
        harmless("distributed-tracing-sampling-rate", Type.NUMBER, "0"),
        harmless("corrupt-check-time", Type.DURATION, "0s"),
        harmless("compact-hash-check-time", Type.DURATION, "1m"),
        harmless("compaction-batch-limit", Type.NUMBER, "1000"),
        harmless("compaction-sleep-interval", Type.DURATION, "0s"),
        harmless("warning-apply-duration", Type.DURATION, "100ms"),
        harmless("bootstrap-defrag-threshold-megabytes", Type.NUMBER, "0"),
        harmless("downgrade-check-time", Type.DURATION, "5s"),
        harmless("discovery-dial-timeout", Type.DURATION, "2s"),
        harmless("discovery-request-timeout", Type.DURATION, "5s"),
        harmless("discovery-keepalive-time", Type.DURATION, "2s"),
        harmless("discovery-keepalive-timeout", Type.DURATION, "6s"),
        harmless("discovery-insecure-transport", Type.BOOLEAN, "true"),
        harmless("discovery-insecure-skip-tls-verify", Type.BOOLEAN, "false"),
        harmless("discovery-fallback", Type.STRING, "exit"),
        harmless("discovery-proxy", Type.STRING, ""),
        harmless("tls-min-version", Type.STRING, "TLS1.2"),
        harmless("enable-v2", Type.BOOLEAN, "false"),
        harmless("experimental-enable-v2v3", Type.STRING, ""),
        harmless("proxy-failure-wait", Type.NUMBER, "5000"),
        harmless("proxy-refresh-interval", Type.NUMBER, "30000"),
        harmless("proxy-dial-timeout", Type.NUMBER, "1000"),
        harmless("proxy-write-timeout", Type.NUMBER, "5000"),
        harmless("proxy-read-timeout", Type.NUMBER, "0"),
        refused("proxy", Type.STRING, "off"),
        refused("wal-dir", Type.STRING, ""),
        refused("listen-client-http-urls", Type.STRING, ""),
        refused("discovery-token", Type.STRING, ""),
        refused("discovery-endpoints", Type.STRING, ""),
        refused("discovery-cert", Type.STRING, ""),
        refused("discovery-key", Type.STRING, ""),
        refused("discovery-cacert", Type.STRING, ""),
        refused("discovery-user", Type.STRING, ""),
        refused("discovery-password", Type.STRING, ""),
        refused("discovery-srv", Type.STRING, ""),
        refused("discovery-srv-name", Type.STRING, ""),
        refused("discovery", Type.STRING, ""),
        refused("cert-file", Type.STRING, ""),
        refused("key-file", Type.STRING, ""),
        refused("client-cert-auth", Type.BOOLEAN, "false"),
        refused("client-cert-file", Type.STRING, ""),
        refused("client-key-file", Type.STRING, ""),
        refused("client-crl-file", Type.STRING, ""),
        refused("client-cert-allowed-hostname", Type.STRING, ""),
        refused("trusted-ca-file", Type.STRING, ""),
        refused("auto-tls", Type.BOOLEAN, "false"),
        refused("peer-cert-file", Type.STRING, ""),
        refused("peer-key-file", Type.STRING, ""),
        refused("peer-client-cert-auth", Type.BOOLEAN, "false"),
        refused("peer-client-cert-file", Type.STRING, ""),
        refused("peer-client-key-file", Type.STRING, ""),
        refused("peer-trusted-ca-file", Type.STRING, ""),
        refused("peer-cert-allowed-cn", Type.STRING, ""),
        refused("peer-cert-allowed-hostname", Type.STRING, ""),
        refused("peer-auto-tls", Type.BOOLEAN, "false"),
        refused("peer-crl-file", Type.STRING, ""),
        refused("cipher-suites", Type.STRING, ""),
        refused("tls-max-version", Type.STRING, ""),
        refused("peer-skip-client-san-verification", Type.BOOLEAN, "false"),
        harmless("experimental-bootstrap-defrag-threshold-megabytes", Type.STRING, ""),
        harmless("experimental-compact-hash-check-enabled", Type.BOOLEAN, ""),
        harmless("experimental-compact-hash-check-time", Type.STRING, ""),
        harmless("experimental-compaction-batch-limit", Type.STRING, ""),
        harmless("experimental-compaction-sleep-interval", Type.STRING, ""),
        harmless("experimental-corrupt-check-time", Type.STRING, ""),
        harmless("experimental-distributed-tracing-address", Type.STRING, ""),
        harmless("experimental-distributed-tracing-instance-id", Type.STRING, ""),
        harmless("experimental-distributed-tracing-sampling-rate", Type.STRING, ""),
        harmless("experimental-distributed-tracing-service-name", Type.STRING, ""),
        harmless("experimental-downgrade-check-time", Type.STRING, ""),
        harmless("experimental-enable-distributed-tracing", Type.BOOLEAN, ""),
        harmless("experimental-enable-lease-checkpoint", Type.BOOLEAN, ""),
        harmless("experimental-enable-lease-checkpoint-persist", Type.BOOLEAN, ""),
        harmless("experimental-initial-corrupt-check", Type.BOOLEAN, ""),
        harmless("experimental-memory-mlock", Type.BOOLEAN, ""),
        harmless("experimental-stop-grpc-service-on-defrag", Type.BOOLEAN, ""),
        harmless("experimental-txn-mode-write-with-shared-buffer", Type.BOOLEAN, ""),
        harmless("experimental-warning-apply-duration", Type.STRING, ""),
        harmless("experimental-warning-unary-request-duration", Type.STRING, ""),
        alias("experimental-watch-progress-notify-interval", Type.DURATION, "watch-progress-notify-interval"),
        alias("experimental-snapshot-catchup-entries", Type.NUMBER, "snapshot-catchup-entries"),
        alias("experimental-max-learners", Type.NUMBER, "max-learners"),
        refused("experimental-peer-skip-client-san-verification", Type.BOOLEAN, "false"),
        harmless("cluster-active-size", Type.ANYTHING, ""),
        harmless("cluster-remove-delay", Type.ANYTHING, ""),
        harmless("cluster-sync-interval", Type.ANYTHING, ""),
        harmless("config", Type.ANYTHING, ""),
        harmless("force", Type.ANYTHING, ""),
        harmless("max-result-buffer", Type.ANYTHING, ""),
        harmless("max-retry-attempts", Type.ANYTHING, ""),
        harmless("peer-heartbeat-interval", Type.ANYTHING, ""),
        harmless("peer-election-timeout", Type.ANYTHING, ""),
        harmless("retry-interval", Type.ANYTHING, ""),
        harmless("snapshot", Type.ANYTHING, ""),
        harmless("v", Type.ANYTHING, ""),
        harmless("vv", Type.ANYTHING, ""));

    private static final Map<String, Flag> BY_NAME = new LinkedHashMap<>();

    static
    {
        for (final Flag flag : ALL)
        {
            BY_NAME.put(flag.name(), flag);
        }
    }

    private Flags()
    {
    }

    /**
     * @return all flags, those served first.
     */
    public static List<Flag> all()
    {
        return ALL;
    }

    /**
     * @param name without dashes.
     * @return the flag, or null if there is none.
     */
    public static Flag byName(final String name)
    {
        return BY_NAME.get(name);
    }

    private static Flag served(final String name, final Type type, final String defaultValue)
    {
        return new Flag(name, type, defaultValue, Handling.SERVED, name);
    }

    private static Flag harmless(final String name, final Type type, final String defaultValue)
    {
        return new Flag(name, type, defaultValue, Handling.HARMLESS, name);
    }

    private static Flag refused(final String name, final Type type, final String defaultValue)
    {
        return new Flag(name, type, defaultValue, Handling.REFUSED, name);
    }

    private static Flag alias(final String name, final Type type, final String target)
    {
        return new Flag(name, type, "", Handling.SERVED, target);
    }
}
