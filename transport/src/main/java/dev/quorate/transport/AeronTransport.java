package dev.quorate.transport;

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.aeron.exceptions.AeronEvent;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.LangUtil;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NoOpIdleStrategy;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Media driver and client of one member, made and ended together. Core thread.
 */
final class AeronTransport implements AutoCloseable
{
    private static final int COUNTER_VALUES_LENGTH = 1024 * 1024;
    private static final int ERROR_LOG_LENGTH = 4 * 1024 * 1024;
    private static final int COMMAND_BUFFER_LENGTH = 1024 * 1024 + RingBufferDescriptor.TRAILER_LENGTH;
    private static final long RESOLVER_IDLE_MS = 100;

    private final MediaDriver driver;
    private final Aeron aeron;
    private final AgentInvoker driverInvoker;
    private final AgentInvoker clientInvoker;
    private final CoreWaiter waiter;

    /**
     * Starts a driver in the concluded directory, whatever a killed process left there, and connects a client.
     */
    AeronTransport(final TransportContext ctx)
    {
        final ErrorHandler errors = ctx.monitor()::onError;
        waiter = ctx.waiter();
        driver = MediaDriver.launch(driverContext(ctx, errors));
        driverInvoker = driver.sharedAgentInvoker();
        try
        {
            aeron = Aeron.connect(clientContext(ctx, errors));
        }
        catch (final RuntimeException ex)
        {
            CloseHelper.quietClose(driver);
            throw ex;
        }
        clientInvoker = aeron.conductorAgentInvoker();
    }

    @Override
    public void close()
    {
        CloseHelper.quietCloseAll(aeron, driver);
    }

    Aeron aeron()
    {
        return aeron;
    }

    /**
     * @return true if driver or client ended by themselves.
     */
    boolean isTerminated()
    {
        return aeron.isClosed() || clientInvoker.isClosed() || driverInvoker != null && driverInvoker.isClosed();
    }

    int doWork()
    {
        if (waiter != null)
        {
            waiter.look();
        }
        int workCount = clientInvoker.invoke();
        if (driverInvoker != null)
        {
            workCount += driverInvoker.invoke();
        }

        return workCount;
    }

    /**
     * Lets the driver send what is in its publications, if it runs on this thread.
     */
    void send()
    {
        if (driverInvoker != null)
        {
            driverInvoker.invoke();
        }
    }

    private MediaDriver.Context driverContext(final TransportContext ctx, final ErrorHandler errors)
    {
        final TransportFaults faults = ctx.faults();
        final long pauseLimitNs = ctx.pauseLimitNs();

        final MediaDriver.Context context = new MediaDriver.Context()
            .aeronDirectoryName(ctx.aeronDirectory().toString())
            .dirDeleteOnStart(true)
            .dirDeleteOnShutdown(true)
            .warnIfDirectoryExists(false)
            .threadingMode(ctx.threading().mode())
            .errorHandler((error) -> report(errors, error))
            .conductorBufferLength(COMMAND_BUFFER_LENGTH)
            .counterValuesBufferLength(COUNTER_VALUES_LENGTH)
            .errorBufferLength(ERROR_LOG_LENGTH)
            .initialWindowLength(ctx.windowLength())
            .socketRcvbufLength(ctx.receiveBufferLength())
            .socketSndbufLength(ctx.receiveBufferLength())
            .mtuLength(ctx.mtuLength())
            .imageLivenessTimeoutNs(ctx.imageLivenessNs())
            .publicationConnectionTimeoutNs(ctx.connectionTimeoutNs())
            .publicationLingerTimeoutNs(TimeUnit.MILLISECONDS.toNanos(200))
            .timerIntervalNs(TimeUnit.MILLISECONDS.toNanos(100))
            .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(pauseLimitNs))
            .clientLivenessTimeoutNs(pauseLimitNs)
            .publicationUnblockTimeoutNs(pauseLimitNs + pauseLimitNs / 2)
            .asyncExecutorIdleStrategy(new SleepingMillisIdleStrategy(RESOLVER_IDLE_MS))
            .sendChannelEndpointSupplier((udpChannel, status, driverContext) ->
                new QuorateSendEndpoint(udpChannel, status, driverContext, waiter, faults))
            .receiveChannelEndpointSupplier((udpChannel, dispatcher, status, driverContext) ->
                new QuorateReceiveEndpoint(udpChannel, dispatcher, status, driverContext, waiter, faults));

        return ctx.threading() == DriverThreading.CORE ? context : context
            .sharedIdleStrategy(idleStrategy())
            .conductorIdleStrategy(idleStrategy())
            .senderIdleStrategy(idleStrategy())
            .receiverIdleStrategy(idleStrategy());
    }

    private Aeron.Context clientContext(final TransportContext ctx, final ErrorHandler errors)
    {
        return new Aeron.Context()
            .aeronDirectoryName(ctx.aeronDirectory().toString())
            .useConductorAgentInvoker(true)
            .driverAgentInvoker(driverInvoker)
            .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(ctx.pauseLimitNs()))
            .idleStrategy(NoOpIdleStrategy.INSTANCE)
            .errorHandler((error) -> report(errors, error))
            // What a handler of the core throws is for the core thread, not for a log.
            .subscriberErrorHandler(LangUtil::rethrowUnchecked)
            .publicationErrorFrameHandler((frame) -> ctx.monitor().onRefusedByPeer(frame.errorMessage()));
    }

    private static void report(final ErrorHandler errors, final Throwable error)
    {
        // Events tell of datagrams that could not be sent: a peer that is down is reported by those who wait for it.
        if (!(error instanceof AeronEvent))
        {
            errors.onError(error);
        }
    }

    private static IdleStrategy idleStrategy()
    {
        return new BackoffIdleStrategy(10, 20, 1_000, 100_000);
    }
}
