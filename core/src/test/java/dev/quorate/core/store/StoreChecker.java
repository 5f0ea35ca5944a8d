package dev.quorate.core.store;

import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Compares everything that a store answers with the model.
 */
final class StoreChecker
{
    private static final byte[][] BEGINS = {
        {0}, StoreWorld.bytes("/registry/"), StoreWorld.bytes("/registry/pods/3"), StoreWorld.bytes("k5"), {'z'}};
    private static final byte[][] ENDS = {
        StoreWorld.FROM_KEY, StoreWorld.bytes("/registry0"), StoreWorld.bytes("/registry/pods/9"), StoreWorld.NONE,
        StoreWorld.bytes("a")};

    private StoreChecker()
    {
    }

    /** At every revision that can be read. */
    static void checkAll(final StoreWorld world, final StoreModel model)
    {
        assertEquals(model.revision, world.store.visibleRevision());
        assertEquals(model.compactRevision, world.store.compactedRevision());
        final long lowest = Math.max(model.compactRevision, 1);
        for (long revision = lowest; revision <= model.revision; revision++)
        {
            checkAt(world, model, revision);
        }
        checkEvents(world, model, lowest);
        checkLeases(world, model);
        assertEquals(StoreReader.FUTURE, world.reader.pinAt(model.revision + 1));
        if (model.compactRevision > 0)
        {
            assertEquals(StoreReader.COMPACTED, world.reader.pinAt(model.compactRevision - 1));
        }
        assertEquals(model.range(new byte[]{0}, StoreWorld.FROM_KEY, model.revision).size(), world.store.liveKeys());
    }

    static void checkAt(final StoreWorld world, final StoreModel model, final long revision)
    {
        assertEquals(StoreReader.OK, world.reader.pinAt(revision));
        checkPinned(world, model, revision);
        world.reader.unpin();
    }

    /** What the present pin shows is the state at a revision. */
    static void checkPinned(final StoreWorld world, final StoreModel model, final long revision)
    {
        final RecordView view = new RecordView();
        for (final byte[] key : model.keys.keySet())
        {
            final StoreModel.Version expected = model.alive(key, revision);
            final boolean isFound = world.get(key, view);
            assertEquals(expected != null, isFound, () -> "key " + new String(key) + " at " + revision);
            if (isFound)
            {
                checkRecord(expected, view);
            }
        }
        for (int i = 0; i < BEGINS.length; i++)
        {
            for (final byte[] end : ENDS)
            {
                checkRange(world, model.range(BEGINS[i], end, revision), BEGINS[i], end);
            }
        }
    }

    static void checkEvents(final StoreWorld world, final StoreModel model, final long from)
    {
        assertEquals(StoreReader.OK, world.reader.pinAt(from));
        final RevisionIterator events = world.reader.revisions(from);
        final RecordView view = new RecordView();
        for (final StoreModel.Version expected : model.events(from))
        {
            assertTrue(events.next());
            events.record(view);
            checkRecord(expected, view);
        }
        assertFalse(events.next());
        world.reader.unpin();
    }

    private static void checkRange(
        final StoreWorld world, final List<StoreModel.Version> expected, final byte[] begin, final byte[] end)
    {
        assertEquals(expected.size(), world.count(begin, end));
        world.scan(begin, end);
        final RecordView view = new RecordView();
        for (final StoreModel.Version version : expected)
        {
            assertTrue(world.reader.next());
            world.reader.record(view);
            checkRecord(version, view);
        }
        assertFalse(world.reader.next());
    }

    private static void checkLeases(final StoreWorld world, final StoreModel model)
    {
        for (long lease = 1; lease <= 3; lease++)
        {
            final TreeSet<byte[]> found = new TreeSet<>(Arrays::compareUnsigned);
            final LeaseScan scan = world.store.scanLease(lease);
            while (scan.next())
            {
                final byte[] key = new byte[scan.keyLength()];
                scan.key().getBytes(scan.keyOffset(), key);
                found.add(key);
            }
            final TreeSet<byte[]> expected = model.leaseKeys(lease);
            assertEquals(expected.size(), found.size());
            assertTrue(found.containsAll(expected));
        }
    }

    private static void checkRecord(final StoreModel.Version expected, final RecordView view)
    {
        final byte[] body = new byte[view.bodyLength()];
        view.buffer().getBytes(view.bodyOffset(), body);
        assertArrayEquals(expected.body(), body, () -> "version " + expected);
        assertEquals(expected.main(), view.mainRevision());
        assertEquals(expected.sub(), view.subRevision());
        assertEquals(expected.isTombstone(), view.isTombstone());
        if (!expected.isTombstone())
        {
            assertEquals(expected.create(), view.createRevision());
            assertEquals(expected.version(), view.version());
            assertEquals(expected.lease(), view.lease());
            assertArrayEquals(expected.value(), StoreWorld.value(view));
        }
        assertArrayEquals(expected.key(), StoreWorld.key(view));
    }
}
