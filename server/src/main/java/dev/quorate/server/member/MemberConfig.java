package dev.quorate.server.member;

import dev.quorate.server.flags.FlagException;
import dev.quorate.server.flags.GoDuration;
import dev.quorate.server.flags.Settings;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The configuration of a member, checked.
 *
 * @param name                      of the member.
 * @param dataDirectory             of the member.
 * @param listenClient              addresses for clients.
 * @param advertiseClientUrls       URLs told to clients.
 * @param listenPeer                address for peers.
 * @param advertisePeerUrls         URLs told to peers.
 * @param initialCluster            peer URLs by member name.
 * @param isNewCluster              false to join an existing one.
 * @param isForcedNewCluster        true to begin a cluster from the copy of a store, or to go on without the others.
 * @param clusterToken              that keeps clusters with the same URLs apart.
 * @param heartbeatNs               interval, ns.
 * @param electionNs                time-out, ns.
 * @param snapshotCount             entries between durable marks.
 * @param catchUpEntries            entries that the log keeps below the newest mark.
 * @param quotaBytes                of the store; negative switches it off.
 * @param maxRequestBytes           of a request.
 * @param maxTxnOps                 of a transaction.
 * @param maxConcurrentStreams      of a connection.
 * @param isCompactionPeriodic      true for ages, false for revisions.
 * @param compactionRetention       ns or revisions, 0 for none.
 * @param progressNotifyNs          interval of watch progress, ns.
 * @param listenMetrics             addresses for health and metrics alone.
 * @param isStrictReconfig          refuse membership changes that could cost the quorum.
 * @param maxLearners               most learners at a time.
 * @param isUnsafeNoFsync           true to promise nothing across a power loss.
 * @param isDedicated               true for one thread an agent.
 * @param isSpinning                true for consensus to spin instead of sleeping.
 * @param eventLoops                how many.
 * @param aeronDirectory            of the media driver, null for the default.
 * @param clientPort                what else is said about the client port.
 */
public record MemberConfig(
    String name,
    Path dataDirectory,
    List<InetSocketAddress> listenClient,
    List<String> advertiseClientUrls,
    InetSocketAddress listenPeer,
    List<String> advertisePeerUrls,
    Map<String, List<String>> initialCluster,
    boolean isNewCluster,
    boolean isForcedNewCluster,
    String clusterToken,
    long heartbeatNs,
    long electionNs,
    int snapshotCount,
    long catchUpEntries,
    long quotaBytes,
    int maxRequestBytes,
    int maxTxnOps,
    int maxConcurrentStreams,
    boolean isCompactionPeriodic,
    long compactionRetention,
    long progressNotifyNs,
    List<InetSocketAddress> listenMetrics,
    boolean isStrictReconfig,
    int maxLearners,
    boolean isUnsafeNoFsync,
    boolean isDedicated,
    boolean isSpinning,
    int eventLoops,
    Path aeronDirectory,
    ClientPortConfig clientPort)
{
    private static final long DEFAULT_QUOTA_BYTES = 2L << 30;
    private static final long MAX_ELECTION_MS = 50_000;
    private static final int MAX_REQUEST_BYTES = 16 << 20;
    private static final int MAX_DEFAULT_LOOPS = 4;
    /** Every directory of a media driver holds it. */
    private static final String DRIVER_FILE = "cnc.dat";

    /**
     * Checks settings.
     *
     * @param settings after precedence was settled.
     * @return the configuration.
     * @throws FlagException with one line of cause and remedy.
     */
    public static MemberConfig of(final Settings settings) throws FlagException
    {
        if (settings.isSet("listen-client-urls") && !settings.isSet("advertise-client-urls"))
        {
            throw new FlagException(
                1, "--advertise-client-urls is required when --listen-client-urls is set explicitly");
        }
        oneOf(settings, "log-level", "debug", "info", "warn", "error", "dpanic", "panic", "fatal");
        oneOf(settings, "log-format", "json", "console");
        final String name = settings.string("name");
        final String dataDirectory = settings.string("data-dir");
        final long heartbeatMs = positive(settings, "heartbeat-interval");
        final long electionMs = positive(settings, "election-timeout");
        checkTimes(heartbeatMs, electionMs);
        final List<String> advertisePeer =
            Urls.parse("initial-advertise-peer-urls", settings.string("initial-advertise-peer-urls"));
        final List<String> listenPeer = Urls.parse("listen-peer-urls", settings.string("listen-peer-urls"));
        if (1 != listenPeer.size())
        {
            throw new FlagException(1, "--listen-peer-urls must hold exactly one URL: peers speak UDP on one port");
        }
        final long quota = settings.number("quota-backend-bytes");
        return new MemberConfig(
            name,
            Path.of(dataDirectory.isEmpty() ? name + ".etcd" : dataDirectory),
            addresses("listen-client-urls", settings),
            Urls.parse("advertise-client-urls", settings.string("advertise-client-urls")),
            Urls.bindAddress("listen-peer-urls", listenPeer.get(0)),
            advertisePeer,
            initialCluster(settings, name, advertisePeer),
            isNew(settings),
            settings.bool("force-new-cluster"),
            settings.string("initial-cluster-token"),
            TimeUnit.MILLISECONDS.toNanos(heartbeatMs),
            TimeUnit.MILLISECONDS.toNanos(electionMs),
            (int)Math.min(Integer.MAX_VALUE, positive(settings, "snapshot-count")),
            Math.max(0, Math.min(settings.number("snapshot-catchup-entries"), settings.number("snapshot-count") / 2)),
            0 == quota ? DEFAULT_QUOTA_BYTES : quota,
            (int)bounded(settings, "max-request-bytes", MAX_REQUEST_BYTES),
            (int)bounded(settings, "max-txn-ops", 1_000_000),
            (int)Math.min(Integer.MAX_VALUE, positive(settings, "max-concurrent-streams")),
            isPeriodic(settings),
            retention(settings),
            Math.max(TimeUnit.MILLISECONDS.toNanos(100), settings.durationNs("watch-progress-notify-interval")),
            addresses("listen-metrics-urls", settings),
            settings.bool("strict-reconfig-check"),
            (int)positive(settings, "max-learners"),
            settings.bool("unsafe-no-fsync"),
            isDedicated(settings),
            settings.bool("spin"),
            eventLoops(settings),
            aeronDirectory(settings),
            ClientPortConfig.of(settings));
    }

    private static void checkTimes(final long heartbeatMs, final long electionMs) throws FlagException
    {
        if (electionMs < 5 * heartbeatMs)
        {
            throw new FlagException(1, "--election-timeout[" + electionMs +
                "ms] should be at least as 5 times as --heartbeat-interval[" + heartbeatMs + "ms]");
        }
        if (electionMs > MAX_ELECTION_MS)
        {
            throw new FlagException(1, "--election-timeout[" + electionMs +
                "ms] is too long, and should be set less than " + MAX_ELECTION_MS + "ms");
        }
    }

    private static Map<String, List<String>> initialCluster(
        final Settings settings, final String name, final List<String> advertisePeer) throws FlagException
    {
        final Map<String, List<String>> cluster = new LinkedHashMap<>();
        if (settings.string("initial-cluster").isEmpty())
        {
            cluster.put(name, advertisePeer);
            return cluster;
        }
        for (final String part : settings.string("initial-cluster").split(","))
        {
            final int equals = part.indexOf('=');
            if (equals <= 0)
            {
                throw new FlagException(1, "--initial-cluster must hold name=url pairs separated by commas, not '" +
                    part + "'");
            }
            cluster.computeIfAbsent(part.substring(0, equals).trim(), (key) -> new ArrayList<>())
                .addAll(Urls.parse("initial-cluster", part.substring(equals + 1)));
        }
        return cluster;
    }

    private static void oneOf(final Settings settings, final String flag, final String... values) throws FlagException
    {
        if (!List.of(values).contains(settings.string(flag)))
        {
            throw new FlagException(1, "--" + flag + " must be one of " + String.join(", ", values) + ", not '" +
                settings.string(flag) + "'");
        }
    }

    private static boolean isNew(final Settings settings) throws FlagException
    {
        return switch (settings.string("initial-cluster-state"))
        {
            case "new" -> true;
            case "existing" -> false;
            default -> throw new FlagException(1, "--initial-cluster-state must be new or existing, not '" +
                settings.string("initial-cluster-state") + "'");
        };
    }

    private static boolean isPeriodic(final Settings settings) throws FlagException
    {
        return switch (settings.string("auto-compaction-mode"))
        {
            case "periodic" -> true;
            case "revision" -> false;
            default -> throw new FlagException(1, "--auto-compaction-mode must be periodic or revision, not '" +
                settings.string("auto-compaction-mode") + "'");
        };
    }

    private static long retention(final Settings settings) throws FlagException
    {
        final String value = settings.string("auto-compaction-retention");
        final boolean isNumber = value.matches("\\d{1,18}");
        if (!isNumber && !(isPeriodic(settings) && GoDuration.isValid(value) && GoDuration.parseNs(value) >= 0))
        {
            throw new FlagException(
                1, "--auto-compaction-retention must be a number or a duration of at least 0, not '" + value + "'");
        }
        if (!isPeriodic(settings))
        {
            return Long.parseLong(value);
        }
        return isNumber ? Math.multiplyExact(Math.min(Long.parseLong(value), 1_000_000L), TimeUnit.HOURS.toNanos(1)) :
            GoDuration.parseNs(value);
    }

    private static boolean isDedicated(final Settings settings) throws FlagException
    {
        final boolean isDedicated = switch (settings.string("profile"))
        {
            case "compact" -> false;
            case "dedicated" -> true;
            default -> throw new FlagException(1, "--profile must be compact or dedicated, not '" +
                settings.string("profile") + "'");
        };
        if (settings.bool("spin") && Runtime.getRuntime().availableProcessors() < 2)
        {
            throw new FlagException(1, "--spin needs a core more than it spins on; this host has one");
        }
        return isDedicated;
    }

    /** Deleted with all that is in it, so it must be one that a media driver left, or none. */
    private static Path aeronDirectory(final Settings settings) throws FlagException
    {
        final String value = settings.string("aeron-dir");
        if (value.isEmpty())
        {
            return null;
        }
        final String[] names = Path.of(value).toFile().list();
        if (Files.isRegularFile(Path.of(value)) ||
            null != names && names.length > 0 && !List.of(names).contains(DRIVER_FILE))
        {
            throw new FlagException(1, "--aeron-dir " + value + " holds files that are not those of a media driver, " +
                "and would be deleted: name a directory that does not exist yet");
        }
        return Path.of(value);
    }

    private static int eventLoops(final Settings settings) throws FlagException
    {
        final long given = settings.number("event-loops");
        if (given < 0 || given > 64)
        {
            throw new FlagException(1, "--event-loops must be between 0 (automatic) and 64");
        }
        return given > 0 ? (int)given : Math.min(MAX_DEFAULT_LOOPS, Math.max(1,
            Runtime.getRuntime().availableProcessors() / 2));
    }

    private static List<InetSocketAddress> addresses(final String flag, final Settings settings) throws FlagException
    {
        final List<InetSocketAddress> addresses = new ArrayList<>();
        for (final String url : Urls.parse(flag, settings.string(flag)))
        {
            addresses.add(Urls.bindAddress(flag, url));
        }
        return addresses;
    }

    private static long positive(final Settings settings, final String flag) throws FlagException
    {
        return bounded(settings, flag, Long.MAX_VALUE);
    }

    private static long bounded(final Settings settings, final String flag, final long max) throws FlagException
    {
        final long value = settings.number(flag);
        if (value <= 0 || value > max)
        {
            throw new FlagException(1, "--" + flag + " must be between 1 and " + max + ", not " + value);
        }
        return value;
    }
}
