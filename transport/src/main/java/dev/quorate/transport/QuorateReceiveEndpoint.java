package dev.quorate.transport;

import io.aeron.driver.DataPacketDispatcher;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.media.ReceiveChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * Socket on which peers send, known to the waiter and open to faults of tests. Threads of the driver.
 */
final class QuorateReceiveEndpoint extends ReceiveChannelEndpoint
{
    private final CoreWaiter waiter;
    private final TransportFaults faults;
    private final CoreWaiter.Readiness readiness;

    /**
     * @param waiter null if the core thread does not wait for this socket.
     */
    QuorateReceiveEndpoint(
        final UdpChannel udpChannel,
        final DataPacketDispatcher dispatcher,
        final AtomicCounter statusIndicator,
        final MediaDriver.Context context,
        final CoreWaiter waiter,
        final TransportFaults faults)
    {
        super(udpChannel, dispatcher, statusIndicator, context);
        this.waiter = waiter;
        this.faults = faults;
        readiness = new CoreWaiter.Readiness(waiter);
    }

    @Override
    public void openChannel()
    {
        super.openChannel();
        if (waiter != null)
        {
            waiter.register(receiveDatagramChannel, readiness);
        }
    }

    @Override
    public void close()
    {
        super.close();
        if (waiter != null)
        {
            readiness.clear();
            waiter.forgetClosed();
        }
    }

    @Override
    public InetSocketAddress receive(final ByteBuffer buffer)
    {
        if (!readiness.isReady())
        {
            return null;
        }
        final InetSocketAddress source = super.receive(buffer);
        if (source == null)
        {
            readiness.clear();
        }

        return source != null && faults.dropsIncoming(source) ? null : source;
    }
}
