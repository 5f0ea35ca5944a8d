package dev.quorate.core.seam;

import org.agrona.DirectBuffer;

/**
 * Messages to and from the other members. Within one incoming session and class messages arrive in order and without
 * gaps; a session may end at any moment and lose any suffix of what was accepted. Nothing here blocks. All methods
 * belong to the consensus thread.
 */
public interface PeerLink extends AutoCloseable
{
    /** Votes, heartbeats and answers; polled first, never behind bulk data. */
    int CONTROL = 0;
    /** Appends and forwarded commands. */
    int BULK = 1;
    /** How many classes there are on the consensus thread. */
    int CLASS_COUNT = 2;

    /** No message is longer, in bytes. */
    int MAX_MESSAGE_LENGTH = 64 * 1024;
    /** No message of the control class is longer, in bytes. */
    int MAX_CONTROL_MESSAGE_LENGTH = 1024;

    /** The message was accepted for sending. */
    int ACCEPTED = 1;
    /** The window to the peer is full: keep the progress and try in a later turn. */
    int BACK_PRESSURED = -1;
    /** There is no session to the peer. */
    int NOT_CONNECTED = -2;

    /**
     * Starts to send to a member, or changes where it is reached.
     *
     * @param memberId of the peer.
     * @param endpoint host and port, {@code host:port}, of its peer URL.
     */
    void addPeer(long memberId, String endpoint);

    /**
     * Stops to send to a member.
     *
     * @param memberId of the peer.
     */
    void removePeer(long memberId);

    /**
     * Offers one message, gathered from two buffers.
     *
     * @param memberId     of the receiver.
     * @param streamClass  {@link #CONTROL} or {@link #BULK}.
     * @param header       first part.
     * @param headerOffset in the first part.
     * @param headerLength of the first part, bytes.
     * @param body         second part; may be null if its length is 0.
     * @param bodyOffset   in the second part.
     * @param bodyLength   of the second part, bytes; both together at most {@link #MAX_MESSAGE_LENGTH}.
     * @return {@link #ACCEPTED}, {@link #BACK_PRESSURED} or {@link #NOT_CONNECTED}.
     */
    int offer(
        long memberId,
        int streamClass,
        DirectBuffer header,
        int headerOffset,
        int headerLength,
        DirectBuffer body,
        int bodyOffset,
        int bodyLength);

    /**
     * Sends what was offered since the last call now. Without it, what was offered goes out at the latest with the next
     * {@link #doWork}.
     */
    void send();

    /**
     * @param memberId    of the peer.
     * @param streamClass {@link #CONTROL} or {@link #BULK}.
     * @return a number that changes each time the outgoing session of this class begins anew; 0 while there is none.
     */
    long outgoingSession(long memberId, int streamClass);

    /**
     * Delivers what arrived on one class.
     *
     * @param streamClass {@link #CONTROL} or {@link #BULK}.
     * @param handler     of events.
     * @param limit       most messages to deliver.
     * @return how many events were delivered.
     */
    int poll(int streamClass, Handler handler, int limit);

    /**
     * Refuses an incoming session: nothing more of it is delivered.
     *
     * @param session as given to the handler.
     * @param reason  for the sender's log.
     */
    void refuse(long session, String reason);

    /**
     * The link's own duties: timers, connection upkeep, in the compact profile also the driver.
     *
     * @return work done, 0 if idle.
     */
    int doWork();

    @Override
    void close();

    /**
     * Receiver of what arrives.
     */
    interface Handler
    {
        /**
         * A message arrived.
         *
         * @param session     on which it arrived; unique within the process, never reused, never 0.
         * @param streamClass of the session.
         * @param buffer      holding the message, valid during the call only.
         * @param offset      of the message.
         * @param length      of the message, bytes, at most {@link #MAX_MESSAGE_LENGTH}.
         */
        void onMessage(long session, int streamClass, DirectBuffer buffer, int offset, int length);

        /**
         * An incoming session ended; anything half received from it is void.
         *
         * @param session     that ended.
         * @param streamClass of the session.
         */
        void onSessionDown(long session, int streamClass);
    }
}
