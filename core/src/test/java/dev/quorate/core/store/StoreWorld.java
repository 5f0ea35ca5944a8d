package dev.quorate.core.store;

import dev.quorate.core.seam.Disk;
import dev.quorate.core.seam.ManualClock;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.charset.StandardCharsets;

/**
 * A store on a simulated disk with all its agents on the test's thread.
 */
final class StoreWorld
{
    /** The end of an interval that holds every key from its begin on. */
    static final byte[] FROM_KEY = {0};
    static final byte[] NONE = {};

    private final ManualClock clock = new ManualClock(0);
    private final UnsafeBuffer keyBuffer = new UnsafeBuffer(new byte[0]);
    private final UnsafeBuffer valueBuffer = new UnsafeBuffer(new byte[0]);
    private final UnsafeBuffer endBuffer = new UnsafeBuffer(new byte[0]);
    SimulatedDisk disk;
    /** Instead of the simulated one, for a world that is not restarted. */
    Disk other;
    Store store;
    StoreReader reader;
    HashJob hashJob;
    long term = 1;
    long clusterId = 11;
    long storeId = 12;
    boolean isAdopted;
    int tailLength = 4096;
    int tailCount = 3;
    long maxIndexBytes = 64L << 20;
    int sliceBytes = 4096;
    int ringLength = 64;
    int snapshotCount = 20;
    /** Odd seeds live with checkpoints of the index, even ones without. */
    long checkpointIntervalMin;
    int checkpointBlockLength = 600;
    long answersProduced;
    long answersDrained = Long.MAX_VALUE;

    StoreWorld(final long seed)
    {
        disk = new SimulatedDisk(new SimulatedRng(seed));
        checkpointIntervalMin = 1 == (seed & 1) ? 3000 : 1L << 30;
    }

    StoreWorld plain()
    {
        disk.plain();
        return this;
    }

    StoreContext context(final Disk on)
    {
        return new StoreContext().disk(on).clock(clock).clusterId(clusterId).storeId(storeId)
            .isNew(!isAdopted).isAdopted(isAdopted)
            .tailBufferLength(tailLength).tailBufferCount(tailCount).sliceBytes(sliceBytes).ringLength(ringLength)
            .snapshotCount(snapshotCount).maxIndexBytes(maxIndexBytes)
            .checkpointInterval(checkpointIntervalMin, Math.max(checkpointIntervalMin, 20_000))
            .checkpointBlockLength(checkpointBlockLength)
            .answers(() -> answersProduced, () -> answersDrained);
    }

    StoreWorld open()
    {
        store = Store.open(context(null == other ? disk : other));
        reader = store.newReader();
        hashJob = store.newHashJob();
        return this;
    }

    /** The process ends and starts again on the same disk, where the checkpoint of the index is gone. */
    void restartByScan()
    {
        store.close();
        disk = disk.processExit();
        for (final String name : disk.list("store"))
        {
            if (name.startsWith("index-"))
            {
                disk.delete("store/" + name);
            }
        }
        open();
        if (0 != store.housekeeping().rolledFromLp())
        {
            throw new IllegalStateException("a checkpoint was used that is not there");
        }
    }

    /** The process ends and starts again on the same disk. */
    void restart()
    {
        store.close();
        disk = disk.processExit();
        open();
    }

    void begin()
    {
        while (store.isBackPressured())
        {
            turn();
        }
        store.begin(store.raftIndex() + 1, term);
    }

    void end()
    {
        store.end();
    }

    void publish()
    {
        store.publish();
    }

    void endAndPublish()
    {
        store.end();
        store.publish();
    }

    long put(final String key, final String value)
    {
        return put(bytes(key), bytes(value), 0);
    }

    long put(final byte[] key, final byte[] value, final long lease)
    {
        keyBuffer.wrap(key);
        valueBuffer.wrap(value);
        return store.put(keyBuffer, 0, key.length, valueBuffer, 0, value.length, lease);
    }

    boolean delete(final byte[] key)
    {
        keyBuffer.wrap(key);
        return store.delete(keyBuffer, 0, key.length);
    }

    void putSystem(final byte kind, final byte[] key, final byte[] body)
    {
        keyBuffer.wrap(key);
        valueBuffer.wrap(body);
        store.putSystem(kind, keyBuffer, 0, key.length, valueBuffer, 0, body.length);
    }

    boolean deleteSystem(final byte kind, final byte[] key)
    {
        keyBuffer.wrap(key);
        return store.deleteSystem(kind, keyBuffer, 0, key.length);
    }

    boolean delete(final String key)
    {
        return delete(bytes(key));
    }

    void putEntry(final String key, final String value)
    {
        begin();
        put(key, value);
        endAndPublish();
    }

    void deleteEntry(final String key)
    {
        begin();
        delete(key);
        endAndPublish();
    }

    void compactEntry(final long revision)
    {
        begin();
        store.compact(revision);
        endAndPublish();
    }

    boolean get(final String key, final RecordView view)
    {
        keyBuffer.wrap(bytes(key));
        return reader.get(keyBuffer, 0, keyBuffer.capacity(), view);
    }

    boolean get(final byte[] key, final RecordView view)
    {
        keyBuffer.wrap(key);
        return reader.get(keyBuffer, 0, key.length, view);
    }

    long count(final byte[] key, final byte[] end)
    {
        keyBuffer.wrap(key);
        endBuffer.wrap(end);
        return reader.count(keyBuffer, 0, key.length, endBuffer, 0, end.length);
    }

    void scan(final byte[] key, final byte[] end)
    {
        keyBuffer.wrap(key);
        endBuffer.wrap(end);
        reader.scan(keyBuffer, 0, key.length, endBuffer, 0, end.length);
    }

    /** One duty cycle of apply and housekeeping. */
    int turn()
    {
        clock.nowNs += 1_000_000;
        return store.doWork() + store.housekeeping().doWork();
    }

    void turns(final int count)
    {
        for (int i = 0; i < count; i++)
        {
            turn();
        }
    }

    /** Turns until nothing is left to do but waiting for time. */
    void settle()
    {
        int idle = 0;
        for (int i = 0; i < 1_000_000 && idle < 4; i++)
        {
            idle = 0 == turn() ? idle + 1 : 0;
        }
    }

    void settleCompaction()
    {
        for (int i = 0; i < 1_000_000; i++)
        {
            if (store.finishedCompaction() == store.compactRevision())
            {
                return;
            }
            turn();
        }
        throw new IllegalStateException("compaction " + store.compactRevision() + " does not finish");
    }

    /** Forces everything that is published. */
    void force()
    {
        store.requestForce();
        final DurableMark mark = new DurableMark();
        for (int i = 0; i < 1_000_000; i++)
        {
            turn();
            if (store.durableMark(mark) && mark.raftIndex() == store.raftIndex())
            {
                return;
            }
        }
        throw new IllegalStateException("no durable mark at " + store.raftIndex());
    }

    HashJob hashKv(final long revision)
    {
        hashJob.submitHashKv(revision);
        for (int i = 0; i < 1_000_000 && !hashJob.isDone(); i++)
        {
            turn();
        }
        if (!hashJob.isDone())
        {
            throw new IllegalStateException("no hash");
        }
        return hashJob;
    }

    static byte[] bytes(final String text)
    {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] value(final RecordView view)
    {
        final byte[] value = new byte[view.valueLength()];
        view.buffer().getBytes(view.valueOffset(), value);
        return value;
    }

    static byte[] key(final RecordView view)
    {
        final byte[] key = new byte[view.keyLength()];
        view.buffer().getBytes(view.keyOffset(), key);
        return key;
    }
}
