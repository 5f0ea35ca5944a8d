package dev.quorate.transport;

import java.net.InetSocketAddress;

/**
 * Loss and partitions for tests, at the sockets of the driver. Called on the driver's threads for each datagram.
 */
public interface TransportFaults
{
    /** Loses nothing. */
    TransportFaults NONE = new TransportFaults()
    {
        @Override
        public boolean dropsIncoming(final InetSocketAddress source)
        {
            return false;
        }

        @Override
        public boolean dropsOutgoing(final InetSocketAddress destination)
        {
            return false;
        }
    };

    /**
     * @param source of a datagram that arrived.
     * @return true to lose it.
     */
    boolean dropsIncoming(InetSocketAddress source);

    /**
     * @param destination of a datagram of a publication: the endpoint of the peer.
     * @return true to lose it.
     */
    boolean dropsOutgoing(InetSocketAddress destination);
}
