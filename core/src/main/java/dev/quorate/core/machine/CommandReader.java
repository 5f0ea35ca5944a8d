package dev.quorate.core.machine;

import dev.quorate.core.codec.command.MessageHeaderDecoder;
import org.agrona.DirectBuffer;

/**
 * Steps through the messages of a command: every message begins where the one before it ended, and none may reach
 * beyond the payload. A violation means that the log does not hold what a member encoded, and halts.
 */
final class CommandReader
{
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private DirectBuffer buffer;
    private int position;
    private int end;
    private int templateId;
    private int blockLength;
    private int version;

    void wrap(final DirectBuffer payload, final int offset, final int length)
    {
        buffer = payload;
        position = offset;
        end = offset + length;
    }

    /**
     * Reads the header of the message at the position and moves behind it.
     *
     * @return template of the message.
     */
    int next()
    {
        if (position > end - MessageHeaderDecoder.ENCODED_LENGTH)
        {
            throw malformed("no message");
        }
        header.wrap(buffer, position);
        if (MessageHeaderDecoder.SCHEMA_ID != header.schemaId())
        {
            throw malformed("schema " + header.schemaId());
        }
        templateId = header.templateId();
        blockLength = header.blockLength();
        version = header.version();
        moveTo(position + MessageHeaderDecoder.ENCODED_LENGTH);
        if (blockLength > end - position)
        {
            throw malformed("block length " + blockLength);
        }
        return templateId;
    }

    /**
     * Checks that the next message has a template and reads its header.
     */
    void expect(final int template)
    {
        if (next() != template)
        {
            throw malformed("template " + templateId + " in place of " + template);
        }
    }

    /**
     * Moves to where a decoder stopped, or a branch begins.
     */
    void moveTo(final int at)
    {
        if (at < position || at > end)
        {
            throw malformed("next position " + at);
        }
        position = at;
    }

    /**
     * Moves to where a branch begins that may lie before the position.
     */
    void rewindTo(final int at)
    {
        position = at;
    }

    /**
     * Checks that bytes of a message lie within the payload.
     */
    void checkBytes(final int offset, final int length)
    {
        if (length < 0 || offset < position || length > end - offset)
        {
            throw malformed("bytes of length " + length + " at " + offset);
        }
    }

    boolean isAtEnd()
    {
        return position == end;
    }

    DirectBuffer buffer()
    {
        return buffer;
    }

    int position()
    {
        return position;
    }

    int end()
    {
        return end;
    }

    int blockLength()
    {
        return blockLength;
    }

    int version()
    {
        return version;
    }

    IllegalStateException malformed(final String what)
    {
        return new IllegalStateException("malformed command: " + what + " at " + position + " of end " + end);
    }

    @Override
    public String toString()
    {
        return "CommandReader{position=" + position + ", end=" + end + ", templateId=" + templateId + '}';
    }
}
