package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import org.agrona.DirectBuffer;

/**
 * The steps of the calls of one service. A group keeps nothing of a call but in the call.
 */
abstract class CallGroup
{
    /** The request is complete. Malformed bytes end the call by {@link dev.quorate.core.wire.WireException}. */
    abstract void begin(UnaryCall call);

    /** The command of the call is applied without an error. */
    void onApplied(final UnaryCall call, final AppliedResult result)
    {
        throw new IllegalStateException("no command awaited by " + call.method);
    }

    /** The read round of the call is confirmed and applied here. */
    void onReadReady(final UnaryCall call)
    {
        throw new IllegalStateException("no read round awaited by " + call.method);
    }

    /** An agent answers; the fields behind the correlation id begin at {@code index + 8}. */
    void onAgentAnswer(final UnaryCall call, final int type, final DirectBuffer buffer, final int index)
    {
        throw new IllegalStateException("no answer awaited by " + call.method);
    }

    /** The transport takes more. */
    void onReady(final UnaryCall call)
    {
    }

    /** @return what the client hears when the deadline passed. */
    EtcdError timeoutOf(final UnaryCall call)
    {
        return EtcdError.TIMEOUT;
    }
}
