package dev.quorate.server.flags;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Every flag that etcd knows is known here, with its default, and has its effect, warns, or is refused. The lists are
 * written down here once more: a flag that is forgotten in the program is found.
 */
class FlagsTest
{
    /** Those that have their effect. A name alone has no default of its own. */
    private static final String SERVED = """
        name=default data-dir listen-client-urls=http://localhost:2379 advertise-client-urls=http://localhost:2379
        listen-peer-urls=http://localhost:2380 initial-advertise-peer-urls=http://localhost:2380 initial-cluster
        initial-cluster-state=new initial-cluster-token=etcd-cluster heartbeat-interval=100 election-timeout=1000
        snapshot-count=10000 snapshot-catchup-entries=5000 quota-backend-bytes=0 max-request-bytes=1572864
        max-txn-ops=128 max-concurrent-streams=4294967295 auto-compaction-mode=periodic auto-compaction-retention=0
        watch-progress-notify-interval=10m listen-metrics-urls strict-reconfig-check=true log-level=info
        log-format=json unsafe-no-fsync=false config-file force-new-cluster=false max-learners=1
        grpc-keepalive-min-time=5s grpc-keepalive-interval=2h grpc-keepalive-timeout=20s cors=* host-whitelist=*
        metrics=basic""";

    /** Those that are left without effect, which is safe. */
    private static final String HARMLESS = """
        initial-election-tick-advance=true max-snapshots=5 max-wals=5 memory-mlock=false backend-bbolt-freelist-type=map
        backend-batch-interval backend-batch-limit=0 socket-reuse-port=false socket-reuse-address=false
        enable-grpc-gateway=true raft-read-timeout=5s raft-write-timeout=5s feature-gates discovery-dial-timeout=2s
        discovery-request-timeout=5s discovery-keepalive-time=2s discovery-keepalive-timeout=6s
        discovery-insecure-transport=true discovery-insecure-skip-tls-verify=false discovery-fallback=exit
        pre-vote=true v2-deprecation self-signed-cert-validity=1 tls-min-version=TLS1.2 auth-token=simple
        bcrypt-cost=10 auth-token-ttl=300 enable-pprof=false logger=zap log-outputs=default enable-log-rotation=false
        log-rotation-config-json warning-unary-request-duration=300ms enable-distributed-tracing=false
        distributed-tracing-address=localhost:4317 distributed-tracing-service-name=etcd
        distributed-tracing-instance-id distributed-tracing-sampling-rate=0 corrupt-check-time=0s
        compact-hash-check-time=1m compaction-batch-limit=1000 compaction-sleep-interval=0s warning-apply-duration=100ms
        bootstrap-defrag-threshold-megabytes=0 downgrade-check-time=5s""";

    /** Those that concern TLS or how a cluster is found: refused unless they are left at their default. */
    private static final String REFUSED = """
        wal-dir listen-client-http-urls discovery-token discovery-endpoints discovery-cert discovery-key
        discovery-cacert discovery-user discovery-password discovery-srv discovery-srv-name cert-file key-file
        client-cert-auth=false client-cert-file client-key-file client-crl-file client-cert-allowed-hostname
        trusted-ca-file auto-tls=false peer-cert-file peer-key-file peer-client-cert-auth=false peer-client-cert-file
        peer-client-key-file peer-trusted-ca-file peer-cert-allowed-cn peer-cert-allowed-hostname peer-auto-tls=false
        peer-crl-file cipher-suites tls-max-version peer-skip-client-san-verification=false""";

    /** Those of earlier versions, without effect or by another name today. */
    private static final String OLDER = """
        cluster-active-size cluster-remove-delay cluster-sync-interval config force max-result-buffer max-retry-attempts
        peer-heartbeat-interval peer-election-timeout retry-interval snapshot v vv discovery-proxy enable-v2
        experimental-enable-v2v3 proxy-failure-wait proxy-refresh-interval proxy-dial-timeout proxy-write-timeout
        proxy-read-timeout experimental-bootstrap-defrag-threshold-megabytes experimental-compact-hash-check-enabled
        experimental-compact-hash-check-time experimental-compaction-batch-limit
        experimental-compaction-sleep-interval experimental-corrupt-check-time
        experimental-distributed-tracing-address experimental-distributed-tracing-instance-id
        experimental-distributed-tracing-sampling-rate experimental-distributed-tracing-service-name
        experimental-downgrade-check-time experimental-enable-distributed-tracing
        experimental-enable-lease-checkpoint experimental-enable-lease-checkpoint-persist
        experimental-initial-corrupt-check experimental-memory-mlock experimental-stop-grpc-service-on-defrag
        experimental-txn-mode-write-with-shared-buffer experimental-warning-apply-duration
        experimental-warning-unary-request-duration""";

    private static final String OLDER_SERVED = """
        experimental-watch-progress-notify-interval experimental-snapshot-catchup-entries experimental-max-learners""";

    private static final String OLDER_REFUSED = """
        discovery proxy=off experimental-peer-skip-client-san-verification=false""";

    private static final String OURS = "profile=compact spin=false event-loops=0 aeron-dir";

    @TestFactory
    Stream<DynamicTest> everyFlagIsHandledAndHasItsDefault()
    {
        final List<DynamicTest> tests = new ArrayList<>();
        each(SERVED + ' ' + OURS, (name, value) -> tests.add(DynamicTest.dynamicTest(name, () -> served(name, value))));
        each(OLDER_SERVED, (name, value) -> tests.add(DynamicTest.dynamicTest(name, () -> served(name, value))));
        each(HARMLESS, (name, value) -> tests.add(DynamicTest.dynamicTest(name, () -> harmless(name, value))));
        each(OLDER, (name, value) -> tests.add(DynamicTest.dynamicTest(name, () -> harmless(name, value))));
        each(REFUSED + ' ' + OLDER_REFUSED,
            (name, value) -> tests.add(DynamicTest.dynamicTest(name, () -> refused(name, value))));
        return tests.stream();
    }

    @Test
    void noFlagIsForgottenHere()
    {
        final Set<String> listed = new TreeSet<>();
        each(String.join(" ", SERVED, HARMLESS, REFUSED, OLDER, OLDER_SERVED, OLDER_REFUSED, OURS),
            (name, value) -> assertTrue(listed.add(name), name + " is listed twice"));
        final Set<String> known = new TreeSet<>();
        Flags.all().forEach((flag) -> assertTrue(known.add(flag.name()), flag.name() + " is there twice"));
        assertEquals(listed, known);
    }

    @Test
    void noTwoFlagsShareAVariable()
    {
        final Set<String> variables = new HashSet<>();
        Flags.all().forEach((flag) -> assertTrue(variables.add(flag.variable()), flag.variable()));
    }

    private static void served(final String name, final String value) throws FlagException
    {
        final Flags.Flag flag = flag(name, value, Flags.Handling.SERVED);
        if ("config-file".equals(name))
        {
            return;
        }
        final String other = another(flag);
        for (final Settings settings : eachWay(flag, other))
        {
            assertEquals(other, settings.string(flag.target()));
            assertTrue(settings.isSet(flag.target()));
            assertEquals(List.of(), settings.warnings());
        }
    }

    private static void harmless(final String name, final String value) throws FlagException
    {
        final Flags.Flag flag = flag(name, value, Flags.Handling.HARMLESS);
        for (final Settings settings : eachWay(flag, another(flag)))
        {
            assertEquals(List.of("flag --" + name + " has no effect here"), settings.warnings());
        }
    }

    private static void refused(final String name, final String value) throws FlagException
    {
        final Flags.Flag flag = flag(name, value, Flags.Handling.REFUSED);
        for (final Settings settings : eachWay(flag, value))
        {
            assertEquals(List.of(), settings.warnings());
        }
        final FlagException ex = assertThrows(
            FlagException.class, () -> Settings.of(new String[]{"--" + name + '=' + another(flag)}, Map.of()));
        assertTrue(ex.getMessage().contains("--" + name + " is not supported yet"), ex.getMessage());
        assertEquals(1, ex.exitCode());
    }

    private static Flags.Flag flag(final String name, final String value, final Flags.Handling handling)
    {
        final Flags.Flag flag = Flags.byName(name);
        assertTrue(null != flag, "nobody knows --" + name);
        assertEquals(handling, flag.handling());
        assertTrue(value.isEmpty() || value.equals(flag.defaultValue()), flag.toString());
        assertEquals("ETCD_" + name.toUpperCase(java.util.Locale.ROOT).replace('-', '_'), flag.variable());
        return flag;
    }

    /** One dash or two, the value as a word of its own, and the environment. */
    private static List<Settings> eachWay(final Flags.Flag flag, final String value) throws FlagException
    {
        final List<Settings> all = new ArrayList<>(List.of(
            Settings.of(new String[]{"--" + flag.name() + '=' + value}, Map.of()),
            Settings.of(new String[]{"-" + flag.name() + '=' + value}, Map.of())));
        if (Flags.Type.BOOLEAN != flag.type() && Flags.Type.ANYTHING != flag.type())
        {
            all.add(Settings.of(new String[]{"--" + flag.name(), value}, Map.of()));
        }
        if (!value.isEmpty())
        {
            all.add(Settings.of(new String[0], Map.of(flag.variable(), value)));
        }
        return all;
    }

    /** A value of the flag's type that is not its default. */
    private static String another(final Flags.Flag flag)
    {
        return switch (flag.type())
        {
            case STRING, ANYTHING -> "feature-gates".equals(flag.name()) ? "AllBeta=true" : "other";
            case NUMBER -> "7";
            case BOOLEAN -> "true".equals(flag.defaultValue()) ? "false" : "true";
            case DURATION -> "7s";
        };
    }

    private static void each(final String list, final BiConsumer<String, String> consumer)
    {
        for (final String word : list.strip().split("\\s+"))
        {
            final int equals = word.indexOf('=');
            final String value = equals < 0 ? "" : word.substring(equals + 1);
            consumer.accept(equals < 0 ? word : word.substring(0, equals), value);
        }
    }
}
