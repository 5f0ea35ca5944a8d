package dev.quorate.transport;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.media.SendChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * Socket from which this member sends to a peer and hears its status messages, known to the waiter and open to faults
 * of tests. Threads of the driver.
 */
final class QuorateSendEndpoint extends SendChannelEndpoint
{
    private final CoreWaiter waiter;
    private final TransportFaults faults;
    private final CoreWaiter.Readiness readiness;

    /**
     * @param waiter null if the core thread does not wait for this socket.
     */
    QuorateSendEndpoint(
        final UdpChannel udpChannel,
        final AtomicCounter statusIndicator,
        final MediaDriver.Context context,
        final CoreWaiter waiter,
        final TransportFaults faults)
    {
        super(udpChannel, statusIndicator, context);
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
    public int send(final ByteBuffer buffer)
    {
        if (connectAddress != null && faults.dropsOutgoing(connectAddress))
        {
            // Reported as sent, as a lost datagram is.
            final int length = buffer.remaining();
            buffer.position(buffer.limit());
            return length;
        }

        return super.send(buffer);
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
