package dev.quorate.core.peer;

import dev.quorate.core.codec.peer.MessageHeaderEncoder;
import dev.quorate.core.codec.peer.ProbeAnswerEncoder;
import dev.quorate.core.codec.peer.ProbeEncoder;
import dev.quorate.core.seam.PeerLink;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Measures the round trip to each peer: the leader's heartbeats do so on the way, and followers, who send none, send a
 * probe now and then. Consensus thread.
 */
final class RoundTripProbes
{
    /** A peer whose round trip was not measured for so long is sent a probe. */
    static final long INTERVAL_NS = 4_000_000_000L;

    /** A round trip that took longer is none, but a clock of another boot. */
    private static final long LONGEST_NS = 60_000_000_000L;
    private static final int SCRATCH_LENGTH = 64;

    private final PeerRegistry registry;
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[SCRATCH_LENGTH]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final ProbeEncoder probe = new ProbeEncoder();
    private final ProbeAnswerEncoder probeAnswer = new ProbeAnswerEncoder();

    RoundTripProbes(final PeerRegistry registry)
    {
        this.registry = registry;
    }

    /**
     * Sends a probe if one is due. To be called each turn.
     *
     * @return how many were sent.
     */
    int doWork(final Peer peer, final long nowNs)
    {
        if (nowNs - peer.probedAtNs < INTERVAL_NS || !peer.isConnected())
        {
            return 0;
        }
        peer.probedAtNs = nowNs;
        probe.wrapAndApplyHeader(scratch, 0, header)
            .from(registry.self().memberId())
            .to(peer.memberId)
            .sentNs(nowNs);
        registry.transmit(peer, PeerLink.CONTROL, scratch, 0, probe.limit());

        return 1;
    }

    /**
     * Returns the clock of a peer's probe.
     */
    void onProbe(final Peer peer, final long sentNs)
    {
        probeAnswer.wrapAndApplyHeader(scratch, 0, header)
            .from(registry.self().memberId())
            .to(peer.memberId)
            .sentNs(sentNs);
        registry.transmit(peer, PeerLink.CONTROL, scratch, 0, probeAnswer.limit());
    }

    /**
     * Counts a round trip whose end has just been heard.
     *
     * @param sentNs clock of this member when it began.
     */
    void onAnswer(final Peer peer, final long sentNs)
    {
        final long nowNs = registry.clock().nanoTime();
        final long roundTripNs = nowNs - sentNs;
        if (roundTripNs >= 0 && roundTripNs <= LONGEST_NS)
        {
            peer.probedAtNs = nowNs;
            registry.counters().roundTrip(peer.slot, roundTripNs);
        }
    }
}
