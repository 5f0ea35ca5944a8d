package dev.quorate.core.session;

import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.seam.Clock;
import dev.quorate.core.store.RecordView;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * Runs one range on a pinned state and writes {@code kvs}, {@code more} and {@code count} of its response. A long
 * range is run in steps; between steps the pin keeps the revision but not the memory of the index.
 */
final class RangeExecutor
{
    /** No bound on a step: the whole range at once. */
    static final long UNBOUNDED = Long.MAX_VALUE;

    private static final int KVS = 2;
    private static final int MORE = 3;
    private static final int COUNT = 4;
    private static final int KEYS_BETWEEN_CHECKS = 16;
    private static final int STEP_BYTES = 256 * 1024;

    private final Clock clock;
    private final LoopRings rings;
    /** Null if the states that are read are not those of revisions. */
    private final PageCounts pages;
    private final RecordView record = new RecordView();
    private final RangeSort sort = new RangeSort();
    private final ExpandableArrayBuffer resumeKey = new ExpandableArrayBuffer(128);
    private StateReader reader;
    private RangeRequest request;
    private DirectBuffer buffer;
    private WireWriter writer;
    private long seen;
    private long written;
    private long total;
    private long revision;
    private long left;
    private boolean isMore;
    private boolean isSuspended;
    private int resumeLength;

    /** For states inside transactions. */
    RangeExecutor(final SessionContext context)
    {
        this(context, null);
    }

    /** For states at revisions. */
    RangeExecutor(final SessionContext context, final PageCounts pages)
    {
        this.pages = pages;
        clock = context.clock();
        rings = context.rings();
    }

    /** Begins a range on the state that the reader is pinned to. */
    void begin(final StateReader on, final RangeRequest of, final DirectBuffer ofBuffer, final WireWriter to)
    {
        reader = on;
        request = of;
        buffer = ofBuffer;
        writer = to;
        seen = 0;
        written = 0;
        total = 0;
        left = 0;
        isMore = false;
        isSuspended = false;
        revision = request.revision > 0 ? request.revision : reader.currentRevision();
        sort.reset();
        rings.countRange();
        if (!request.isCountOnly && request.endLength != 0)
        {
            reader.scan(buffer, request.keyOffset, request.keyLength, buffer, request.endOffset, request.endLength);
        }
    }

    /**
     * Runs until the range is done, or the time has come and the rest must wait.
     *
     * @return true if it is done and everything is written.
     */
    boolean step(final long untilNs)
    {
        if (request.isCountOnly)
        {
            total = countAll();
            finish();
            return true;
        }
        if (request.endLength == 0)
        {
            if (reader.get(buffer, request.keyOffset, request.keyLength, record))
            {
                total = 1;
                take(record);
            }
            finish();
            return true;
        }
        if (isSuspended)
        {
            isSuspended = false;
            reader.scan(resumeKey, 0, resumeLength, buffer, request.endOffset, request.endLength);
        }
        return scan(untilNs);
    }

    /** The range is done, nothing has overtaken it, and the reader is still pinned. */
    void answered()
    {
        if (left > 0)
        {
            pages.note(
                revision, record.buffer(), record.keyOffset(), record.keyLength(),
                buffer, request.endOffset, request.endLength, left);
        }
    }

    private boolean scan(final long untilNs)
    {
        final int lengthBefore = writer.length();
        final boolean fetchesAll = request.hasFilter() ||
            request.sortOrder != RangeRequest.ORDER_NONE && request.isSorted();
        while (reader.next())
        {
            if (!fetchesAll && request.limit > 0 && seen == request.limit)
            {
                takeOneMore();
                countPage();
                finish();
                return true;
            }
            seen++;
            reader.record(record);
            take(record);
            if (writer.overflowed())
            {
                return true;
            }
            // never behind the last key of a page: its record is needed once the count is known
            if (untilNs != UNBOUNDED && seen % KEYS_BETWEEN_CHECKS == 0 && seen != request.limit &&
                (writer.length() - lengthBefore > STEP_BYTES || clock.nanoTime() - untilNs >= 0))
            {
                suspend();
                return false;
            }
        }
        total = seen;
        finish();
        return true;
    }

    /** One result beyond the limit: it is not written, but a sort without an order chooses among it too. */
    private void takeOneMore()
    {
        isMore = true;
        if (request.isSorted())
        {
            reader.record(record);
            take(record);
        }
    }

    private void take(final RecordView version)
    {
        if (request.hasFilter() && !request.admits(version.createRevision(), version.mainRevision()))
        {
            return;
        }
        if (request.isSorted())
        {
            sort.add(version.lp(), numberOf(version));
        }
        else if (request.limit > 0 && written == request.limit)
        {
            isMore = true;
        }
        else
        {
            write(version);
        }
    }

    private void finish()
    {
        if (request.isSorted() && sort.size() > 0)
        {
            sort.sort(reader, request);
            final long limit = request.limit > 0 ? request.limit : Long.MAX_VALUE;
            isMore |= sort.size() > limit;
            for (int i = 0; i < sort.size() && written < limit; i++)
            {
                reader.recordAt(sort.lp(i), record);
                write(record);
            }
        }
        writer.bool(MORE, isMore);
        writer.varint(COUNT, total);
    }

    private void write(final RecordView version)
    {
        written++;
        writeKeyValue(writer, KVS, version, request);
    }

    /** Writes a version as the request wants it. */
    static void writeKeyValue(
        final WireWriter writer, final int field, final RecordView version, final RangeRequest request)
    {
        if (!request.isKeysOnly)
        {
            writer.bytes(field, version.buffer(), version.bodyOffset(), version.bodyLength());
            return;
        }
        final int body = writer.begin(field);
        if (version.keyLength() > 0)
        {
            writer.bytes(1, version.buffer(), version.keyOffset(), version.keyLength());
        }
        writer.varint(2, version.createRevision());
        writer.varint(3, version.mainRevision());
        writer.varint(4, version.version());
        // Keys alone are answered as if from the index, which knows no leases, unless values were needed to sort.
        if (request.sortTarget == RangeRequest.TARGET_VALUE)
        {
            writer.varint(6, version.lease());
        }
        writer.end(body);
    }

    private long numberOf(final RecordView version)
    {
        return switch (request.sortTarget)
        {
            case RangeRequest.TARGET_VERSION -> version.version();
            case RangeRequest.TARGET_CREATE -> version.createRevision();
            case RangeRequest.TARGET_MOD -> version.mainRevision();
            default -> 0;
        };
    }

    /** The count of the range, with that of the rest for the next page. */
    private void countPage()
    {
        final boolean isPage = null != pages && !request.isSorted();
        final long known = isPage ? pages.find(
            revision, buffer, request.keyOffset, request.keyLength, request.endOffset, request.endLength) : -1;
        total = known >= 0 ? known : countAll();
        left = isPage ? total - seen : 0;
    }

    private long countAll()
    {
        return reader.count(buffer, request.keyOffset, request.keyLength, request.endOffset, request.endLength);
    }

    private void suspend()
    {
        final int length = reader.keyLength();
        resumeKey.putBytes(0, reader.key(), 0, length);
        resumeKey.putByte(length, (byte)0);
        resumeLength = length + 1;
        isSuspended = true;
        reader.yieldEpoch();
    }
}
