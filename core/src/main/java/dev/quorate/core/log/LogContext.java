package dev.quorate.core.log;

import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.Rng;
import dev.quorate.core.seam.Signal;
import java.util.Objects;
import org.agrona.BitUtil;

/**
 * Configuration of the log; {@link #conclude()} checks and completes it, afterwards it is only read.
 */
public final class LogContext
{
    private static final int PAGE_LENGTH = SegmentDescriptor.PAGE_LENGTH;
    private static final int MAX_SEGMENT_LENGTH = 1 << 30;

    private Disk disk;
    private Clock clock;
    private Rng rng;
    private Signal consensusSignal = Signal.NONE;
    private String directory = "log";
    private String termPath = "term";
    private long clusterId;
    private int maxPayloadLength = 2 * 1024 * 1024;
    private int initialSegmentLength = 4 * 1024 * 1024;
    private int maxSegmentLength = 64 * 1024 * 1024;
    private int maxHolds = 64;
    private boolean isUnsafeNoFsync;
    private boolean isConcluded;

    /**
     * Checks everything and raises the segment lengths to what two maximal entries need.
     *
     * @return this.
     */
    public LogContext conclude()
    {
        if (isConcluded)
        {
            throw new IllegalStateException("already concluded");
        }
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(rng, "rng");
        final long least = PAGE_LENGTH + 2L * FrameDescriptor.alignedLength(maxPayloadLength);
        final long length = BitUtil.align(Math.max(least, initialSegmentLength), PAGE_LENGTH);
        if (maxPayloadLength <= 0 || length > MAX_SEGMENT_LENGTH)
        {
            throw new IllegalArgumentException("payloads of " + maxPayloadLength + " bytes do not fit a segment");
        }
        initialSegmentLength = (int)length;
        maxSegmentLength = BitUtil.align(Math.max(initialSegmentLength, maxSegmentLength), PAGE_LENGTH);
        isConcluded = true;

        return this;
    }

    /**
     * @param value disk that holds the log.
     * @return this.
     */
    public LogContext disk(final Disk value)
    {
        disk = value;
        return this;
    }

    /**
     * @return the disk that holds the log.
     */
    public Disk disk()
    {
        return disk;
    }

    /**
     * @param value for the idle watermark and for new attempts on a full disk.
     * @return this.
     */
    public LogContext clock(final Clock value)
    {
        clock = value;
        return this;
    }

    /**
     * @return the clock.
     */
    public Clock clock()
    {
        return clock;
    }

    /**
     * @param value from which a new directory's store id is drawn.
     * @return this.
     */
    public LogContext rng(final Rng value)
    {
        rng = value;
        return this;
    }

    /**
     * @return the source of the store id.
     */
    public Rng rng()
    {
        return rng;
    }

    /**
     * @param value wakes consensus when something became durable.
     * @return this.
     */
    public LogContext consensusSignal(final Signal value)
    {
        consensusSignal = value;
        return this;
    }

    /**
     * @return see {@link #consensusSignal(Signal)}.
     */
    public Signal consensusSignal()
    {
        return consensusSignal;
    }

    /**
     * @param value directory of the segments.
     * @return this.
     */
    public LogContext directory(final String value)
    {
        directory = value;
        return this;
    }

    /**
     * @return directory of the segments.
     */
    public String directory()
    {
        return directory;
    }

    /**
     * @param value path of the term file, outside the directory of segments.
     * @return this.
     */
    public LogContext termPath(final String value)
    {
        termPath = value;
        return this;
    }

    /**
     * @return path of the term file.
     */
    public String termPath()
    {
        return termPath;
    }

    /**
     * @param value cluster to which the log belongs; files of another are refused.
     * @return this.
     */
    public LogContext clusterId(final long value)
    {
        clusterId = value;
        return this;
    }

    /**
     * @return the cluster.
     */
    public long clusterId()
    {
        return clusterId;
    }

    /**
     * @param value longest payload of an entry, bytes.
     * @return this.
     */
    public LogContext maxPayloadLength(final int value)
    {
        maxPayloadLength = value;
        return this;
    }

    /**
     * @return longest payload of an entry, bytes.
     */
    public int maxPayloadLength()
    {
        return maxPayloadLength;
    }

    /**
     * @param value length of the first segment, bytes; raised to what two maximal entries need.
     * @return this.
     */
    public LogContext initialSegmentLength(final int value)
    {
        initialSegmentLength = value;
        return this;
    }

    /**
     * @return length of the first segment, bytes.
     */
    public int initialSegmentLength()
    {
        return initialSegmentLength;
    }

    /**
     * @param value length at which segments stop to double, bytes.
     * @return this.
     */
    public LogContext maxSegmentLength(final int value)
    {
        maxSegmentLength = value;
        return this;
    }

    /**
     * @return length at which segments stop to double, bytes.
     */
    public int maxSegmentLength()
    {
        return maxSegmentLength;
    }

    /**
     * @return most readers that hold segments at a time.
     */
    public int maxHolds()
    {
        return maxHolds;
    }

    /**
     * @param value true if nothing is synced while running and everything written counts as durable at once.
     * @return this.
     */
    public LogContext unsafeNoFsync(final boolean value)
    {
        isUnsafeNoFsync = value;
        return this;
    }

    /**
     * @return see {@link #unsafeNoFsync(boolean)}.
     */
    public boolean isUnsafeNoFsync()
    {
        return isUnsafeNoFsync;
    }
}
