package dev.quorate.transport;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.agrona.BitUtil;

/**
 * Configuration of the transport. Set, then {@link #conclude()}d once: checked, completed and frozen.
 */
public final class TransportContext
{
    /** Stream of the control class. */
    public static final int CONTROL_STREAM_ID = 1001;
    /** Stream of the bulk class. */
    public static final int BULK_STREAM_ID = 1002;
    /** Stream of snapshots, owned by the housekeeping agent. */
    public static final int SNAPSHOT_STREAM_ID = 1003;

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final Path RECEIVE_BUFFER_LIMIT = Path.of("/proc/sys/net/core/rmem_max");
    private static final int LARGEST_RECEIVE_BUFFER = 2 * 1024 * 1024;
    private static final int SMALLEST_BULK_TERM = 512 * 1024;
    /** Counters, commands, error log and loss report of the driver, bytes. */
    private static final long DRIVER_FILES_LENGTH = 16L * 1024 * 1024;
    private static final int LOG_META_DATA_LENGTH = 4096;
    private static final int TERMS_PER_LOG = 3;
    private static final int PLANNED_PEERS = 6;

    private Path dataDirectory;
    private Path aeronDirectory;
    private String listenEndpoint;
    private DriverThreading threading = DriverThreading.CORE;
    private int controlTermLength = 64 * 1024;
    private int bulkTermLength = 1024 * 1024;
    private int mtuLength = 1408;
    private int loopbackMtuLength = 8192;
    private int receiveBufferLength;
    private int windowLength;
    private long imageLivenessNs = 3_000_000_000L;
    private long connectionTimeoutNs = 3_000_000_000L;
    private long pauseLimitNs = 600_000_000_000L;
    private long retryIntervalNs = 1_000_000_000L;
    private CoreWaiter waiter;
    private TransportMonitor monitor = TransportMonitor.NONE;
    private TransportFaults faults = TransportFaults.NONE;
    private boolean isConcluded;

    /**
     * Checks and completes the configuration.
     *
     * @return this, frozen.
     * @throws IllegalStateException if it was concluded before, something is missing or out of range, or there is no
     *                               room for the files of the driver.
     */
    public TransportContext conclude()
    {
        checkOpen();
        check(dataDirectory != null, "dataDirectory is not set");
        check(listenEndpoint != null && listenEndpoint.lastIndexOf(':') > 0, "listenEndpoint is not host:port");
        check(BitUtil.isPowerOfTwo(controlTermLength) && controlTermLength >= 64 * 1024,
            "controlTermLength=" + controlTermLength + ": a power of two from 64 KiB");
        check(BitUtil.isPowerOfTwo(bulkTermLength) && bulkTermLength >= SMALLEST_BULK_TERM,
            "bulkTermLength=" + bulkTermLength + ": a power of two from 512 KiB");
        check(mtuLength >= 576 && mtuLength <= 65_504 && mtuLength % 32 == 0,
            "mtuLength=" + mtuLength + ": a multiple of 32 from 576 to 65504");
        check(loopbackMtuLength >= mtuLength && loopbackMtuLength <= 65_504 && loopbackMtuLength % 32 == 0,
            "loopbackMtuLength=" + loopbackMtuLength + ": a multiple of 32 from mtuLength to 65504");
        if (receiveBufferLength == 0)
        {
            receiveBufferLength = Math.min(LARGEST_RECEIVE_BUFFER, receiveBufferLimit());
        }
        if (windowLength == 0)
        {
            windowLength = Math.min(bulkTermLength / 2, receiveBufferLength);
        }
        check(windowLength >= loopbackMtuLength && windowLength <= receiveBufferLength,
            "windowLength=" + windowLength + ": from loopbackMtuLength to receiveBufferLength");
        if (threading != DriverThreading.CORE)
        {
            check(waiter == null, "the core thread waits for sockets only with DriverThreading.CORE");
        }
        if (aeronDirectory == null)
        {
            aeronDirectory = chooseDirectory();
        }
        isConcluded = true;

        return this;
    }

    /**
     * @param value data directory of the member, which the caller has locked: names the driver's files.
     * @return this.
     */
    public TransportContext dataDirectory(final Path value)
    {
        checkOpen();
        dataDirectory = value;
        return this;
    }

    /** @return data directory of the member. */
    public Path dataDirectory()
    {
        return dataDirectory;
    }

    /**
     * @param value directory for the driver's files; by default in shared memory if there is room, else below the data
     *              directory. It is deleted at start and at the end.
     * @return this.
     */
    public TransportContext aeronDirectory(final Path value)
    {
        checkOpen();
        aeronDirectory = value;
        return this;
    }

    /** @return directory of the driver's files. */
    public Path aeronDirectory()
    {
        return aeronDirectory;
    }

    /**
     * @param value {@code host:port} on which this member hears its peers.
     * @return this.
     */
    public TransportContext listenEndpoint(final String value)
    {
        checkOpen();
        listenEndpoint = value;
        return this;
    }

    /** @return {@code host:port} on which this member hears its peers. */
    public String listenEndpoint()
    {
        return listenEndpoint;
    }

    /**
     * @param value threads of the driver; the core thread by default.
     * @return this.
     */
    public TransportContext threading(final DriverThreading value)
    {
        checkOpen();
        threading = value;
        return this;
    }

    /** @return threads of the driver. */
    public DriverThreading threading()
    {
        return threading;
    }

    /**
     * @param value term of the control class, bytes, a power of two from 64 KiB.
     * @return this.
     */
    public TransportContext controlTermLength(final int value)
    {
        checkOpen();
        controlTermLength = value;
        return this;
    }

    /** @return term of the control class, bytes. */
    public int controlTermLength()
    {
        return controlTermLength;
    }

    /**
     * @param value term of the bulk class, bytes, a power of two from 512 KiB, eight times the longest message.
     * @return this.
     */
    public TransportContext bulkTermLength(final int value)
    {
        checkOpen();
        bulkTermLength = value;
        return this;
    }

    /** @return term of the bulk class, bytes. */
    public int bulkTermLength()
    {
        return bulkTermLength;
    }

    /**
     * @param value longest datagram to peers elsewhere, bytes.
     * @return this.
     */
    public TransportContext mtuLength(final int value)
    {
        checkOpen();
        mtuLength = value;
        return this;
    }

    /** @return longest datagram to peers elsewhere, bytes. */
    public int mtuLength()
    {
        return mtuLength;
    }

    /**
     * @param value longest datagram to peers on this host, bytes.
     * @return this.
     */
    public TransportContext loopbackMtuLength(final int value)
    {
        checkOpen();
        loopbackMtuLength = value;
        return this;
    }

    /** @return longest datagram to peers on this host, bytes. */
    public int loopbackMtuLength()
    {
        return loopbackMtuLength;
    }

    /**
     * @param value for how long a silent sender is kept, nanoseconds.
     * @return this.
     */
    public TransportContext imageLivenessNs(final long value)
    {
        checkOpen();
        imageLivenessNs = value;
        return this;
    }

    /** @return for how long a silent sender is kept, nanoseconds. */
    public long imageLivenessNs()
    {
        return imageLivenessNs;
    }

    /**
     * @param value for how long a silent receiver counts as connected, nanoseconds.
     * @return this.
     */
    public TransportContext connectionTimeoutNs(final long value)
    {
        checkOpen();
        connectionTimeoutNs = value;
        return this;
    }

    /** @return for how long a silent receiver counts as connected, nanoseconds. */
    public long connectionTimeoutNs()
    {
        return connectionTimeoutNs;
    }

    /**
     * @param value waiter of the core thread, told of the driver's sockets; null if it never sleeps.
     * @return this.
     */
    public TransportContext waiter(final CoreWaiter value)
    {
        checkOpen();
        waiter = value;
        return this;
    }

    /** @return waiter of the core thread, or null. */
    public CoreWaiter waiter()
    {
        return waiter;
    }

    /**
     * @param value hears what happens to the transport.
     * @return this.
     */
    public TransportContext monitor(final TransportMonitor value)
    {
        checkOpen();
        monitor = value;
        return this;
    }

    /** @return hears what happens to the transport. */
    public TransportMonitor monitor()
    {
        return monitor;
    }

    /**
     * @param value loss for tests.
     * @return this.
     */
    public TransportContext faults(final TransportFaults value)
    {
        checkOpen();
        faults = value;
        return this;
    }

    /** @return loss for tests. */
    public TransportFaults faults()
    {
        return faults;
    }

    int receiveBufferLength()
    {
        return receiveBufferLength;
    }

    int windowLength()
    {
        return windowLength;
    }

    /** @return longest pause of the process that driver and client survive, nanoseconds. */
    long pauseLimitNs()
    {
        return pauseLimitNs;
    }

    long retryIntervalNs()
    {
        return retryIntervalNs;
    }

    private Path chooseDirectory()
    {
        final long need = DRIVER_FILES_LENGTH + 2L * PLANNED_PEERS *
            (TERMS_PER_LOG * ((long)controlTermLength + bulkTermLength) + 2 * LOG_META_DATA_LENGTH);
        final Path absolute = dataDirectory.toAbsolutePath().normalize();
        if (Files.isDirectory(SHARED_MEMORY) && Files.isWritable(SHARED_MEMORY) && usable(SHARED_MEMORY) >= 2 * need)
        {
            final byte[] path = absolute.toString().getBytes(StandardCharsets.UTF_8);
            final CRC32C crc = new CRC32C();
            crc.update(path);

            return SHARED_MEMORY.resolve("quorate-" + System.getProperty("user.name", "user") + '-' +
                Long.toHexString(crc.getValue()) + '-' + Integer.toHexString(absolute.hashCode()));
        }
        check(usable(absolute) >= need, "the driver needs " + need + " bytes for its files and there are " +
            usable(absolute) + " in " + absolute);

        return absolute.resolve("aeron");
    }

    private static long usable(final Path directory)
    {
        try
        {
            final FileStore store = Files.getFileStore(directory);

            return store.getUsableSpace();
        }
        catch (final IOException ex)
        {
            throw new UncheckedIOException("no space known of " + directory, ex);
        }
    }

    private static int receiveBufferLimit()
    {
        // Not readString: the kernel gives the number only to a first read that has room for all of it.
        try (BufferedReader reader = Files.newBufferedReader(RECEIVE_BUFFER_LIMIT))
        {
            return Integer.parseInt(reader.readLine().trim());
        }
        catch (final IOException | NumberFormatException ignore)
        {
            // Not Linux, or hidden: what every system gives.
            return 128 * 1024;
        }
    }

    private void checkOpen()
    {
        check(!isConcluded, "the transport's context is concluded");
    }

    private static void check(final boolean holds, final String message)
    {
        if (!holds)
        {
            throw new IllegalStateException(message);
        }
    }

    @Override
    public String toString()
    {
        return "TransportContext{listenEndpoint=" + listenEndpoint +
            ", aeronDirectory=" + aeronDirectory +
            ", threading=" + threading +
            ", controlTermLength=" + controlTermLength +
            ", bulkTermLength=" + bulkTermLength +
            ", mtuLength=" + mtuLength +
            ", loopbackMtuLength=" + loopbackMtuLength +
            ", receiveBufferLength=" + receiveBufferLength +
            ", windowLength=" + windowLength +
            ", imageLivenessNs=" + imageLivenessNs +
            ", connectionTimeoutNs=" + connectionTimeoutNs +
            ", pauseLimitNs=" + pauseLimitNs +
            '}';
    }
}
