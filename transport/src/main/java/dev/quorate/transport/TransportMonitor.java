package dev.quorate.transport;

/**
 * Events of the transport worth a line in the member's log. Called on the core thread or on a thread of the driver;
 * must neither block nor throw.
 */
public interface TransportMonitor
{
    /** Hears nothing. */
    TransportMonitor NONE = new TransportMonitor()
    {
        @Override
        public void onError(final Throwable error)
        {
        }

        @Override
        public void onRebuild(final String reason)
        {
        }

        @Override
        public void onRefusedByPeer(final String reason)
        {
        }
    };

    /**
     * Something went wrong that the transport survives: a datagram that could not be sent, a name that does not
     * resolve.
     *
     * @param error that occurred.
     */
    void onError(Throwable error);

    /**
     * Driver and client are replaced by new ones; all sessions end.
     *
     * @param reason for the member's log.
     */
    void onRebuild(String reason);

    /**
     * A peer refused a session of this member.
     *
     * @param reason that the peer gave.
     */
    void onRefusedByPeer(String reason);
}
