package dev.quorate.core.session;

import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.session.World.Reply;
import dev.quorate.core.store.KeyScan;
import dev.quorate.core.store.LeaseScan;
import dev.quorate.core.store.RecordDescriptor;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.StoreReader;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

import static dev.quorate.core.session.World.key;
import static dev.quorate.core.session.World.nested;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * One call deletes a million keys. It takes many turns, between which consensus has its own, and is all or nothing for
 * readers, and for whoever comes back from a power cut.
 */
class MassDeletionTest
{
    private static final int KEYS = 1_000_000;
    private static final int STAYING = 3_000;
    private static final int TXN_PUTS = 128;
    private static final int IN_FLIGHT = 8;
    private static final int LEASES = 3;
    /** One key in so many is attached to a lease. */
    private static final int LEASED_ONE_IN = 10;
    private static final int SLICE_UNITS = 128;
    private static final int SLICES = (KEYS + SLICE_UNITS - 1) / SLICE_UNITS;
    private static final int KEY_LENGTH = 8;
    /** Field number and length stand before the key. */
    private static final int TOMBSTONE_LENGTH = RecordDescriptor.frameLength(2 + KEY_LENGTH, false);
    private static final int TURNS_PER_COUNT = 500;
    private static final UnsafeBuffer ALL = new UnsafeBuffer(new byte[1]);

    private final OneMember member = new OneMember();

    @AfterEach
    void close()
    {
        member.close();
    }

    @Test
    void deletionOfAMillionKeysIsInvisibleUntilItEndsAndAbsentAfterAPowerCutInItsMiddle() throws DiskFullException
    {
        member.turnNs = 100_000;
        member.open();
        for (int lease = 1; lease <= LEASES; lease++)
        {
            final int id = lease;
            accepted(Method.LEASE_GRANT, (grant) ->
            {
                grant.varint(1, 3600);
                grant.varint(2, id);
            });
        }
        putAll('k', KEYS);
        putAll('s', STAYING);
        force();
        assertLeaseTreeIsExact(KEYS + STAYING);

        final Reply reply = member.call(Method.KV_DELETE_RANGE, (delete) ->
        {
            key(delete, 1, "k");
            key(delete, 2, "l");
        });
        runSlices(SLICES / 3);
        assertTrue(reply.isOpen());
        assertTrue(powerCut() > 0, "nothing was lost");
        runSlices(SLICES * 9 / 10);
        assertTrue(powerCut() > 0, "nothing was lost");
        runSlices(1);
        powerCut();
        runSlices(SLICES);
        assertEquals(STAYING, count());
        assertLeaseTreeIsExact(STAYING);

        final long revision = member.node.store().revision();
        final long streamHash = member.node.store().streamHash();
        force();
        member.crash();
        member.boot();
        assertEquals(revision, member.node.store().visibleRevision());
        assertEquals(streamHash, member.node.store().streamHash());
        assertEquals(STAYING, count());
        assertLeaseTreeIsExact(STAYING);
    }

    /**
     * What the store holds afterwards, before the log is applied again, shows nothing of the deletion.
     *
     * @return how many pages the power cut took back.
     */
    private long powerCut() throws DiskFullException
    {
        member.crash();
        final long lostPages = member.disk.lostPages();
        member.boot();
        assertEquals(KEYS + STAYING, count());
        assertEquals(KEYS + STAYING, member.node.store().liveKeys());
        assertLeaseTreeIsExact(KEYS + STAYING);
        return lostPages;
    }

    /** Goes on until so many slices are done; the deletion is visible behind the last one, and not before. */
    private void runSlices(final int count)
    {
        final Store store = member.node.store();
        final long revision = store.visibleRevision();
        int slices = 0;
        for (int turns = 0; slices < count; turns++)
        {
            assertTrue(turns < 2 * SLICES + 10_000, "the deletion does not go on: " + slices);
            assertEquals(revision, store.visibleRevision());
            if (0 == turns % TURNS_PER_COUNT)
            {
                assertEquals(KEYS + STAYING, count());
            }
            member.step();
            if (store.changed() || store.visibleRevision() > revision)
            {
                slices++;
                assertTrue(member.appliedBytes <= SLICE_UNITS * TOMBSTONE_LENGTH + RecordDescriptor.HEADER_LENGTH * 3,
                    "a turn applied " + member.appliedBytes + " bytes");
            }
        }
        assertEquals(SLICES == count ? revision + 1 : revision, store.visibleRevision());
    }

    private void putAll(final char first, final int count)
    {
        final List<Reply> replies = new ArrayList<>();
        for (int from = 0; from < count; from += TXN_PUTS)
        {
            final int begin = from;
            final int end = Math.min(count, from + TXN_PUTS);
            replies.add(member.call(Method.KV_TXN, (txn) ->
            {
                for (int i = begin; i < end; i++)
                {
                    final int number = i;
                    nested(txn, 2, (op) -> nested(op, 2, (put) ->
                    {
                        key(put, 1, first + digits(number));
                        if (0 == number % LEASED_ONE_IN)
                        {
                            put.varint(3, 1 + number / LEASED_ONE_IN % LEASES);
                        }
                    }));
                }
            }));
            if (replies.size() == IN_FLIGHT)
            {
                finish(replies);
            }
        }
        finish(replies);
    }

    private void finish(final List<Reply> replies)
    {
        for (final Reply reply : replies)
        {
            assertEquals(GrpcCode.OK, member.finish(reply).code, reply.text);
        }
        replies.clear();
    }

    private void accepted(final Method method, final Consumer<WireWriter> request)
    {
        final Reply reply = member.finish(member.call(method, request));
        assertEquals(GrpcCode.OK, reply.code, reply.text);
    }

    private void force()
    {
        final Store store = member.node.store();
        store.requestForce();
        member.stepUntil(() -> store.durableRaftIndex() == store.raftIndex());
    }

    private long count()
    {
        final StoreReader reader = member.node.store().newReader();
        reader.pinLatest();
        final long count = reader.count(ALL, 0, 1, ALL, 0, 1);
        reader.unpin();
        return count;
    }

    /** Keys by lease, as the keys that are alive have it, are what the tree of leases has. */
    private void assertLeaseTreeIsExact(final int keys)
    {
        final Store store = member.node.store();
        final TreeMap<Long, List<String>> expected = new TreeMap<>();
        final KeyScan scan = store.scan(ALL, 0, 1, ALL, 0, 1);
        int alive = 0;
        while (scan.next())
        {
            assertTrue(store.find(scan.key(), 0, scan.keyLength()));
            if (0 != store.lease())
            {
                expected.computeIfAbsent(store.lease(), (lease) -> new ArrayList<>())
                    .add(text(scan.key(), 0, scan.keyLength()));
            }
            alive++;
        }
        assertEquals(keys, alive);
        assertEquals(LEASES, expected.size());
        for (long lease = 1; lease <= LEASES; lease++)
        {
            final List<String> attached = new ArrayList<>();
            final LeaseScan leased = store.scanLease(lease);
            while (leased.next())
            {
                attached.add(text(leased.key(), leased.keyOffset(), leased.keyLength()));
            }
            assertTrue(expected.get(lease).equals(attached), "keys of lease " + lease);
        }
    }

    private static String text(final DirectBuffer buffer, final int offset, final int length)
    {
        return buffer.getStringWithoutLengthAscii(offset, length);
    }

    private static String digits(final int number)
    {
        final char[] digits = new char[KEY_LENGTH - 1];
        int rest = number;
        for (int i = digits.length - 1; i >= 0; i--)
        {
            digits[i] = (char)('0' + rest % 10);
            rest /= 10;
        }
        return new String(digits);
    }
}
