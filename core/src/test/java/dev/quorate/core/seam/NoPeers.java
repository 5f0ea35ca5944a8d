package dev.quorate.core.seam;

import org.agrona.DirectBuffer;

/**
 * The link of a member that has no peers.
 */
public final class NoPeers implements PeerLink
{
    @Override
    public void addPeer(final long memberId, final String endpoint)
    {
    }

    @Override
    public void removePeer(final long memberId)
    {
    }

    @Override
    public int offer(
        final long memberId,
        final int streamClass,
        final DirectBuffer header,
        final int headerOffset,
        final int headerLength,
        final DirectBuffer body,
        final int bodyOffset,
        final int bodyLength)
    {
        return NOT_CONNECTED;
    }

    @Override
    public void send()
    {
        // Nothing is ever sent.
    }

    @Override
    public long outgoingSession(final long memberId, final int streamClass)
    {
        return 0;
    }

    @Override
    public int poll(final int streamClass, final Handler handler, final int limit)
    {
        return 0;
    }

    @Override
    public void refuse(final long session, final String reason)
    {
    }

    @Override
    public int doWork()
    {
        return 0;
    }

    @Override
    public void close()
    {
    }
}
