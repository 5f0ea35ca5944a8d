package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.machine.AlarmTable;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.session.World.Reply;
import dev.quorate.core.wire.WireWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.function.Consumer;

import static dev.quorate.core.session.World.key;
import static dev.quorate.core.session.World.nested;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * One member at the limits of its disk and of its index.
 */
class OneMemberSpaceTest
{
    private static final String VALUE = "v".repeat(8_000);

    private final OneMember member = new OneMember();

    @BeforeEach
    void keepFilesSmall()
    {
        member.tailLength = 64 * 4096;
        member.segmentLength = 64 * 4096;
    }

    @AfterEach
    void close()
    {
        member.close();
    }

    @Test
    void fullDiskAdmitsWhatFreesSpaceAndCompactionBringsItBack() throws DiskFullException
    {
        member.open();
        grantLease(7);
        settle();
        member.disk.quota(member.disk.usedBytes() + (2 << 20));
        final int keys = fill(VALUE);
        assertTrue(isAlarmRaised());
        assertEquals(1, member.state.get(NodeState.Value.SHORT_OF_SPACE));

        refused(Method.KV_PUT, WriteCallsTest.put("more", "1", false));
        refused(Method.LEASE_GRANT, grant -> grant.varint(1, 60));
        refused(Method.KV_TXN, txn -> nested(txn, 2, op -> nested(op, 4, inner ->
            nested(inner, 2, innerOp -> nested(innerOp, 2, put -> key(put, 1, "nested"))))));
        assertEquals(GrpcCode.OK, read("k0").code, "reads go on");
        accepted(Method.KV_TXN, txn -> nested(txn, 2, op -> nested(op, 3, delete -> key(delete, 1, "k0"))));
        accepted(Method.LEASE_REVOKE, revoke -> revoke.varint(1, 7));
        accepted(Method.KV_DELETE_RANGE, delete ->
        {
            key(delete, 1, "k");
            key(delete, 2, "l");
        });
        compact();
        accepted(Method.DEFRAGMENT, request -> {});
        member.stepUntil(() -> 0 == member.state.get(NodeState.Value.SHORT_OF_SPACE));

        refused(Method.KV_PUT, WriteCallsTest.put("more", "1", false));
        disarm();
        settle();
        assertFalse(isAlarmRaised(), "there is space: it is not raised again");
        assertEquals(GrpcCode.OK, member.finish(member.put("more", "1")).code);
        assertTrue(fill(VALUE) > keys / 2, "what was freed can be used again");
        member.restart();
        assertEquals(GrpcCode.OK, read("more").code);
    }

    @Test
    void spaceThatSomebodyElseFreesIsUsedWithoutARestart() throws DiskFullException
    {
        member.open();
        settle();
        member.disk.quota(member.disk.usedBytes() + (1 << 20));
        fill(VALUE);
        final long revision = member.node.store().visibleRevision();
        disarm();
        member.stepUntil(this::isAlarmRaised);
        member.disk.quota(Long.MAX_VALUE);
        member.stepUntil(() -> 0 == member.state.get(NodeState.Value.SHORT_OF_SPACE));
        disarm();
        assertEquals(GrpcCode.OK, member.finish(member.put("more", "1")).code);
        assertEquals(revision + 1, member.node.store().visibleRevision());
    }

    @Test
    void everyAcknowledgedWriteSurvivesAFullDiskAndARestartOnIt() throws DiskFullException
    {
        member.open();
        settle();
        member.disk.quota(member.disk.usedBytes() + (1 << 20));
        final int keys = fill(VALUE);
        for (int i = 0; i < 50; i++)
        {
            member.finish(member.put("refused", VALUE)).expectFailure(EtcdError.NO_SPACE);
        }
        member.restart();
        for (int i = 0; i < keys; i++)
        {
            assertEquals(1, count("k" + i), "key " + i);
        }
        assertEquals(0, count("refused"));
        assertEquals(GrpcCode.OK, member.finish(member.call(Method.KV_DELETE_RANGE, delete ->
        {
            key(delete, 1, "k0");
        })).code);
    }

    @Test
    void diskWithoutAnyRoomLeftRefusesAllWritesAndStillReads() throws DiskFullException
    {
        member.open();
        settle();
        member.disk.quota(member.disk.usedBytes());
        fill(VALUE);
        final String key = "d".repeat(30_000);
        Reply last = member.finish(delete(key));
        for (int i = 0; i < 200 && last.code == GrpcCode.OK; i++)
        {
            last = member.finish(delete(key + i));
        }
        last.expectFailure(EtcdError.NO_SPACE);
        assertEquals(GrpcCode.OK, read("k0").code);
        member.disk.quota(Long.MAX_VALUE);
        member.stepUntil(() -> 0 == member.state.get(NodeState.Value.SHORT_OF_SPACE));
        disarm();
        assertEquals(GrpcCode.OK, member.finish(member.put("more", "1")).code);
    }

    @Test
    void defragmentationEndsWithAnErrorWhenTheStoreCannotBeWritten() throws DiskFullException
    {
        member.open();
        member.disk.quota(member.disk.usedBytes());
        Reply last;
        int keys = 0;
        do
        {
            last = member.finish(member.put("k" + keys++, VALUE));
        }
        while (last.code == GrpcCode.OK && keys < 1_000);
        last.expectFailure(EtcdError.NO_SPACE);
        member.stepUntil(() -> member.node.store().space().isOutOfDisk());
        refused(Method.DEFRAGMENT, request -> {});
        refused(Method.KV_DELETE_RANGE, delete -> key(delete, 1, "k0"));
        assertEquals(GrpcCode.OK, read("k0").code);
        member.disk.quota(Long.MAX_VALUE);
        member.stepUntil(() -> 0 == member.state.get(NodeState.Value.SHORT_OF_SPACE));
        accepted(Method.DEFRAGMENT, request -> {});
    }

    @Test
    void quotaOfThirteenPagesIsUsedUpAndComesBackByCompactionAndDefragmentation() throws DiskFullException
    {
        member.quotaBytes = 13 * 4096;
        member.loopQuotaBytes = member.quotaBytes;
        member.open();
        final String kilobyte = "v".repeat(1024);
        for (int round = 0; round < 3; round++)
        {
            int puts = 0;
            Reply last;
            do
            {
                last = member.finish(member.put("abc", kilobyte));
                puts++;
            }
            while (last.code == GrpcCode.OK && puts < 100);
            last.expectFailure(EtcdError.NO_SPACE);
            assertTrue(puts > 10, "puts " + puts);
            for (int i = 0; i < 5_000 && !isAlarmRaised(); i++)
            {
                refused(Method.KV_PUT, WriteCallsTest.put("abc", kilobyte, false));
                member.step();
            }
            assertTrue(isAlarmRaised());
            refused(Method.KV_PUT, WriteCallsTest.put("other", "1", false));
            assertEquals(GrpcCode.OK, read("abc").code);
            compact();
            accepted(Method.DEFRAGMENT, request -> {});
            disarm();
            assertEquals(GrpcCode.OK, member.finish(member.put("other", "1")).code);
            assertFalse(isAlarmRaised());
        }
    }

    @Test
    void defragmentationThatLeavesGarbageForWantOfRoomEndsWithAnError() throws DiskFullException
    {
        member.open();
        for (int i = 0; i < 200; i++)
        {
            assertEquals(GrpcCode.OK, member.finish(member.put("k" + i, VALUE)).code);
            assertEquals(GrpcCode.OK, member.finish(member.put("passing", VALUE)).code);
        }
        compact();
        // what survived lies in one file, far longer than what is held back
        assertEquals(GrpcCode.OK, member.finish(member.put("k0", "1")).code);
        compact();
        settle();
        // the log lets go of what it kept for others
        member.disk.quota(member.disk.usedBytes() + 40_000);
        member.finish(member.call(Method.DEFRAGMENT, request -> {}));
        member.disk.quota(Long.MAX_VALUE);
        member.stepUntil(() -> 0 == member.state.get(NodeState.Value.SHORT_OF_SPACE));
        accepted(Method.KV_DELETE_RANGE, delete -> key(delete, 1, "k1"));
        compact();
        settle();
        member.disk.quota(member.disk.usedBytes() + 40_000);
        refused(Method.DEFRAGMENT, request -> {});
        assertFalse(member.node.store().space().isOutOfDisk(), "it ended, and was not given up");
        assertEquals(GrpcCode.OK, read("k0").code);
        member.disk.quota(Long.MAX_VALUE);
        member.stepUntil(() -> 0 == member.state.get(NodeState.Value.SHORT_OF_SPACE));
        accepted(Method.DEFRAGMENT, request -> {});
        assertEquals(GrpcCode.OK, read("k199").code);
    }

    @Test
    void indexNeverMeetsAnEntryThatItCannotTake() throws DiskFullException
    {
        member.maxIndexBytes = 4 << 20;
        member.tailLength = 1 << 20;
        member.open();
        final String filler = "k".repeat(20_000);
        int keys = 0;
        Reply last;
        do
        {
            last = member.finish(member.put(keys++ + filler, ""));
        }
        while (last.code == GrpcCode.OK && keys < 2_000);
        last.expectFailure(EtcdError.NO_SPACE);
        assertTrue(keys > 50, "keys " + keys);
        member.stepUntil(this::isAlarmRaised);
        refused(Method.KV_PUT, WriteCallsTest.put("more", "1", false));
        member.restart();
        refused(Method.KV_PUT, WriteCallsTest.put("more", "1", false));
        assertEquals(1, count("0" + filler));
        // the tombstones of the revision compacted at stay
        accepted(Method.KV_DELETE_RANGE, delete ->
        {
            key(delete, 1, "0");
            key(delete, 2, "9");
        });
        accepted(Method.KV_DELETE_RANGE, delete ->
        {
            key(delete, 1, "9");
            key(delete, 2, "~");
        });
        compact();
        member.stepUntil(() -> 0 == member.state.get(NodeState.Value.SHORT_OF_SPACE));
        disarm();
        assertEquals(GrpcCode.OK, member.finish(member.put("more", "1")).code);
        member.restart();
        assertEquals(1, count("more"));
    }

    private void compact()
    {
        accepted(Method.KV_COMPACT, compact ->
        {
            compact.varint(1, member.node.store().visibleRevision());
            compact.bool(2, true);
        });
    }

    private int fill(final String value)
    {
        int keys = 0;
        while (keys < 5_000)
        {
            final Reply reply = member.finish(member.put("k" + keys, value));
            if (GrpcCode.OK != reply.code)
            {
                reply.expectFailure(EtcdError.NO_SPACE);
                member.stepUntil(this::isAlarmRaised);
                return keys;
            }
            keys++;
        }
        throw new AssertionError("the disk is never full");
    }

    private void grantLease(final long id)
    {
        accepted(Method.LEASE_GRANT, grant ->
        {
            grant.varint(1, 600);
            grant.varint(2, id);
        });
    }

    private Reply delete(final String key)
    {
        return member.call(Method.KV_DELETE_RANGE, delete -> key(delete, 1, key));
    }

    private void disarm()
    {
        accepted(Method.ALARM, alarm ->
        {
            alarm.varint(1, 2);
            alarm.varint(2, World.MEMBER);
            alarm.varint(3, AlarmTable.NOSPACE);
        });
    }

    private Reply read(final String key)
    {
        return member.finish(member.call(Method.KV_RANGE, range -> key(range, 1, key)));
    }

    /** Number of keys found, from behind the header of the response. */
    private int count(final String key)
    {
        final Reply reply = member.finish(member.call(Method.KV_RANGE, range ->
        {
            key(range, 1, key);
            range.bool(9, true);
        }));
        assertEquals(GrpcCode.OK, reply.code);
        final byte[] response = reply.messages.get(0);
        final int headerLength = 2 + response[1];
        return response.length > headerLength ? response[headerLength + 1] : 0;
    }

    private void accepted(
        final Method method, final Consumer<WireWriter> request)
    {
        final Reply reply = member.finish(member.call(method, request));
        assertEquals(GrpcCode.OK, reply.code, reply.text);
    }

    private void refused(
        final Method method, final Consumer<WireWriter> request)
    {
        member.finish(member.call(method, request)).expectFailure(EtcdError.NO_SPACE);
    }

    private boolean isAlarmRaised()
    {
        return member.node.directories().alarms().isRaised(World.MEMBER, AlarmTable.NOSPACE);
    }

    /** Long enough for all that is held back to be there. */
    private void settle()
    {
        for (int i = 0; i < 3_000; i++)
        {
            member.step();
        }
    }
}
