package dev.quorate.transport;

import dev.quorate.core.seam.PeerLink;
import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.exceptions.AeronException;
import io.aeron.exceptions.RegistrationException;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;

/**
 * What this member sends to one peer on one class: a publication that is added without waiting and replaced when it
 * ends. Core thread.
 */
final class OutgoingStream
{
    private static final long NONE = Aeron.NULL_VALUE;

    private final String channel;
    private final int streamId;
    private ExclusivePublication publication;
    private long registrationId = NONE;
    private long retryAtNs;
    private long sessionCount;
    private boolean isConnected;

    /**
     * @param sessionCount sessions that an earlier stream of this peer and class had.
     */
    OutgoingStream(final String channel, final int streamId, final long sessionCount)
    {
        this.channel = channel;
        this.streamId = streamId;
        this.sessionCount = sessionCount;
    }

    long sessionCount()
    {
        return sessionCount;
    }

    /**
     * @return the present session, 0 while there is none.
     */
    long session()
    {
        final boolean wasConnected = isConnected;
        isConnected = publication != null && publication.isConnected();
        if (isConnected && !wasConnected)
        {
            sessionCount++;
        }

        return isConnected ? sessionCount : 0;
    }

    /**
     * Adds the publication if there is none, and looks whether the driver has added it.
     */
    int doWork(final Aeron aeron, final long nowNs, final TransportContext ctx)
    {
        if (publication != null)
        {
            if (publication.isClosed())
            {
                forget();
            }
            return 0;
        }
        if (registrationId == NONE)
        {
            if (nowNs - retryAtNs < 0)
            {
                return 0;
            }
            registrationId = aeron.asyncAddExclusivePublication(channel, streamId);
            return 1;
        }
        try
        {
            publication = aeron.getExclusivePublication(registrationId);
            if (publication != null)
            {
                registrationId = NONE;
                return 1;
            }
        }
        catch (final RegistrationException ex)
        {
            registrationId = NONE;
            retryAtNs = nowNs + ctx.retryIntervalNs();
            ctx.monitor().onError(ex);
        }

        return 0;
    }

    int offer(
        final DirectBuffer header,
        final int headerOffset,
        final int headerLength,
        final DirectBuffer body,
        final int bodyOffset,
        final int bodyLength)
    {
        if (publication == null)
        {
            return PeerLink.NOT_CONNECTED;
        }
        long result = tryOffer(header, headerOffset, headerLength, body, bodyOffset, bodyLength);
        if (result == Publication.ADMIN_ACTION)
        {
            // The term was rotated: there is room in the next one.
            result = tryOffer(header, headerOffset, headerLength, body, bodyOffset, bodyLength);
        }
        if (result > 0)
        {
            return PeerLink.ACCEPTED;
        }
        if (result == Publication.BACK_PRESSURED || result == Publication.ADMIN_ACTION)
        {
            return PeerLink.BACK_PRESSURED;
        }
        if (result == Publication.CLOSED || result == Publication.MAX_POSITION_EXCEEDED)
        {
            publication.close();
            forget();
        }

        return PeerLink.NOT_CONNECTED;
    }

    void close(final Aeron aeron)
    {
        if (publication != null)
        {
            publication.close();
        }
        else if (registrationId != NONE)
        {
            remove(aeron, registrationId);
        }
        forget();
    }

    /**
     * The client that held the publication is gone.
     */
    void forget()
    {
        publication = null;
        registrationId = NONE;
        isConnected = false;
    }

    private static void remove(final Aeron aeron, final long registrationId)
    {
        try
        {
            aeron.asyncRemovePublication(registrationId);
        }
        catch (final AeronException ex)
        {
            // A client that is at its end refuses all calls; its publications end with it.
            CloseHelper.quietClose(aeron);
        }
    }

    private long tryOffer(
        final DirectBuffer header,
        final int headerOffset,
        final int headerLength,
        final DirectBuffer body,
        final int bodyOffset,
        final int bodyLength)
    {
        return bodyLength == 0 ?
            publication.offer(header, headerOffset, headerLength) :
            publication.offer(header, headerOffset, headerLength, body, bodyOffset, bodyLength);
    }
}
