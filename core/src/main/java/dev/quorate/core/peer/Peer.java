package dev.quorate.core.peer;

import dev.quorate.core.entry.EntryDescriptor;
import dev.quorate.core.seam.PeerLink;

/**
 * What this member knows of one peer. Arrays have one element for each stream class. Consensus thread.
 */
final class Peer
{
    final long memberId;
    final int slot;
    final ChunkAssembly entryAssembly;
    final ChunkAssembly forwardAssembly;
    final ChunkProgress entryProgress = new ChunkProgress();
    final ChunkProgress forwardProgress = new ChunkProgress();

    /** Sessions on which the peer talks, 0 while there is none. */
    final long[] incomingSession = new long[PeerLink.CLASS_COUNT];
    final long[] incomingEpoch = new long[PeerLink.CLASS_COUNT];

    /** Sessions on which this member talks to the peer, 0 while there is none. */
    final long[] outgoingSession = new long[PeerLink.CLASS_COUNT];
    final long[] outgoingEpoch = new long[PeerLink.CLASS_COUNT];
    final boolean[] isHelloSent = new boolean[PeerLink.CLASS_COUNT];
    final boolean[] isHelloAnswered = new boolean[PeerLink.CLASS_COUNT];
    final long[] helloAtNs = new long[PeerLink.CLASS_COUNT];

    String endpoint;
    /** Store and boot that said hello last, bootId 0 before the first. */
    long storeId;
    long bootId;
    long unheardSinceNs;
    long reportedAtNs;
    boolean isReported;
    /** Clock of the leader in the heartbeat heard last, to be returned in the response. */
    long heartbeatSentNs;
    /** When the round trip was measured or probed last. */
    long probedAtNs;
    long forwardSequence;
    long forwardSequenceHeard;

    Peer(final long memberId, final String endpoint, final int slot, final int maxEntryLength, final long nowNs)
    {
        this.memberId = memberId;
        this.endpoint = endpoint;
        this.slot = slot;
        entryAssembly = new ChunkAssembly(EntryDescriptor.HEADER_LENGTH + maxEntryLength);
        forwardAssembly = new ChunkAssembly(maxEntryLength);
        unheardSinceNs = nowNs;
        reportedAtNs = nowNs;
        probedAtNs = nowNs;
    }

    boolean isConnected()
    {
        return incomingSession[PeerLink.CONTROL] != 0 &&
            outgoingSession[PeerLink.CONTROL] != 0 &&
            isHelloAnswered[PeerLink.CONTROL];
    }

    /**
     * The peer was started anew: nothing of its former boot counts any more, and it knows none of our sessions.
     */
    void newBoot(final long newStoreId, final long newBootId)
    {
        storeId = newStoreId;
        bootId = newBootId;
        forwardSequenceHeard = 0;
        heartbeatSentNs = 0;
        entryAssembly.reset();
        forwardAssembly.reset();
        for (int streamClass = 0; streamClass < PeerLink.CLASS_COUNT; streamClass++)
        {
            incomingSession[streamClass] = 0;
            incomingEpoch[streamClass] = 0;
            isHelloSent[streamClass] = false;
            isHelloAnswered[streamClass] = false;
        }
        entryProgress.reset();
        forwardProgress.reset();
    }

    void newOutgoingSession(final int streamClass, final long session)
    {
        outgoingSession[streamClass] = session;
        isHelloSent[streamClass] = false;
        isHelloAnswered[streamClass] = false;
        if (session != 0)
        {
            outgoingEpoch[streamClass]++;
        }
        if (streamClass == PeerLink.BULK)
        {
            entryProgress.reset();
            forwardProgress.reset();
        }
    }

    void incomingSessionEnded(final int streamClass)
    {
        incomingSession[streamClass] = 0;
        if (streamClass == PeerLink.BULK)
        {
            entryAssembly.reset();
            forwardAssembly.reset();
        }
    }

    @Override
    public String toString()
    {
        return "Peer{memberId=" + Long.toHexString(memberId) + ", endpoint=" + endpoint + ", bootId=" + bootId + '}';
    }
}
