package dev.quorate.transport;

import dev.quorate.core.seam.PeerLink;
import io.aeron.Image;
import io.aeron.logbuffer.ControlledFragmentHandler;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.logbuffer.Header;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One image of a peer's publication: puts fragments together, up to the longest message, and hands messages on. Core
 * thread.
 */
final class IncomingSession implements ControlledFragmentHandler
{
    /** Most fragments looked at in one poll: a turn stays short. */
    private static final int FRAGMENT_LIMIT = 256;

    private final long session;
    private final int streamClass;
    private final Image image;
    private final UnsafeBuffer assembly = new UnsafeBuffer(0, 0);
    private PeerLink.Handler handler;
    private int messageLimit;
    private int messageCount;
    /** Bytes of a message begun; -1 while its rest is to be skipped. */
    private int assembled = -1;
    private boolean isRefused;
    private boolean isDown;

    IncomingSession(final long session, final int streamClass, final Image image)
    {
        this.session = session;
        this.streamClass = streamClass;
        this.image = image;
    }

    long session()
    {
        return session;
    }

    Image image()
    {
        return image;
    }

    boolean isRefused()
    {
        return isRefused;
    }

    boolean isDown()
    {
        return isDown;
    }

    void refuse()
    {
        isRefused = true;
    }

    void down()
    {
        isDown = true;
    }

    int poll(final PeerLink.Handler messageHandler, final int limit)
    {
        handler = messageHandler;
        messageLimit = limit;
        messageCount = 0;
        image.controlledPoll(this, FRAGMENT_LIMIT);

        return messageCount;
    }

    @Override
    public Action onFragment(final DirectBuffer buffer, final int offset, final int length, final Header header)
    {
        final byte flags = header.flags();
        if ((flags & FrameDescriptor.UNFRAGMENTED) == FrameDescriptor.UNFRAGMENTED)
        {
            return deliver(buffer, offset, length);
        }
        if ((flags & FrameDescriptor.BEGIN_FRAG_FLAG) != 0)
        {
            if (assembly.capacity() == 0)
            {
                assembly.wrap(new byte[PeerLink.MAX_MESSAGE_LENGTH]);
            }
            assembled = 0;
        }
        // A session that is joined in its midst begins with the rest of a message: it is skipped, like what is too
        // long.
        if (assembled < 0 || length > PeerLink.MAX_MESSAGE_LENGTH - assembled)
        {
            assembled = -1;
            return Action.CONTINUE;
        }
        assembly.putBytes(assembled, buffer, offset, length);
        assembled += length;
        if ((flags & FrameDescriptor.END_FRAG_FLAG) == 0)
        {
            return Action.CONTINUE;
        }
        final int messageLength = assembled;
        assembled = -1;

        return deliver(assembly, 0, messageLength);
    }

    private Action deliver(final DirectBuffer buffer, final int offset, final int length)
    {
        if (!isRefused && length <= PeerLink.MAX_MESSAGE_LENGTH)
        {
            messageCount++;
            handler.onMessage(session, streamClass, buffer, offset, length);
        }

        return messageCount >= messageLimit ? Action.BREAK : Action.CONTINUE;
    }
}
