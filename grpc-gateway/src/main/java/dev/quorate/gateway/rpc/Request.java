package dev.quorate.gateway.rpc;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * A request message as it arrived. Belongs to the call it was sent to.
 */
final class Request
{
    private final UnsafeBuffer buffer;
    private final String refusal;

    private Request(final UnsafeBuffer buffer, final String refusal)
    {
        this.buffer = buffer;
        this.refusal = refusal;
    }

    static Request of(final byte[] bytes)
    {
        return new Request(new UnsafeBuffer(bytes), null);
    }

    static Request refused(final String description)
    {
        return new Request(null, description);
    }

    /**
     * @return the protobuf bytes, from 0 to the capacity; null if the message was refused.
     */
    UnsafeBuffer buffer()
    {
        return buffer;
    }

    /**
     * @return why the message was refused with RESOURCE_EXHAUSTED; null if it was not.
     */
    String refusal()
    {
        return refusal;
    }
}
