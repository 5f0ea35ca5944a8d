package dev.quorate.gateway.metrics;

import dev.quorate.core.api.GrpcCode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What one event loop counts. Written by the loop's thread with release, read by whichever loop renders the page with
 * acquire.
 */
public final class LoopCounters
{
    /** Upper bounds of the classes of handling time, seconds. */
    static final double[] HANDLING_BOUNDS = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
    /** Different client versions that are told apart; what comes later counts as {@link #OTHER_VERSION}. */
    static final int VERSIONS_MAX = 16;

    private static final String UNKNOWN_VERSION = "unknown";
    private static final String OTHER_VERSION = "other";
    private static final int VERSION_LENGTH_MAX = 64;
    private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long[] BOUNDS_NS = boundsNs();

    private static final int CODES = GrpcCode.values().length;
    private static final int STARTED = 0;
    private static final int RECEIVED = 1;
    private static final int SENT = 2;
    private static final int HANDLING_NS = 3;
    private static final int HANDLED = 4;
    private static final int HANDLING = HANDLED + CODES;
    private static final int STRIDE = HANDLING + HANDLING_BOUNDS.length + 1;
    private static final int BYTES_RECEIVED = STRIDE * Rpcs.COUNT;
    private static final int BYTES_SENT = BYTES_RECEIVED + 1;
    private static final int LENGTH = BYTES_SENT + 1;

    private final long[] counts = new long[LENGTH];
    private final byte[][] versions = new byte[VERSIONS_MAX][];
    private final long[] versionCounts = new long[2 * (VERSIONS_MAX + 2)];
    private volatile String[] versionLabels = {UNKNOWN_VERSION, OTHER_VERSION};

    private static long[] boundsNs()
    {
        final long[] bounds = new long[HANDLING_BOUNDS.length];
        for (int i = 0; i < bounds.length; i++)
        {
            bounds[i] = Math.round(HANDLING_BOUNDS[i] * 1e9);
        }

        return bounds;
    }

    /**
     * A call began.
     *
     * @param rpc index of the method.
     */
    public void onStarted(final int rpc)
    {
        add(counts, rpc * STRIDE + STARTED, 1);
    }

    /**
     * A request message arrived.
     *
     * @param rpc         index of the method.
     * @param lengthBytes of the message.
     */
    public void onReceived(final int rpc, final long lengthBytes)
    {
        add(counts, rpc * STRIDE + RECEIVED, 1);
        add(counts, BYTES_RECEIVED, lengthBytes);
    }

    /**
     * A response message was sent.
     *
     * @param rpc         index of the method.
     * @param lengthBytes of the message.
     */
    public void onSent(final int rpc, final long lengthBytes)
    {
        add(counts, rpc * STRIDE + SENT, 1);
        add(counts, BYTES_SENT, lengthBytes);
    }

    /**
     * A call ended.
     *
     * @param rpc  index of the method.
     * @param code number of the status.
     */
    public void onHandled(final int rpc, final int code)
    {
        add(counts, rpc * STRIDE + HANDLED + code, 1);
    }

    /**
     * Records how long a call took. Only called where handling times are asked for.
     *
     * @param rpc        index of the method.
     * @param durationNs of the call, nanoseconds.
     */
    public void onHandlingTime(final int rpc, final long durationNs)
    {
        int bucket = 0;
        while (bucket < BOUNDS_NS.length && durationNs > BOUNDS_NS[bucket])
        {
            bucket++;
        }

        add(counts, rpc * STRIDE + HANDLING + bucket, 1);
        add(counts, rpc * STRIDE + HANDLING_NS, durationNs);
    }

    /**
     * Counts a request under the version of the client's API.
     *
     * @param version as the metadata holds it, null if absent.
     * @param stream  true if the call is a stream.
     * @return false if the version is no UTF-8 text; then nothing is counted.
     */
    public boolean onClientRequest(final byte[] version, final boolean stream)
    {
        final int index = version == null ? 0 : indexOfVersion(version);
        if (index < 0)
        {
            return false;
        }

        add(versionCounts, 2 * index + (stream ? 1 : 0), 1);
        return true;
    }

    private int indexOfVersion(final byte[] version)
    {
        final int known = versionLabels.length - 2;
        for (int i = 0; i < known; i++)
        {
            if (Arrays.equals(versions[i], version))
            {
                return i + 2;
            }
        }

        return newVersion(known, version);
    }

    private int newVersion(final int known, final byte[] version)
    {
        final String label;
        try
        {
            label = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(version)).toString();
        }
        catch (final CharacterCodingException ex)
        {
            return -1;
        }

        if (known == VERSIONS_MAX || version.length > VERSION_LENGTH_MAX)
        {
            return 1;
        }

        versions[known] = version.clone();
        final String[] labels = Arrays.copyOf(versionLabels, known + 3);
        labels[known + 2] = MetricsText.escape(label);
        versionLabels = labels;

        return known + 2;
    }

    long started(final int rpc)
    {
        return get(counts, rpc * STRIDE + STARTED);
    }

    long received(final int rpc)
    {
        return get(counts, rpc * STRIDE + RECEIVED);
    }

    long sent(final int rpc)
    {
        return get(counts, rpc * STRIDE + SENT);
    }

    long handled(final int rpc, final int code)
    {
        return get(counts, rpc * STRIDE + HANDLED + code);
    }

    long handling(final int rpc, final int bucket)
    {
        return get(counts, rpc * STRIDE + HANDLING + bucket);
    }

    long handlingNs(final int rpc)
    {
        return get(counts, rpc * STRIDE + HANDLING_NS);
    }

    long bytesReceived()
    {
        return get(counts, BYTES_RECEIVED);
    }

    long bytesSent()
    {
        return get(counts, BYTES_SENT);
    }

    /**
     * @return labels of the versions seen; the first stands for no version.
     */
    String[] versionLabels()
    {
        return versionLabels;
    }

    long clientRequests(final int version, final boolean stream)
    {
        return get(versionCounts, 2 * version + (stream ? 1 : 0));
    }

    private static void add(final long[] counts, final int index, final long delta)
    {
        // Single writer: a plain load, and a release store that pairs with the acquire load in get().
        COUNTS.setRelease(counts, index, counts[index] + delta);
    }

    private static long get(final long[] counts, final int index)
    {
        return (long)COUNTS.getAcquire(counts, index);
    }
}
