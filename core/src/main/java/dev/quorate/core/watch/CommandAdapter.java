package dev.quorate.core.watch;

import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.ring.RingReads;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;

/**
 * Takes the messages of one loop. A message that cannot be answered because the loop's ring is full stays where it is.
 * Owned by the watch thread.
 */
final class CommandAdapter implements ControlledMessageHandler
{
    private static final int MESSAGE_LIMIT = 64;
    private static final int FIXED_CREATE_LENGTH = 4 * Long.BYTES;

    private final WatchAgent agent;
    private final LoopPort port;

    CommandAdapter(final WatchAgent agent, final LoopPort port)
    {
        this.agent = agent;
        this.port = port;
    }

    int poll()
    {
        return RingReads.controlledRead(port.rings.toWatch(), this, MESSAGE_LIMIT);
    }

    @Override
    public Action onMessage(final int type, final MutableDirectBuffer buffer, final int index, final int length)
    {
        final long streamId = buffer.getLong(index);
        if (RingMessages.WATCH_CREATE == type)
        {
            return onCreate(streamId, buffer, index, length);
        }
        final StreamState stream = port.streams.get(streamId);
        if (null == stream)
        {
            // nothing was ever watched on it
            return Action.CONTINUE;
        }
        switch (type)
        {
            case RingMessages.WATCH_CANCEL:
                return agent.onCancel(stream, buffer.getLong(index + 8)) ? Action.CONTINUE : Action.ABORT;
            case RingMessages.WATCH_CLOSE:
                agent.onClose(stream);
                return Action.CONTINUE;
            case RingMessages.WATCH_CREDIT:
                agent.onCredit(stream, buffer.getLong(index + 8));
                return Action.CONTINUE;
            case RingMessages.WATCH_PROGRESS:
                agent.onProgressRequest(stream);
                return Action.CONTINUE;
            default:
                throw new IllegalStateException("loop " + port.rings.loopId() + " sent a message of type " + type);
        }
    }

    private Action onCreate(
        final long streamId, final MutableDirectBuffer buffer, final int index, final int length)
    {
        final int keyLength = buffer.getInt(index + FIXED_CREATE_LENGTH);
        final int keyOffset = index + FIXED_CREATE_LENGTH + Integer.BYTES;
        if (keyLength < 1 || keyLength > length - FIXED_CREATE_LENGTH - 2 * Integer.BYTES)
        {
            throw new IllegalStateException("key of " + keyLength + " bytes in a message of " + length);
        }
        final int endLength = buffer.getInt(keyOffset + keyLength);
        if (endLength < 0 || endLength != length - FIXED_CREATE_LENGTH - 2 * Integer.BYTES - keyLength)
        {
            throw new IllegalStateException("end of " + endLength + " bytes in a message of " + length);
        }
        final boolean isDone = agent.onCreate(
            port, streamId, buffer.getLong(index + 8), buffer.getLong(index + 16), (int)buffer.getLong(index + 24),
            buffer, keyOffset, keyLength, keyOffset + keyLength + Integer.BYTES, endLength);
        return isDone ? Action.CONTINUE : Action.ABORT;
    }
}
