package dev.quorate.core.peer;

import dev.quorate.core.codec.peer.HelloAnswerEncoder;
import dev.quorate.core.codec.peer.HelloDecoder;
import dev.quorate.core.codec.peer.HelloEncoder;
import dev.quorate.core.codec.peer.HelloRequestEncoder;
import dev.quorate.core.codec.peer.MessageHeaderEncoder;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.PeerLink;
import java.util.ArrayList;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The peers, their sessions, and the hello that binds the two: on each new outgoing session it is the first message,
 * and it is repeated until answered; on each incoming session nothing else is heard before it. Consensus thread.
 */
public final class PeerRegistry
{
    /** Version of the messages that this member speaks. */
    public static final int PROTOCOL_VERSION = 3;
    /** A hello without an answer is repeated after this, nanoseconds. */
    public static final long HELLO_INTERVAL_NS = 100_000_000L;
    /** While a peer is unheard, this long passes between two reports, nanoseconds. */
    public static final long UNHEARD_REPORT_INTERVAL_NS = 10_000_000_000L;
    /** Most incoming sessions kept at a time. */
    public static final int MAX_SESSIONS = 256;

    private static final int SCRATCH_LENGTH = 256;

    private final PeerLink link;
    private final Clock clock;
    private final PeerIdentity self;
    private final StoreBindings bindings;
    private final PeerEvents events;
    private final PeerMonitor monitor;
    private final PeerCounters counters;
    private final int maxEntryLength;

    private final Long2ObjectHashMap<Peer> peerByMemberId = new Long2ObjectHashMap<>();
    private final ArrayList<Peer> peers = new ArrayList<>();
    private final Long2ObjectHashMap<IncomingSession> sessions = new Long2ObjectHashMap<>();
    private final RoundTripProbes probes = new RoundTripProbes(this);
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[SCRATCH_LENGTH]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final HelloEncoder hello = new HelloEncoder();
    private final HelloAnswerEncoder helloAnswer = new HelloAnswerEncoder();
    private final HelloRequestEncoder helloRequest = new HelloRequestEncoder();

    /**
     * @param link           to the peers.
     * @param clock          of the member.
     * @param self           this member.
     * @param bindings       stores of the members.
     * @param events         receiver of what peers say.
     * @param monitor        of events for the member's log.
     * @param counters       to count in.
     * @param maxEntryLength longest payload of an entry, bytes: what is longer is not put together.
     */
    public PeerRegistry(
        final PeerLink link,
        final Clock clock,
        final PeerIdentity self,
        final StoreBindings bindings,
        final PeerEvents events,
        final PeerMonitor monitor,
        final PeerCounters counters,
        final int maxEntryLength)
    {
        if (maxEntryLength <= 0)
        {
            throw new IllegalArgumentException("maxEntryLength=" + maxEntryLength);
        }
        this.link = link;
        this.clock = clock;
        this.self = self;
        this.bindings = bindings;
        this.events = events;
        this.monitor = monitor;
        this.counters = counters;
        this.maxEntryLength = maxEntryLength;
    }

    /**
     * Begins to talk to a member, or goes on at another endpoint.
     *
     * @param memberId of the peer, not of this member.
     * @param endpoint host and port of its peer URL.
     */
    public void addPeer(final long memberId, final String endpoint)
    {
        if (memberId == 0 || memberId == self.memberId())
        {
            throw new IllegalArgumentException("no peer: " + Long.toHexString(memberId));
        }
        final Peer known = peerByMemberId.get(memberId);
        if (known == null)
        {
            final Peer peer = new Peer(
                memberId, endpoint, counters.allocate(memberId), maxEntryLength, clock.nanoTime());
            peerByMemberId.put(memberId, peer);
            peers.add(peer);
        }
        else
        {
            known.endpoint = endpoint;
        }
        link.addPeer(memberId, endpoint);
    }

    /**
     * Ceases to talk to a member and to hear it.
     *
     * @param memberId of the peer; unknown ones are ignored.
     */
    public void removePeer(final long memberId)
    {
        final Peer peer = peerByMemberId.remove(memberId);
        if (peer != null)
        {
            peers.remove(peer);
            counters.free(peer.slot);
            link.removePeer(memberId);
        }
    }

    /**
     * @param memberId of the peer.
     * @return true if both directions of the control class are open.
     */
    public boolean isConnected(final long memberId)
    {
        final Peer peer = peerByMemberId.get(memberId);

        return peer != null && peer.isConnected();
    }

    /**
     * @param memberId of the peer.
     * @return its boot as heard last, 0 if it was never heard.
     */
    public long bootId(final long memberId)
    {
        final Peer peer = peerByMemberId.get(memberId);

        return peer == null ? 0 : peer.bootId;
    }

    /**
     * Says hello where it is due, probes round trips and reports peers that are not heard. To be called each turn.
     *
     * @param nowNs monotonic time of the turn.
     * @return how many messages were sent.
     */
    public int doWork(final long nowNs)
    {
        int workCount = 0;
        for (int i = 0, size = peers.size(); i < size; i++)
        {
            final Peer peer = peers.get(i);
            for (int streamClass = 0; streamClass < PeerLink.CLASS_COUNT; streamClass++)
            {
                workCount += helloDuty(peer, streamClass, nowNs);
            }
            watchOver(peer, nowNs);
            workCount += probes.doWork(peer, nowNs);
        }

        return workCount;
    }

    PeerLink link()
    {
        return link;
    }

    Clock clock()
    {
        return clock;
    }

    PeerIdentity self()
    {
        return self;
    }

    PeerCounters counters()
    {
        return counters;
    }

    RoundTripProbes probes()
    {
        return probes;
    }

    Peer peer(final long memberId)
    {
        return peerByMemberId.get(memberId);
    }

    /**
     * @return true if the peer has answered the hello of the present outgoing session: what is sent now is heard.
     */
    boolean isHeardBy(final Peer peer, final int streamClass)
    {
        return openSession(peer, streamClass) && peer.isHelloAnswered[streamClass];
    }

    /**
     * Sends a message, after a hello if the session is new.
     *
     * @return as {@link PeerLink#offer}.
     */
    int transmit(
        final Peer peer, final int streamClass, final DirectBuffer buffer, final int offset, final int length)
    {
        if (!openSession(peer, streamClass))
        {
            counters.add(peer.slot, PeerCounters.Value.SEND_FAILURES, 1);
            return PeerLink.NOT_CONNECTED;
        }

        return offer(peer, streamClass, buffer, offset, length);
    }

    /**
     * Finds who talks on a session, and asks for a hello if nobody knows.
     *
     * @return the peer, or null if the message is to be dropped; the drop was counted.
     */
    Peer speaker(final long sessionId, final int streamClass, final long from)
    {
        final IncomingSession session = session(sessionId, from);
        if (session == null)
        {
            return null;
        }
        if (session.peer == null)
        {
            counters.drop(PeerDrop.UNBOUND_SESSION);
            askForHello(session, streamClass, from);
            return null;
        }
        if (session.peer.memberId != from)
        {
            dropped(session.peer, PeerDrop.WRONG_MEMBER);
            return null;
        }
        final Peer known = peerByMemberId.get(from);
        if (known == null)
        {
            counters.drop(PeerDrop.UNKNOWN_MEMBER);
            return null;
        }
        if (session.peer != known)
        {
            // It was removed and added again meanwhile, and was told long ago that its hello is known.
            session.peer = null;
            counters.drop(PeerDrop.UNBOUND_SESSION);
            askForHello(session, streamClass, from);
            return null;
        }
        if (session.peer.incomingSession[streamClass] != sessionId)
        {
            // The one bound in its place may be gone: a hello on what the peer uses now decides.
            dropped(session.peer, PeerDrop.SUPERSEDED_SESSION);
            askForHello(session, streamClass, from);
            return null;
        }

        return session.peer;
    }

    /**
     * Binds a session to who said hello on it, if all is right.
     */
    void onHello(final long sessionId, final int streamClass, final HelloDecoder message)
    {
        final long from = message.from();
        final IncomingSession session = session(sessionId, from);
        if (session == null)
        {
            return;
        }
        if (message.clusterId() != self.clusterId())
        {
            refuse(sessionId, from, PeerDrop.WRONG_CLUSTER);
            return;
        }
        final Peer peer = peerByMemberId.get(from);
        if (peer == null)
        {
            counters.drop(PeerDrop.UNKNOWN_MEMBER);
            return;
        }
        if (message.protocolVersion() != PROTOCOL_VERSION)
        {
            refuse(sessionId, from, PeerDrop.WRONG_PROTOCOL);
            return;
        }
        if (message.bootId() <= 0 || message.epoch() <= 0 || message.streamClass() != streamClass)
        {
            dropped(peer, PeerDrop.MALFORMED);
            return;
        }
        if (isOfAnotherStore(peer, message.storeId()))
        {
            refuse(sessionId, from, PeerDrop.WRONG_STORE);
            return;
        }
        if (message.bootId() < peer.bootId ||
            message.bootId() == peer.bootId && message.epoch() < peer.incomingEpoch[streamClass])
        {
            dropped(peer, PeerDrop.OLD_BOOT);
            return;
        }
        bind(session, peer, streamClass, message.storeId(), message.bootId(), message.epoch());
        answerHello(peer, streamClass, message.bootId(), message.epoch());
    }

    void onHelloAnswer(final Peer peer, final long bootId, final long epoch, final int streamClass)
    {
        if (streamClass >= PeerLink.CLASS_COUNT || bootId != self.bootId() ||
            epoch != peer.outgoingEpoch[streamClass])
        {
            dropped(peer, PeerDrop.OLD_BOOT);
            return;
        }
        if (!peer.isHelloAnswered[streamClass] && peer.isHelloSent[streamClass])
        {
            peer.isHelloAnswered[streamClass] = true;
            if (streamClass == PeerLink.BULK)
            {
                events.onPeerSession(peer.memberId, peer.bootId);
            }
        }
    }

    void onHelloRequest(final Peer peer, final int streamClass)
    {
        if (streamClass >= PeerLink.CLASS_COUNT)
        {
            dropped(peer, PeerDrop.MALFORMED);
            return;
        }
        peer.isHelloSent[streamClass] = false;
        peer.isHelloAnswered[streamClass] = false;
        openSession(peer, streamClass);
    }

    void onSessionDown(final long sessionId)
    {
        final IncomingSession session = sessions.remove(sessionId);
        if (session != null && session.peer != null)
        {
            for (int streamClass = 0; streamClass < PeerLink.CLASS_COUNT; streamClass++)
            {
                if (session.peer.incomingSession[streamClass] == sessionId)
                {
                    session.peer.incomingSessionEnded(streamClass);
                }
            }
        }
    }

    void dropped(final Peer peer, final PeerDrop cause)
    {
        counters.drop(cause);
        counters.add(peer.slot, PeerCounters.Value.RECEIVE_FAILURES, 1);
    }

    private int helloDuty(final Peer peer, final int streamClass, final long nowNs)
    {
        final boolean wasSent = peer.isHelloSent[streamClass];
        if (!openSession(peer, streamClass))
        {
            return 0;
        }
        if (wasSent && peer.isHelloSent[streamClass] && !peer.isHelloAnswered[streamClass] &&
            nowNs - peer.helloAtNs[streamClass] >= HELLO_INTERVAL_NS)
        {
            sendHello(peer, streamClass);
            return 1;
        }

        return wasSent ? 0 : 1;
    }

    private void watchOver(final Peer peer, final long nowNs)
    {
        if (peer.isConnected())
        {
            counters.set(peer.slot, PeerCounters.Value.CONNECTED, 1);
            if (peer.isReported)
            {
                peer.isReported = false;
                monitor.onPeerHeard(peer.memberId, nowNs - peer.unheardSinceNs);
            }
            peer.unheardSinceNs = nowNs;
            peer.reportedAtNs = nowNs;
        }
        else
        {
            counters.set(peer.slot, PeerCounters.Value.CONNECTED, 0);
            if (nowNs - peer.reportedAtNs >= UNHEARD_REPORT_INTERVAL_NS)
            {
                peer.isReported = true;
                peer.reportedAtNs = nowNs;
                monitor.onPeerUnheard(peer.memberId, peer.endpoint, nowNs - peer.unheardSinceNs);
            }
        }
    }

    /**
     * @return true if there is a session and its hello went out first.
     */
    private boolean openSession(final Peer peer, final int streamClass)
    {
        final long session = link.outgoingSession(peer.memberId, streamClass);
        if (session != peer.outgoingSession[streamClass])
        {
            peer.newOutgoingSession(streamClass, session);
        }

        return session != 0 && (peer.isHelloSent[streamClass] || sendHello(peer, streamClass));
    }

    private boolean sendHello(final Peer peer, final int streamClass)
    {
        hello.wrapAndApplyHeader(scratch, 0, header)
            .from(self.memberId())
            .to(peer.memberId)
            .clusterId(self.clusterId())
            .storeId(self.storeId())
            .bootId(self.bootId())
            .epoch(peer.outgoingEpoch[streamClass])
            .protocolVersion(PROTOCOL_VERSION)
            .streamClass((short)streamClass);
        peer.helloAtNs[streamClass] = clock.nanoTime();
        if (offer(peer, streamClass, scratch, 0, hello.limit()) != PeerLink.ACCEPTED)
        {
            return false;
        }
        peer.isHelloSent[streamClass] = true;

        return true;
    }

    private void answerHello(final Peer peer, final int streamClass, final long bootId, final long epoch)
    {
        if (openSession(peer, PeerLink.CONTROL))
        {
            helloAnswer.wrapAndApplyHeader(scratch, 0, header)
                .from(self.memberId())
                .to(peer.memberId)
                .bootId(bootId)
                .epoch(epoch)
                .streamClass((short)streamClass);
            offer(peer, PeerLink.CONTROL, scratch, 0, helloAnswer.limit());
        }
    }

    private void askForHello(final IncomingSession session, final int streamClass, final long from)
    {
        final long nowNs = clock.nanoTime();
        final Peer peer = peerByMemberId.get(from);
        if (peer == null || session.isAsked && nowNs - session.askedAtNs < HELLO_INTERVAL_NS)
        {
            return;
        }
        session.isAsked = true;
        session.askedAtNs = nowNs;
        if (openSession(peer, PeerLink.CONTROL))
        {
            helloRequest.wrapAndApplyHeader(scratch, 0, header)
                .from(self.memberId())
                .to(from)
                .streamClass((short)streamClass);
            offer(peer, PeerLink.CONTROL, scratch, 0, helloRequest.limit());
        }
    }

    private int offer(
        final Peer peer, final int streamClass, final DirectBuffer buffer, final int offset, final int length)
    {
        final int result = link.offer(peer.memberId, streamClass, buffer, offset, length, null, 0, 0);
        if (result == PeerLink.ACCEPTED)
        {
            counters.add(peer.slot, PeerCounters.Value.SENT_BYTES, length);
            counters.add(peer.slot, PeerCounters.Value.SENT_MESSAGES, 1);
        }
        else
        {
            counters.add(peer.slot, result == PeerLink.BACK_PRESSURED ?
                PeerCounters.Value.BACK_PRESSURED : PeerCounters.Value.SEND_FAILURES, 1);
        }

        return result;
    }

    private void bind(
        final IncomingSession session,
        final Peer peer,
        final int streamClass,
        final long storeId,
        final long bootId,
        final long epoch)
    {
        final boolean isNewBoot = bootId > peer.bootId;
        if (isNewBoot)
        {
            peer.newBoot(storeId, bootId);
        }
        final boolean isNewSession = peer.incomingSession[streamClass] != session.id;
        if (isNewSession)
        {
            peer.incomingSessionEnded(streamClass);
        }
        session.peer = peer;
        peer.incomingSession[streamClass] = session.id;
        peer.incomingEpoch[streamClass] = epoch;
        if (isNewBoot || isNewSession)
        {
            events.onPeerSession(peer.memberId, peer.bootId);
        }
    }

    /**
     * A store heard in this process binds the member id even before its publish entry is applied: the member may have
     * acknowledged entries with it.
     */
    private boolean isOfAnotherStore(final Peer peer, final long storeId)
    {
        return bindings.isBoundToAnother(peer.memberId, storeId) || peer.bootId != 0 && peer.storeId != storeId;
    }

    private IncomingSession session(final long sessionId, final long from)
    {
        IncomingSession session = sessions.get(sessionId);
        if (session == null)
        {
            if (sessions.size() >= MAX_SESSIONS)
            {
                refuse(sessionId, from, PeerDrop.TOO_MANY_SESSIONS);
                return null;
            }
            session = new IncomingSession(sessionId);
            sessions.put(sessionId, session);
        }

        return session;
    }

    private void refuse(final long sessionId, final long from, final PeerDrop cause)
    {
        final Peer peer = peerByMemberId.get(from);
        if (peer == null)
        {
            counters.drop(cause);
        }
        else
        {
            dropped(peer, cause);
        }
        onSessionDown(sessionId);
        link.refuse(sessionId, cause.name());
        monitor.onSessionRefused(from, cause);
    }

    @Override
    public String toString()
    {
        return "PeerRegistry{self=" + self + ", peers=" + peers + ", sessions=" + sessions.size() + '}';
    }

    private static final class IncomingSession
    {
        final long id;
        Peer peer;
        long askedAtNs;
        boolean isAsked;

        IncomingSession(final long id)
        {
            this.id = id;
        }
    }
}
