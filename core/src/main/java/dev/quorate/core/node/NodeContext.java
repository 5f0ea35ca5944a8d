package dev.quorate.core.node;

import dev.quorate.core.log.LogContext;
import dev.quorate.core.machine.Member;
import dev.quorate.core.peer.PeerCounters;
import dev.quorate.core.peer.PeerMonitor;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.PeerLink;
import dev.quorate.core.seam.Rng;
import dev.quorate.core.seam.Signal;
import dev.quorate.core.seam.SnapshotLink;
import dev.quorate.core.store.StoreContext;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Configuration of a member: set before {@link #conclude()}, frozen after.
 */
public final class NodeContext
{
    private static final long BASE_REQUEST_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);

    private long memberId = 0;
    private long clusterId = 0;
    private String name = "default";
    private List<String> clientUrls = List.of();
    private Disk disk = null;
    private Clock clock = null;
    private Rng rng = null;
    private PeerLink peerLink = null;
    private PeerMonitor peerMonitor = PeerMonitor.NONE;
    private PeerCounters peerCounters = new PeerCounters();
    private NodeMonitor monitor = NodeMonitor.NONE;
    private NodeState state = new NodeState();
    private LoopRings[] loops = new LoopRings[0];
    private Signal coreSignal = Signal.NONE;
    private Signal applySignal = Signal.NONE;
    private Signal watchSignal = Signal.NONE;
    private Signal logSyncSignal = Signal.NONE;
    private Signal housekeepingSignal = Signal.NONE;
    private SnapshotLink snapshotLink = SnapshotLink.NONE;
    private long snapshotBytesPerSecond = 32L * 1024 * 1024;
    private long heartbeatIntervalNs = 100_000_000L;
    private long electionTimeoutNs = 1_000_000_000L;
    private int maxPayloadLength = 2 * 1024 * 1024;
    private int commandRingCapacity = 16 * 1024 * 1024;
    private int snapshotCount = 10_000;
    private long catchUpEntries = 5_000L;
    private boolean isStrictReconfigCheck = true;
    private int maxLearners = 1;
    private long quotaBytes = 2L * 1024 * 1024 * 1024;
    private boolean isAutoCompactionPeriodic = true;
    private long autoCompactionRetention = 0L;
    private long progressNotifyIntervalNs = 600_000_000_000L;
    private boolean isUnsafeNoFsync = false;
    private StoreContext storeContext = new StoreContext();
    private LogContext logContext = new LogContext();
    private List<Member> knownPeers = List.of();
    private boolean isNewDirectory = false;
    private boolean isFoundedOnStore = false;
    private boolean isAlone = false;
    private boolean isConcluded;

    /**
     * Checks the values and freezes them.
     *
     * @return this.
     */
    public NodeContext conclude()
    {
        checkOpen();
        check(0 != memberId, "memberId is missing");
        check(0 != clusterId, "clusterId is missing");
        check(null != disk, "disk is missing");
        check(null != clock, "clock is missing");
        check(null != rng, "rng is missing");
        check(null != peerLink, "peerLink is missing");
        check(loops.length > 0 && loops.length < 0x7E, "between 1 and 125 loops are possible: " + loops.length);
        check(heartbeatIntervalNs > 0, "heartbeat interval must be positive: " + heartbeatIntervalNs);
        check(electionTimeoutNs >= 5 * heartbeatIntervalNs,
            "election time-out must be at least five heartbeat intervals: " + electionTimeoutNs);
        check(maxPayloadLength > 0, "longest payload must be positive: " + maxPayloadLength);
        check(commandRingCapacity >= 8 * (long)maxPayloadLength,
            "command rings must hold eight payloads: " + commandRingCapacity);
        check(snapshotCount > 0, "snapshot count must be positive: " + snapshotCount);
        check(snapshotBytesPerSecond >= 1024 * 1024,
            "snapshots need at least 1 MiB a second: " + snapshotBytesPerSecond);
        check(catchUpEntries >= 0, "catch-up entries must not be negative: " + catchUpEntries);
        check(maxLearners > 0, "at least one learner must be possible: " + maxLearners);
        check(quotaBytes != 0, "a quota of 0 bytes lets nothing in; negative means none");
        check(autoCompactionRetention >= 0, "retention must not be negative: " + autoCompactionRetention);
        isConcluded = true;
        return this;
    }

    /** @return how long a request is waited for, ns: five seconds and two election time-outs. */
    public long requestTimeoutNs()
    {
        return BASE_REQUEST_TIMEOUT_NS + 2 * electionTimeoutNs;
    }

    /** @return id of this member, not 0. */
    public long memberId()
    {
        return memberId;
    }

    /**
     * @param value id of this member, not 0.
     * @return this.
     */
    public NodeContext memberId(final long value)
    {
        checkOpen();
        memberId = value;
        return this;
    }

    /** @return id of the cluster, not 0. */
    public long clusterId()
    {
        return clusterId;
    }

    /**
     * @param value id of the cluster, not 0.
     * @return this.
     */
    public NodeContext clusterId(final long value)
    {
        checkOpen();
        clusterId = value;
        return this;
    }

    /** @return name that the member publishes. */
    public String name()
    {
        return name;
    }

    /**
     * @param value name that the member publishes.
     * @return this.
     */
    public NodeContext name(final String value)
    {
        checkOpen();
        name = value;
        return this;
    }

    /** @return client URLs that the member publishes. */
    public List<String> clientUrls()
    {
        return clientUrls;
    }

    /**
     * @param value client URLs that the member publishes.
     * @return this.
     */
    public NodeContext clientUrls(final List<String> value)
    {
        checkOpen();
        clientUrls = value;
        return this;
    }

    /** @return disk of the data directory, which this process has locked. */
    public Disk disk()
    {
        return disk;
    }

    /**
     * @param value disk of the data directory, which this process has locked.
     * @return this.
     */
    public NodeContext disk(final Disk value)
    {
        checkOpen();
        disk = value;
        return this;
    }

    /** @return source of time. */
    public Clock clock()
    {
        return clock;
    }

    /**
     * @param value source of time.
     * @return this.
     */
    public NodeContext clock(final Clock value)
    {
        checkOpen();
        clock = value;
        return this;
    }

    /** @return source of randomness, for the consensus thread. */
    public Rng rng()
    {
        return rng;
    }

    /**
     * @param value source of randomness, for the consensus thread.
     * @return this.
     */
    public NodeContext rng(final Rng value)
    {
        checkOpen();
        rng = value;
        return this;
    }

    /** @return link to the peers. */
    public PeerLink peerLink()
    {
        return peerLink;
    }

    /**
     * @param value link to the peers.
     * @return this.
     */
    public NodeContext peerLink(final PeerLink value)
    {
        checkOpen();
        peerLink = value;
        return this;
    }

    /** @return hears rare events of peers. */
    public PeerMonitor peerMonitor()
    {
        return peerMonitor;
    }

    /**
     * @param value hears rare events of peers.
     * @return this.
     */
    public NodeContext peerMonitor(final PeerMonitor value)
    {
        checkOpen();
        peerMonitor = value;
        return this;
    }

    /** @return where peers are counted. */
    public PeerCounters peerCounters()
    {
        return peerCounters;
    }

    /**
     * @param value where peers are counted.
     * @return this.
     */
    public NodeContext peerCounters(final PeerCounters value)
    {
        checkOpen();
        peerCounters = value;
        return this;
    }

    /** @return hears rare events of this member. */
    public NodeMonitor monitor()
    {
        return monitor;
    }

    /**
     * @param value hears rare events of this member.
     * @return this.
     */
    public NodeContext monitor(final NodeMonitor value)
    {
        checkOpen();
        monitor = value;
        return this;
    }

    /** @return published values. */
    public NodeState state()
    {
        return state;
    }

    /**
     * @param value published values.
     * @return this.
     */
    public NodeContext state(final NodeState value)
    {
        checkOpen();
        state = value;
        return this;
    }

    /** @return rings of the event loops, by loop id. */
    public LoopRings[] loops()
    {
        return loops;
    }

    /**
     * @param value rings of the event loops, by loop id.
     * @return this.
     */
    public NodeContext loops(final LoopRings[] value)
    {
        checkOpen();
        loops = value;
        return this;
    }

    /** @return wakes consensus. */
    public Signal coreSignal()
    {
        return coreSignal;
    }

    /**
     * @param value wakes consensus.
     * @return this.
     */
    public NodeContext coreSignal(final Signal value)
    {
        checkOpen();
        coreSignal = value;
        return this;
    }

    /** @return wakes apply, if it has a thread of its own. */
    public Signal applySignal()
    {
        return applySignal;
    }

    /**
     * @param value wakes apply, if it has a thread of its own.
     * @return this.
     */
    public NodeContext applySignal(final Signal value)
    {
        checkOpen();
        applySignal = value;
        return this;
    }

    /** @return wakes watch, if it has a thread of its own. */
    public Signal watchSignal()
    {
        return watchSignal;
    }

    /**
     * @param value wakes watch, if it has a thread of its own.
     * @return this.
     */
    public NodeContext watchSignal(final Signal value)
    {
        checkOpen();
        watchSignal = value;
        return this;
    }

    /** @return wakes the log sync thread. */
    public Signal logSyncSignal()
    {
        return logSyncSignal;
    }

    /**
     * @param value wakes the log sync thread.
     * @return this.
     */
    public NodeContext logSyncSignal(final Signal value)
    {
        checkOpen();
        logSyncSignal = value;
        return this;
    }

    /** @return wakes housekeeping. */
    public Signal housekeepingSignal()
    {
        return housekeepingSignal;
    }

    /**
     * @param value wakes housekeeping.
     * @return this.
     */
    public NodeContext housekeepingSignal(final Signal value)
    {
        checkOpen();
        housekeepingSignal = value;
        return this;
    }

    /** @return link on which snapshots travel; owned by the housekeeping thread. */
    public SnapshotLink snapshotLink()
    {
        return snapshotLink;
    }

    /**
     * @param value link on which snapshots travel; by default there is none.
     * @return this.
     */
    public NodeContext snapshotLink(final SnapshotLink value)
    {
        checkOpen();
        snapshotLink = value;
        return this;
    }

    /** @return most bytes of snapshots to send in a second, so that consensus keeps its share. */
    public long snapshotBytesPerSecond()
    {
        return snapshotBytesPerSecond;
    }

    /**
     * @param value most bytes of snapshots to send in a second.
     * @return this.
     */
    public NodeContext snapshotBytesPerSecond(final long value)
    {
        checkOpen();
        snapshotBytesPerSecond = value;
        return this;
    }

    /** @return interval of heartbeats, ns. */
    public long heartbeatIntervalNs()
    {
        return heartbeatIntervalNs;
    }

    /**
     * @param value interval of heartbeats, ns.
     * @return this.
     */
    public NodeContext heartbeatIntervalNs(final long value)
    {
        checkOpen();
        heartbeatIntervalNs = value;
        return this;
    }

    /** @return election time-out, ns; at least five heartbeat intervals. */
    public long electionTimeoutNs()
    {
        return electionTimeoutNs;
    }

    /**
     * @param value election time-out, ns; at least five heartbeat intervals.
     * @return this.
     */
    public NodeContext electionTimeoutNs(final long value)
    {
        checkOpen();
        electionTimeoutNs = value;
        return this;
    }

    /** @return longest payload of an entry, bytes. */
    public int maxPayloadLength()
    {
        return maxPayloadLength;
    }

    /**
     * @param value longest payload of an entry, bytes.
     * @return this.
     */
    public NodeContext maxPayloadLength(final int value)
    {
        checkOpen();
        maxPayloadLength = value;
        return this;
    }

    /** @return capacity of the holding queue, bytes, a power of two; at least eight payloads. */
    public int commandRingCapacity()
    {
        return commandRingCapacity;
    }

    /**
     * @param value capacity of the holding queue, bytes, a power of two; at least eight payloads.
     * @return this.
     */
    public NodeContext commandRingCapacity(final int value)
    {
        checkOpen();
        commandRingCapacity = value;
        return this;
    }

    /** @return most entries between two durable marks. */
    public int snapshotCount()
    {
        return snapshotCount;
    }

    /**
     * @param value most entries between two durable marks.
     * @return this.
     */
    public NodeContext snapshotCount(final int value)
    {
        checkOpen();
        snapshotCount = value;
        return this;
    }

    /** @return entries below the newest durable mark that the log keeps. */
    public long catchUpEntries()
    {
        return catchUpEntries;
    }

    /**
     * @param value entries below the newest durable mark that the log keeps.
     * @return this.
     */
    public NodeContext catchUpEntries(final long value)
    {
        checkOpen();
        catchUpEntries = value;
        return this;
    }

    /** @return refuse membership changes that could cost the quorum. */
    public boolean isStrictReconfigCheck()
    {
        return isStrictReconfigCheck;
    }

    /**
     * @param value refuse membership changes that could cost the quorum.
     * @return this.
     */
    public NodeContext isStrictReconfigCheck(final boolean value)
    {
        checkOpen();
        isStrictReconfigCheck = value;
        return this;
    }

    /** @return most learners at a time. */
    public int maxLearners()
    {
        return maxLearners;
    }

    /**
     * @param value most learners at a time.
     * @return this.
     */
    public NodeContext maxLearners(final int value)
    {
        checkOpen();
        maxLearners = value;
        return this;
    }

    /**
     * @return quota over the files of the store, bytes; negative for none.
     */
    public long quotaBytes()
    {
        return quotaBytes;
    }

    /**
     * @param value quota over the files of the store, bytes; negative for none.
     * @return this.
     */
    public NodeContext quotaBytes(final long value)
    {
        checkOpen();
        quotaBytes = value;
        return this;
    }

    /** @return true: retention is an age, false: a number of revisions. */
    public boolean isAutoCompactionPeriodic()
    {
        return isAutoCompactionPeriodic;
    }

    /**
     * @param value true: retention is an age, false: a number of revisions.
     * @return this.
     */
    public NodeContext isAutoCompactionPeriodic(final boolean value)
    {
        checkOpen();
        isAutoCompactionPeriodic = value;
        return this;
    }

    /** @return ns or revisions; 0 switches automatic compaction off. */
    public long autoCompactionRetention()
    {
        return autoCompactionRetention;
    }

    /**
     * @param value ns or revisions; 0 switches automatic compaction off.
     * @return this.
     */
    public NodeContext autoCompactionRetention(final long value)
    {
        checkOpen();
        autoCompactionRetention = value;
        return this;
    }

    /** @return interval of watch progress notifications, ns. */
    public long progressNotifyIntervalNs()
    {
        return progressNotifyIntervalNs;
    }

    /**
     * @param value interval of watch progress notifications, ns.
     * @return this.
     */
    public NodeContext progressNotifyIntervalNs(final long value)
    {
        checkOpen();
        progressNotifyIntervalNs = value;
        return this;
    }

    /** @return true: nothing is synced and nothing survives a power loss. */
    public boolean isUnsafeNoFsync()
    {
        return isUnsafeNoFsync;
    }

    /**
     * @param value true: nothing is synced and nothing survives a power loss.
     * @return this.
     */
    public NodeContext isUnsafeNoFsync(final boolean value)
    {
        checkOpen();
        isUnsafeNoFsync = value;
        return this;
    }

    /** @return sizes of the store. */
    public StoreContext storeContext()
    {
        return storeContext;
    }

    /**
     * @param value sizes of the store.
     * @return this.
     */
    public NodeContext storeContext(final StoreContext value)
    {
        checkOpen();
        storeContext = value;
        return this;
    }

    /** @return sizes of the log. */
    public LogContext logContext()
    {
        return logContext;
    }

    /**
     * @param value sizes of the log.
     * @return this.
     */
    public NodeContext logContext(final LogContext value)
    {
        checkOpen();
        logContext = value;
        return this;
    }

    /** @return members of the cluster that a joining member listens to until it has a configuration of its own. */
    public List<Member> knownPeers()
    {
        return knownPeers;
    }

    /**
     * @param value members of the cluster that a joining member listens to until it has a configuration of its own.
     * @return this.
     */
    public NodeContext knownPeers(final List<Member> value)
    {
        checkOpen();
        knownPeers = value;
        return this;
    }

    /** @return true: the data directory is being made, so files may be missing. */
    public boolean isNewDirectory()
    {
        return isNewDirectory;
    }

    /**
     * @param value true: the data directory is being made, so files may be missing.
     * @return this.
     */
    public NodeContext isNewDirectory(final boolean value)
    {
        checkOpen();
        isNewDirectory = value;
        return this;
    }

    /** @return true: the directory being made holds a copy of a store, from which a new cluster begins. */
    public boolean isFoundedOnStore()
    {
        return isFoundedOnStore;
    }

    /**
     * @param value true: the directory being made holds a copy of a store, from which a new cluster begins.
     * @return this.
     */
    public NodeContext isFoundedOnStore(final boolean value)
    {
        checkOpen();
        isFoundedOnStore = value;
        return this;
    }

    /** @return true: the other members are lost, and this one goes on without them. */
    public boolean isAlone()
    {
        return isAlone;
    }

    /**
     * @param value true: the other members are lost, and this one goes on without them.
     * @return this.
     */
    public NodeContext isAlone(final boolean value)
    {
        checkOpen();
        isAlone = value;
        return this;
    }

    private void checkOpen()
    {
        check(!isConcluded, "context is concluded");
    }

    private static void check(final boolean isMet, final String message)
    {
        if (!isMet)
        {
            throw new IllegalStateException(message);
        }
    }

    @Override
    public String toString()
    {
        return "NodeContext{memberId=" + Long.toHexString(memberId) + ", clusterId=" + Long.toHexString(clusterId) +
            ", name='" + name + "', heartbeatIntervalNs=" + heartbeatIntervalNs +
            ", electionTimeoutNs=" + electionTimeoutNs + ", maxPayloadLength=" + maxPayloadLength +
            ", quotaBytes=" + quotaBytes + ", snapshotCount=" + snapshotCount + ", catchUpEntries=" + catchUpEntries +
            ", isUnsafeNoFsync=" + isUnsafeNoFsync + '}';
    }
}
