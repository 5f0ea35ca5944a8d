package dev.quorate.core.session;

import dev.quorate.core.store.RecordView;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.StoreReader;
import org.agrona.DirectBuffer;

/**
 * The store behind {@link StateSource}.
 */
public final class StoreState implements StateSource
{
    private final Store store;

    /**
     * @param store to read.
     */
    public StoreState(final Store store)
    {
        this.store = store;
    }

    @Override
    public StateReader newReader()
    {
        return new Reader(store.newReader());
    }

    @Override
    public long visibleRevision()
    {
        return store.visibleRevision();
    }

    @Override
    public long compactedRevision()
    {
        return store.compactedRevision();
    }

    @Override
    public long dbSize()
    {
        return store.dbSize();
    }

    @Override
    public long dbSizeInUse()
    {
        return store.dbSizeInUse();
    }

    private static final class Reader implements StateReader
    {
        private final StoreReader reader;

        Reader(final StoreReader reader)
        {
            this.reader = reader;
        }

        @Override
        public long pinLatest()
        {
            return reader.pinLatest();
        }

        @Override
        public int pinAt(final long revision)
        {
            return reader.pinAt(revision);
        }

        @Override
        public void pinAnswer(final long bound)
        {
            reader.pinAnswer(bound);
        }

        @Override
        public void moveTo(final long bound)
        {
            reader.moveTo(bound);
        }

        @Override
        public void yieldEpoch()
        {
            reader.yieldEpoch();
        }

        @Override
        public void unpin()
        {
            reader.unpin();
        }

        @Override
        public boolean isOvertaken()
        {
            return reader.isOvertaken();
        }

        @Override
        public long currentRevision()
        {
            return reader.currentRevision();
        }

        @Override
        public boolean get(final DirectBuffer key, final int offset, final int length, final RecordView view)
        {
            return reader.get(key, offset, length, view);
        }

        @Override
        public long count(
            final DirectBuffer buffer,
            final int keyOffset,
            final int keyLength,
            final int endOffset,
            final int endLength)
        {
            return reader.count(buffer, keyOffset, keyLength, buffer, endOffset, endLength);
        }

        @Override
        public void scan(
            final DirectBuffer key,
            final int keyOffset,
            final int keyLength,
            final DirectBuffer end,
            final int endOffset,
            final int endLength)
        {
            reader.scan(key, keyOffset, keyLength, end, endOffset, endLength);
        }

        @Override
        public boolean next()
        {
            return reader.next();
        }

        @Override
        public DirectBuffer key()
        {
            return reader.key();
        }

        @Override
        public int keyLength()
        {
            return reader.keyLength();
        }

        @Override
        public long lp()
        {
            return reader.lp();
        }

        @Override
        public void record(final RecordView view)
        {
            reader.record(view);
        }

        @Override
        public void recordAt(final long lp, final RecordView view)
        {
            reader.recordAt(lp, view);
        }

        @Override
        public void scanLease(final long leaseId)
        {
            reader.scanLease(leaseId);
        }

        @Override
        public boolean nextLeaseKey()
        {
            return reader.nextLeaseKey();
        }

        @Override
        public DirectBuffer leaseKey()
        {
            return reader.leaseKey();
        }

        @Override
        public int leaseKeyOffset()
        {
            return reader.leaseKeyOffset();
        }

        @Override
        public int leaseKeyLength()
        {
            return reader.leaseKeyLength();
        }
    }
}
