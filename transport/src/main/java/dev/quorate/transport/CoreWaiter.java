package dev.quorate.transport;

import dev.quorate.core.seam.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Lets the core thread sleep until a datagram arrives on a socket of the driver, somebody signals, or time is over.
 * <p>
 * The core thread owns it. Any thread may {@link #signal}: after it published its work, it looks whether the owner
 * sleeps, and only then pays for a system call: a byte into a pipe. {@link Selector#wakeup} is not used: it writes
 * while it holds a lock that the thread it wakes takes at once, so that the sleeper would mostly wake only to sleep
 * again.
 */
public final class CoreWaiter implements Signal, AutoCloseable
{
    /** Longest sleep, nanoseconds: the timers of the driver are coarser than this. */
    public static final long MAX_WAIT_NS = 40_000_000L;

    private static final VarHandle SLEEPING;
    private static final int AWAKE = 0;
    private static final int ASLEEP = 1;
    private static final int LOOKS_SAVED_LIMIT = 4;
    private static final long NANOS_PER_MILLI = 1_000_000L;
    private static final Consumer<SelectionKey> MARK_READY = (key) -> ((Readable)key.attachment()).onReadable();

    private final Selector selector;
    private final Pipe wakeUps;
    private final ByteBuffer read = ByteBuffer.allocateDirect(64);
    private final ByteBuffer written = ByteBuffer.allocateDirect(1);

    private boolean isFresh;
    private int readySockets;
    private int looksSaved;

    @SuppressWarnings("unused")
    private volatile int sleeping;

    static
    {
        try
        {
            SLEEPING = MethodHandles.lookup().findVarHandle(CoreWaiter.class, "sleeping", int.class);
        }
        catch (final ReflectiveOperationException ex)
        {
            throw new ExceptionInInitializerError(ex);
        }
    }

    /**
     * Opens the selector.
     *
     * @throws UncheckedIOException if the process has no file descriptor left.
     */
    public CoreWaiter()
    {
        try
        {
            selector = Selector.open();
            wakeUps = Pipe.open();
            wakeUps.source().configureBlocking(false);
            wakeUps.sink().configureBlocking(false);
            wakeUps.source().register(selector, SelectionKey.OP_READ, (Readable)this::onWokenUp);
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
    }

    @Override
    public void close()
    {
        try
        {
            selector.close();
            wakeUps.sink().close();
            wakeUps.source().close();
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
    }

    /**
     * Sleeps, unless there is work. Core thread.
     *
     * @param maxNs   longest sleep, nanoseconds, rounded up to a millisecond and down to {@link #MAX_WAIT_NS}.
     * @param hasWork looks at everything that others may signal; asked after the sleeping flag is up, so that no
     *                signal is lost between the look and the sleep. To be kept in a field by the caller.
     */
    public void await(final long maxNs, final BooleanSupplier hasWork)
    {
        if (maxNs > 0)
        {
            awaitMs((Math.min(maxNs, MAX_WAIT_NS) + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI, hasWork);
        }
    }

    /**
     * Sleeps, unless there is work, as long as told.
     */
    void awaitMs(final long maxMs, final BooleanSupplier hasWork)
    {
        // Full fence: the flag is up before the queues are looked at. Pairs with the fence in signal().
        SLEEPING.setVolatile(this, ASLEEP);
        VarHandle.fullFence();
        // The work of this turn needs no look at the sockets: datagrams end the sleep at once.
        isFresh = true;
        try
        {
            if (!hasWork.getAsBoolean())
            {
                selector.select(MARK_READY, maxMs);
                isFresh = true;
            }
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
        finally
        {
            SLEEPING.setRelease(this, AWAKE);
        }
    }

    @Override
    public void signal()
    {
        // What the caller published is visible before the flag is read. Pairs with the fence in await().
        VarHandle.fullFence();
        if (ASLEEP == (int)SLEEPING.getOpaque(this) && SLEEPING.compareAndSet(this, ASLEEP, AWAKE))
        {
            wakeUp();
        }
    }

    /**
     * Finds out in one system call which sockets hold datagrams, unless the sleep that just ended did, or one of them
     * is not drained yet: the others are looked at again within a few turns. Core thread, before each turn of the
     * driver.
     */
    void look()
    {
        if (isFresh)
        {
            isFresh = false;
        }
        else if (0 == readySockets || ++looksSaved > LOOKS_SAVED_LIMIT)
        {
            looksSaved = 0;
            selectNow();
        }
    }

    /**
     * Adds a socket whose datagrams end a sleep. Thread of the driver's conductor, in the compact profile the core
     * thread.
     *
     * @param channel   of the driver, non-blocking.
     * @param readiness of the socket, marked when datagrams are found.
     */
    void register(final DatagramChannel channel, final Readiness readiness)
    {
        try
        {
            channel.register(selector, SelectionKey.OP_READ, readiness);
        }
        catch (final ClosedChannelException ex)
        {
            throw new UncheckedIOException(ex);
        }
    }

    /**
     * Forgets closed sockets. Until then the kernel keeps their ports.
     */
    void forgetClosed()
    {
        if (selector.isOpen())
        {
            selectNow();
        }
    }

    /** One signaller a sleep gets here; that of the next sleep may be so soon that both meet. */
    private void wakeUp()
    {
        try
        {
            synchronized (written)
            {
                written.clear();
                // A full pipe takes nothing, and wakes all the same.
                wakeUps.sink().write(written);
            }
        }
        catch (final ClosedChannelException ex)
        {
            // Closed: nobody sleeps here any more.
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
    }

    private void onWokenUp()
    {
        try
        {
            read.clear();
            wakeUps.source().read(read);
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
    }

    private void selectNow()
    {
        try
        {
            selector.selectNow(MARK_READY);
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException(ex);
        }
    }

    /** Is told when a selection finds its channel readable. */
    private interface Readable
    {
        void onReadable();
    }

    /**
     * Whether a socket may hold datagrams, so that an empty one costs no system call. Core thread. Without a waiter a
     * socket always may.
     */
    static final class Readiness implements Readable
    {
        private final CoreWaiter waiter;
        private boolean isReady;

        Readiness(final CoreWaiter waiter)
        {
            this.waiter = waiter;
        }

        boolean isReady()
        {
            return isReady || null == waiter;
        }

        @Override
        public void onReadable()
        {
            if (!isReady)
            {
                isReady = true;
                waiter.readySockets++;
            }
        }

        /**
         * A read found nothing, or the socket is closed.
         */
        void clear()
        {
            if (isReady)
            {
                isReady = false;
                waiter.readySockets--;
            }
        }

        @Override
        public String toString()
        {
            return "Readiness{isReady=" + isReady + '}';
        }
    }
}
