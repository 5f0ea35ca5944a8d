package dev.quorate.server.member;

import dev.quorate.core.api.ClientPort;
import dev.quorate.core.log.LogContext;
import dev.quorate.core.node.Node;
import dev.quorate.core.node.NodeContext;
import dev.quorate.core.peer.PeerCounters;
import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.Signal;
import dev.quorate.core.seam.StorageFault;
import dev.quorate.core.session.LoopSession;
import dev.quorate.core.session.SessionContext;
import dev.quorate.core.session.StoreLeases;
import dev.quorate.core.session.StoreState;
import dev.quorate.core.store.StoreContext;
import dev.quorate.core.watch.WatchAgent;
import dev.quorate.core.watch.WatchContext;
import dev.quorate.gateway.Gateway;
import dev.quorate.gateway.GatewayContext;
import dev.quorate.server.disk.DataDirectory;
import dev.quorate.server.disk.FileDisk;
import dev.quorate.server.flags.FlagException;
import dev.quorate.server.thread.AgentThread;
import dev.quorate.server.thread.ParkWaiter;
import dev.quorate.server.thread.Waiter;
import dev.quorate.transport.AeronPeerLink;
import dev.quorate.transport.AeronSnapshotLink;
import dev.quorate.transport.CoreWaiter;
import dev.quorate.transport.DriverThreading;
import dev.quorate.transport.TransportContext;
import org.agrona.BitUtil;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * One running member: opened, started, stopped by the main thread.
 */
public final class QuorateMember
{
    private static final Logger LOG = LoggerFactory.getLogger(QuorateMember.class);
    private static final long CORE_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long DEDICATED_WAIT_NS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long COLD_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long COLD_MAX_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LOG_SYNC_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LOG_SYNC_MAX_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(400);
    private static final int CORE_SPINS = 0;
    private static final int COMMAND_OVERHEAD = 512 * 1024;
    private static final int RING_CAPACITY = 1024 * 1024;
    private static final long STOP_TIMEOUT_MS = 2_000;
    private static final long FINISH_TIMEOUT_MS = 800;

    private final MemberConfig config;
    private final DataDirectory directory;
    private final ErrorHandler errorHandler;
    private final Clock clock = ServerSeams.CLOCK;
    private final NodeState state = new NodeState();
    private final List<AgentThread> threads = new ArrayList<>();
    private volatile boolean stopRequested;
    private volatile boolean handedOver;
    private Signal signalCore = Signal.NONE;
    private ClientPort[] ports;
    private Node node;
    private Gateway gateway;
    private LiveMember member;
    private MembersEndpoint membersEndpoint;
    private CoreWaiter coreWaiter;
    private long memberId;
    private RemovalCheck removalCheck;
    private boolean isFoundRemoved;

    private QuorateMember(
        final MemberConfig config, final DataDirectory directory, final ErrorHandler errorHandler)
    {
        this.config = config;
        this.directory = directory;
        this.errorHandler = errorHandler;
    }

    /**
     * Opens a member and starts its agents; clients are served from {@link #serve()} on.
     *
     * @param config       of the member.
     * @param errorHandler ends the process; called by whichever thread failed.
     * @return the member.
     * @throws FlagException     if the flags do not fit to each other or to the cluster.
     * @throws IOException       if the data directory or a port cannot be used.
     * @throws DiskFullException if the disk has no room for the first files.
     */
    public static QuorateMember start(final MemberConfig config, final ErrorHandler errorHandler)
        throws FlagException, IOException, DiskFullException
    {
        final DataDirectory directory = DataDirectory.lock(config.dataDirectory());
        final QuorateMember member = new QuorateMember(config, directory, errorHandler);
        member.open();
        return member;
    }

    /**
     * Waits until this member may serve, then binds the client URLs; returns at once if the member was removed, or
     * shall stop.
     *
     * @param isStopping true once the member shall stop; asked between the waits.
     * @return true if clients are served.
     */
    public boolean serve(final BooleanSupplier isStopping)
    {
        while (!isReady())
        {
            if (isStopping.getAsBoolean() || isRemoved())
            {
                return false;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        member.ready();
        gateway.start(ports);
        LOG.atInfo().addKeyValue("local-member-id", Long.toHexString(memberId))
            .addKeyValue("local-member-attributes", "{Name:" + config.name() + " ClientURLs:" +
            config.advertiseClientUrls() + "}").log("published local member to cluster through raft");
        for (final InetSocketAddress address : gateway.clientAddresses())
        {
            LOG.atInfo().addKeyValue("address", Urls.endpoint(address)).log("ready to serve client requests");
        }
        return true;
    }

    /**
     * Asks other members now and then if no leader is known, which may block for some seconds; main thread.
     *
     * @return true once this member was removed from its cluster.
     */
    public boolean isRemoved()
    {
        isFoundRemoved = isFoundRemoved || 0 != state.get(NodeState.Value.IS_REMOVED) ||
            removalCheck.isRemoved(state.get(NodeState.Value.LEADER_ID), node.directories().members().members());
        return isFoundRemoved;
    }

    /**
     * Stops in order: leadership is handed over, calls end, agents stop, files are closed.
     *
     * @throws IOException if the lock cannot be given back.
     */
    public void stop() throws IOException
    {
        stopRequested = true;
        signalCore.signal();
        final long deadlineNs = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STOP_TIMEOUT_MS);
        while (!handedOver && clock.nanoTime() - deadlineNs < 0)
        {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        gateway.stop(TimeUnit.MILLISECONDS.toNanos(500));
        // Housekeeping, the last, first: it has a client at the media driver, which ends with the core.
        boolean isStopped = threads.getLast().stop(STOP_TIMEOUT_MS);
        for (final AgentThread thread : threads)
        {
            isStopped &= thread.stop(STOP_TIMEOUT_MS);
        }
        membersEndpoint.close();
        if (isStopped)
        {
            finish();
            node.close();
        }
        coreWaiter.close();
        directory.close();
    }

    /** What fails here has no client and costs the next start some time at most. */
    private void finish()
    {
        try
        {
            final boolean isDone = node.finish(TimeUnit.MILLISECONDS.toNanos(FINISH_TIMEOUT_MS));
            LOG.atInfo().addKeyValue("complete", isDone).log("wrote out the store");
        }
        catch (final StorageFault ex)
        {
            LOG.atWarn().addKeyValue("error", ex).log("cannot write out the store");
        }
    }

    private boolean isReady()
    {
        final dev.quorate.core.machine.Member self = node.directories().members().member(memberId);
        return null != self && self.isStarted() && 0 != state.get(NodeState.Value.LEADER_ID) &&
            node.directories().members().hasClusterVersion();
    }

    private void open() throws FlagException, IOException, DiskFullException
    {
        checkPorts(config);
        final FileDisk disk = new FileDisk(config.dataDirectory(), !config.isUnsafeNoFsync());
        final Identities identities = Identities.establish(config, disk);
        memberId = identities.identity().memberId();
        final LogMonitor monitor = new LogMonitor(LOG, memberId);
        coreWaiter = new CoreWaiter();
        final Waiter core = config.isDedicated() ? new ParkWaiter() : new CoreThreadWaiter(coreWaiter);
        final Waiter logSync = new ParkWaiter();
        final Waiter cold = new ParkWaiter();
        final Waiter apply = config.isDedicated() ? new ParkWaiter() : core;
        final Waiter watch = config.isDedicated() ? new ParkWaiter() : core;
        signalCore = core;
        final Signal loopsToCore = config.isDedicated() ? () ->
        {
            core.signal();
            watch.signal();
        } : core;
        final int maxPayload = config.maxRequestBytes() + COMMAND_OVERHEAD;
        final int ringCapacity = BitUtil.findNextPositivePowerOfTwo(8 * maxPayload);
        DirectMemory.check(config.eventLoops(), ringCapacity, DirectMemory.limit());
        final LoopRings[] loops = loopRings(ringCapacity);
        final TransportContext transport = transportContext(monitor);
        final PeerCounters peerCounters = new PeerCounters();
        final NodeContext context = new NodeContext()
            .memberId(memberId)
            .clusterId(identities.identity().clusterId())
            .name(config.name())
            .clientUrls(config.advertiseClientUrls())
            .disk(disk)
            .clock(clock)
            .rng(ServerSeams.rng())
            .isNewDirectory(identities.isNew())
            .isFoundedOnStore(identities.isFoundedOnStore())
            .isAlone(identities.isAlone())
            .knownPeers(identities.knownPeers())
            .peerLink(peerLink(transport.conclude()))
            .snapshotLink(new AeronSnapshotLink(transport, clock))
            .peerMonitor(monitor)
            .peerCounters(peerCounters)
            .monitor(monitor)
            .state(state)
            .loops(loops)
            .coreSignal(core)
            .applySignal(config.isDedicated() ? apply : Signal.NONE)
            .watchSignal(config.isDedicated() ? watch : Signal.NONE)
            .logSyncSignal(logSync)
            .housekeepingSignal(cold)
            .heartbeatIntervalNs(config.heartbeatNs())
            .electionTimeoutNs(config.electionNs())
            .maxPayloadLength(maxPayload)
            .commandRingCapacity(ringCapacity)
            .snapshotCount(config.snapshotCount())
            .catchUpEntries(config.catchUpEntries())
            .isStrictReconfigCheck(config.isStrictReconfig())
            .maxLearners(config.maxLearners())
            .quotaBytes(config.quotaBytes())
            .isAutoCompactionPeriodic(config.isCompactionPeriodic())
            .autoCompactionRetention(config.compactionRetention())
            .progressNotifyIntervalNs(config.progressNotifyNs())
            .isUnsafeNoFsync(config.isUnsafeNoFsync())
            .storeContext(new StoreContext())
            .logContext(new LogContext())
            .conclude();
        LOG.atInfo().addKeyValue("config", config).addKeyValue("context", context).log("starting a member");
        final long openNs = clock.nanoTime();
        node = Node.open(context, identities.initialMembers());
        logRecovered(clock.nanoTime() - openNs);
        if (!identities.isAlone())
        {
            checkOwner();
        }
        removalCheck = new RemovalCheck(identities.identity().clusterId(), memberId, clock);
        if (identities.isNew())
        {
            completeDirectory(identities, disk);
        }
        startGateway(loops, loopsToCore, cold, peerCounters, identities.identity().clusterId());
        startThreads(core, apply, watch, logSync, cold, loops);
        membersEndpoint = new MembersEndpoint(
            config.listenPeer(), identities.identity().clusterId(), node.directories(), state);
    }

    private LoopRings[] loopRings(final int ringCapacity)
    {
        final LoopRings[] loops = new LoopRings[config.eventLoops()];
        for (int i = 0; i < loops.length; i++)
        {
            loops[i] = new LoopRings(i, ringCapacity, RING_CAPACITY);
        }

        return loops;
    }

    private TransportContext transportContext(final LogMonitor monitor)
    {
        final TransportContext transport = new TransportContext()
            .dataDirectory(config.dataDirectory())
            .listenEndpoint(Urls.endpoint(config.listenPeer()))
            .threading(config.isDedicated() ? DriverThreading.DEDICATED : DriverThreading.CORE)
            .monitor(monitor);
        if (!config.isDedicated())
        {
            transport.waiter(coreWaiter);
        }
        if (null != config.aeronDirectory())
        {
            transport.aeronDirectory(config.aeronDirectory());
        }

        return transport;
    }

    private void logRecovered(final long tookNs)
    {
        LOG.atInfo()
            .addKeyValue("raft-index", node.store().raftIndex())
            .addKeyValue("revision", node.store().visibleRevision())
            .addKeyValue("keys", node.store().liveKeys())
            .addKeyValue("end-position", node.store().bound())
            .addKeyValue("index-checkpoint-position", node.store().housekeeping().rolledFromLp())
            .addKeyValue("took-ms", TimeUnit.NANOSECONDS.toMillis(tookNs))
            .log("recovered log and store");
    }

    /**
     * A copy of another member's directory would speak in that member's name: it is told by the peer URLs of these
     * flags, which the directory knows as those of a third one.
     */
    private void checkOwner() throws FlagException
    {
        for (final dev.quorate.core.machine.Member other : node.directories().members().members())
        {
            if (other.id() != memberId && other.peerUrls().equals(config.advertisePeerUrls()))
            {
                throw new FlagException(1, "data directory " + config.dataDirectory() + " is that of member " +
                    Long.toHexString(memberId) + ", but --initial-advertise-peer-urls=" +
                    String.join(",", config.advertisePeerUrls()) + " are those of member " +
                    Long.toHexString(other.id()) + ": start each member on its own directory");
            }
        }
    }

    /**
     * The first entries are durable before the directory gets its identity, and that before any agent runs.
     */
    private void completeDirectory(final Identities identities, final FileDisk disk)
    {
        while (node.log().durablePosition() < node.log().appendedPosition())
        {
            node.logSync().doWork();
        }
        identities.identity().complete(disk);
    }

    private AeronPeerLink peerLink(final TransportContext transport) throws IOException
    {
        try
        {
            return new AeronPeerLink(transport, clock);
        }
        catch (final RuntimeException ex)
        {
            throw new IOException("cannot listen on UDP " + Urls.endpoint(config.listenPeer()) +
                " for peers: " + ex.getMessage().lines().findFirst().orElse("") +
                "; free the port or choose another --listen-peer-urls", ex);
        }
    }

    /**
     * Ports are bound much later, the peer port on a thread of its own, those of clients when there is a leader: what
     * can be said now is said in one line, before anything is written.
     */
    private static void checkPorts(final MemberConfig config) throws IOException
    {
        checkTcp("listen-peer-urls", config.listenPeer());
        try (DatagramSocket udp = new DatagramSocket(config.listenPeer()))
        {
            LOG.debug("UDP port for peers is free: {}", udp.getLocalSocketAddress());
        }
        catch (final IOException ex)
        {
            throw inUse("UDP", "listen-peer-urls", config.listenPeer(), ex);
        }
        for (final InetSocketAddress address : config.listenClient())
        {
            checkTcp("listen-client-urls", address);
        }
        for (final InetSocketAddress address : config.listenMetrics())
        {
            checkTcp("listen-metrics-urls", address);
        }
    }

    private static void checkTcp(final String flag, final InetSocketAddress address) throws IOException
    {
        try (ServerSocket tcp = new ServerSocket(address.getPort(), 1, address.getAddress()))
        {
            LOG.debug("TCP port is free: {}", tcp.getLocalSocketAddress());
        }
        catch (final IOException ex)
        {
            throw inUse("TCP", flag, address, ex);
        }
    }

    private static IOException inUse(
        final String protocol, final String flag, final InetSocketAddress address, final IOException cause)
    {
        return new IOException("cannot listen on " + protocol + " " + Urls.endpoint(address) + ": " +
            cause.getMessage() + "; free the port or choose another --" + flag, cause);
    }

    private void startGateway(
        final LoopRings[] loops,
        final Signal core,
        final Signal cold,
        final PeerCounters peerCounters,
        final long clusterId)
    {
        member = new LiveMember(memberId, config.quotaBytes(), node.store());
        final GatewayContext context = new GatewayContext()
            .clientAddresses(config.listenClient())
            .metricsAddresses(config.listenMetrics())
            .loops(loops.length)
            .clock(clock)
            .nodeState(state)
            .member(member)
            .errorHandler(errorHandler)
            .histograms(MemberMetrics.histograms(
                node.logSync().syncDurations(), node.store().housekeeping().forceDurations()))
            .metricSources(MemberMetrics.sources(memberId, peerCounters, loops, state))
            .maxRequestBytes(config.maxRequestBytes())
            .maxConcurrentStreams(config.maxConcurrentStreams());
        config.clientPort().apply(context).conclude();
        gateway = new Gateway(context);
        ports = new ClientPort[loops.length];
        for (int i = 0; i < loops.length; i++)
        {
            loops[i].signals(core, cold, gateway.signal(i));
            ports[i] = new LoopSession(new SessionContext()
                .rings(loops[i])
                .nodeState(state)
                .state(new StoreState(node.store()))
                .directories(node.directories())
                .leases(new StoreLeases(node.store().newLeaseIds()))
                .clock(clock)
                .rng(ServerSeams.rng())
                .clusterId(clusterId)
                .memberId(memberId)
                .bootId(node.log().termFile().bootId())
                .maxRequestBytes(config.maxRequestBytes())
                .maxTxnOps(config.maxTxnOps())
                .quotaBytes(config.quotaBytes())
                .heartbeatNs(config.heartbeatNs())
                .electionTimeoutNs(config.electionNs())
                .serverVersion(Version.ETCD)
                .storageVersion(Version.STORAGE)
                .conclude());
        }
        gateway.startMetrics();
    }

    private void startThreads(
        final Waiter core,
        final Waiter apply,
        final Waiter watch,
        final Waiter logSync,
        final Waiter cold,
        final LoopRings[] loops)
    {
        final Agent watchAgent = new WatchAgent(new WatchContext()
            .store(node.store())
            .loops(loops)
            .nodeState(state)
            .clock(clock)
            .rng(ServerSeams.rng())
            .progressNotifyIntervalNs(config.progressNotifyNs())
            .conclude());
        final Agent consensus = new StoppableConsensus();
        // Nothing wakes consensus on a datagram when the driver has threads of its own: it looks often.
        final long coreWaitNs = config.isDedicated() ? DEDICATED_WAIT_NS : CORE_WAIT_NS;
        final long coreMaxWaitNs = config.isDedicated() ? DEDICATED_WAIT_NS : CoreWaiter.MAX_WAIT_NS;
        final int spins = config.isSpinning() ? Integer.MAX_VALUE : CORE_SPINS;
        if (config.isDedicated())
        {
            add("consensus", core, coreWaitNs, coreMaxWaitNs, spins, consensus);
            add("apply", apply, CORE_WAIT_NS, CoreWaiter.MAX_WAIT_NS, CORE_SPINS, node.apply());
            add("watch", watch, CORE_WAIT_NS, CoreWaiter.MAX_WAIT_NS, CORE_SPINS, watchAgent);
        }
        else
        {
            add("core", core, coreWaitNs, coreMaxWaitNs, spins, consensus, node.apply(), watchAgent);
        }
        add("log-sync", logSync, LOG_SYNC_WAIT_NS, LOG_SYNC_MAX_WAIT_NS, CORE_SPINS, node.logSync());
        add("housekeeping", cold, COLD_WAIT_NS, COLD_MAX_WAIT_NS, 0, node.housekeeping());
        threads.forEach(AgentThread::start);
    }

    private void add(
        final String name,
        final Waiter waiter,
        final long firstWaitNs,
        final long maxWaitNs,
        final int spins,
        final Agent... agents)
    {
        threads.add(new AgentThread(name, agents, waiter, firstWaitNs, maxWaitNs, spins, errorHandler));
    }

    /**
     * The consensus agent with the main thread's request to stop.
     */
    private final class StoppableConsensus implements Agent
    {
        @Override
        public void onStart()
        {
            node.consensus().onStart();
        }

        @Override
        public int doWork()
        {
            final int work = node.consensus().doWork();
            if (stopRequested && !handedOver)
            {
                node.consensus().stop();
                handedOver = node.consensus().isStopped();
            }
            return work;
        }

        @Override
        public void onClose()
        {
            node.consensus().onClose();
        }

        @Override
        public String roleName()
        {
            return "consensus";
        }
    }
}
