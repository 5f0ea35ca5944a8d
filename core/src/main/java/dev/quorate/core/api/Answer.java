package dev.quorate.core.api;

import org.agrona.DirectBuffer;

/**
 * Where the core sends what a client shall receive. Used by the loop's thread alone.
 */
public interface Answer
{
    /**
     * @return true while the transport takes more without buffering beyond its bound. Unary answers need not ask.
     */
    boolean isReady();

    /**
     * The call takes further messages after {@link ClientCall#takesMore()} was false. Transports of calls with one
     * request need not heed it.
     */
    default void resume()
    {
    }

    /**
     * Sends one response message. The bytes are copied before this returns.
     *
     * @param buffer holding the protobuf bytes.
     * @param offset of the message.
     * @param length of the message, bytes.
     */
    void message(DirectBuffer buffer, int offset, int length);

    /**
     * Ends the call with status OK.
     */
    void complete();

    /**
     * Ends the call with an error.
     *
     * @param code        of the status.
     * @param description exact text of the status.
     */
    void fail(GrpcCode code, String description);

    /**
     * Ends the call with an error of the table.
     *
     * @param error to answer.
     */
    default void fail(final EtcdError error)
    {
        fail(error.code(), error.message());
    }
}
