package dev.quorate.core.api;

import org.agrona.DirectBuffer;

/**
 * The client's side of a call as the core hears it. The loop's thread calls it; nothing is called after
 * {@link #onCancel()} or after the answer was completed or failed.
 */
public interface ClientCall
{
    /**
     * A request message arrived.
     *
     * @param buffer holding the protobuf bytes. The call owns buffer and bytes from now on: the transport does not
     *               touch them again.
     * @param offset of the message.
     * @param length of the message, bytes.
     */
    void onMessage(DirectBuffer buffer, int offset, int length);

    /**
     * The client sends no more messages.
     */
    void onHalfClose();

    /**
     * The client cancelled, its deadline passed, or its connection ended.
     */
    void onCancel();

    /**
     * The transport can take more after {@link Answer#isReady()} was false.
     */
    void onReady();

    /**
     * Asked after each message of a stream of requests. A transport that finds false delivers none before {@link
     * Answer#resume()}: what the client goes on sending stays with the transport.
     *
     * @return true while the call takes a further message.
     */
    default boolean takesMore()
    {
        return true;
    }
}
