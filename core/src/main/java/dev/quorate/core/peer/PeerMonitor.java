package dev.quorate.core.peer;

/**
 * Events about peers worth a line in the member's log. Called on the consensus thread; must not block.
 */
public interface PeerMonitor
{
    /** Hears nothing. */
    PeerMonitor NONE = new PeerMonitor()
    {
        @Override
        public void onPeerUnheard(final long memberId, final String endpoint, final long unheardNs)
        {
        }

        @Override
        public void onPeerHeard(final long memberId, final long unheardNs)
        {
        }

        @Override
        public void onSessionRefused(final long memberId, final PeerDrop cause)
        {
        }
    };

    /**
     * A peer has been unheard for a while; called every ten seconds as long as that lasts.
     *
     * @param memberId  of the peer.
     * @param endpoint  host and port where UDP must be open.
     * @param unheardNs for how long, nanoseconds.
     */
    void onPeerUnheard(long memberId, String endpoint, long unheardNs);

    /**
     * A peer that had been reported as unheard talks again.
     *
     * @param memberId  of the peer.
     * @param unheardNs how long it was not heard, nanoseconds.
     */
    void onPeerHeard(long memberId, long unheardNs);

    /**
     * A session was refused for good.
     *
     * @param memberId that the sender claims to be.
     * @param cause    of the refusal.
     */
    void onSessionRefused(long memberId, PeerDrop cause);
}
