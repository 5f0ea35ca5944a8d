package dev.quorate.core.seam;

import org.agrona.DirectBuffer;

/**
 * Carries snapshots between members, apart from {@link PeerLink} so that they never stand before a heartbeat. Chunks of
 * one session arrive in order and without gaps; a session may end at any moment and lose any suffix of what was
 * accepted, and chunks of a session may follow those of a later one. All methods belong to the housekeeping thread and
 * may block it for a short time, never the consensus thread.
 */
public interface SnapshotLink extends AutoCloseable
{
    /** No message is longer, in bytes. */
    int MAX_MESSAGE_LENGTH = 64 * 1024;

    /** The message was accepted for sending. */
    int ACCEPTED = 1;
    /** The window to the peer is full: try again later. */
    int BACK_PRESSURED = -1;
    /** There is no session to the peer yet, or none any more; the link makes one by itself. */
    int NOT_CONNECTED = -2;

    /** A link of a member without peers: it reaches nobody. */
    SnapshotLink NONE = new SnapshotLink()
    {
        @Override
        public void open(final long memberId, final String endpoint)
        {
            // There is nobody to reach.
        }

        @Override
        public void close(final long memberId)
        {
            // Nothing was opened.
        }

        @Override
        public int offer(
            final long memberId,
            final DirectBuffer buffer,
            final int offset,
            final int length)
        {
            return NOT_CONNECTED;
        }

        @Override
        public int poll(final Handler handler, final int limit)
        {
            return 0;
        }

        @Override
        public int doWork()
        {
            return 0;
        }

        @Override
        public void close()
        {
            // Nothing is held.
        }
    };

    /**
     * Begins to reach a member.
     *
     * @param memberId of the receiver.
     * @param endpoint host and port, {@code host:port}, of its peer URL.
     */
    void open(long memberId, String endpoint);

    /**
     * Ends the session to a member.
     *
     * @param memberId of the receiver.
     */
    void close(long memberId);

    /**
     * Offers one message.
     *
     * @param memberId of the receiver.
     * @param buffer   holding the message.
     * @param offset   of the message.
     * @param length   of the message, bytes, at most {@link #MAX_MESSAGE_LENGTH}.
     * @return {@link #ACCEPTED}, {@link #BACK_PRESSURED} or {@link #NOT_CONNECTED}.
     */
    int offer(long memberId, DirectBuffer buffer, int offset, int length);

    /**
     * Delivers what arrived.
     *
     * @param handler of messages.
     * @param limit   most messages to deliver.
     * @return how many were delivered.
     */
    int poll(Handler handler, int limit);

    /**
     * The link's own duties.
     *
     * @return work done, 0 if idle.
     */
    int doWork();

    @Override
    void close();

    /**
     * Receiver of what arrives.
     */
    @FunctionalInterface
    interface Handler
    {
        /**
         * A message arrived.
         *
         * @param buffer holding the message, valid during the call only.
         * @param offset of the message.
         * @param length of the message, bytes.
         */
        void onMessage(DirectBuffer buffer, int offset, int length);
    }
}
