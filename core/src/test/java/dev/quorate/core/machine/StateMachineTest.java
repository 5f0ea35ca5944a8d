package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.store.StoreReader;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.util.List;

import static dev.quorate.core.machine.Command.delete;
import static dev.quorate.core.machine.Command.keepLease;
import static dev.quorate.core.machine.Command.keepValue;
import static dev.quorate.core.machine.Command.modIs;
import static dev.quorate.core.machine.Command.put;
import static dev.quorate.core.machine.Command.txn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StateMachineTest
{
    private final TestMachine machine = new TestMachine(16);

    @Test
    void onlyTheMemberAndBootThatAskedHearTheResult()
    {
        assertNull(applyFrom(TestMachine.MEMBER_ID + 1, TestMachine.BOOT_ID));
        assertNull(applyFrom(TestMachine.MEMBER_ID, TestMachine.BOOT_ID - 1));
        assertEquals(3, machine.store.revision());

        final TestMachine.Result result = machine.apply(put("a", "3"));
        assertEquals(3, result.correlationId());
        assertEquals(3, result.index());
        assertEquals(4, result.revision());
    }

    @Test
    void entriesOutOfOrderHalt()
    {
        final UnsafeBuffer empty = new UnsafeBuffer(new byte[0]);
        assertThrows(IllegalStateException.class,
            () -> machine.machine.apply(2, 1, RaftLogAccess.NOOP, empty, 0, 0));
        assertTrue(machine.machine.apply(1, 2, RaftLogAccess.NOOP, empty, 0, 0));
        assertEquals(1, machine.machine.appliedIndex());
        assertEquals(2, machine.machine.appliedTerm());
        assertThrows(IllegalStateException.class,
            () -> machine.machine.apply(1, 2, RaftLogAccess.NOOP, empty, 0, 0));
        assertThrows(IllegalStateException.class,
            () -> machine.machine.apply(2, 1, RaftLogAccess.NOOP, empty, 0, 0));
        assertThrows(IllegalStateException.class, machine.machine::resume);
    }

    @Test
    void everyTruncationOfACommandHaltsWithoutABoundsError()
    {
        final UnsafeBuffer whole = new Commands().encode(1, 1, 1, new Command.Txn(
            List.of(modIs("a", 3)), List.of(put("a", "1"), txn(delete("b", "c"))), List.of(new Command.Range(0))));
        for (int length = 0; length < whole.capacity(); length++)
        {
            final TestMachine one = new TestMachine(16);
            final int cut = length;
            final UnsafeBuffer padded = new UnsafeBuffer(new byte[whole.capacity() + 256]);
            padded.putBytes(0, whole, 0, length);
            assertThrows(IllegalStateException.class,
                () -> one.machine.apply(1, 1, RaftLogAccess.COMMAND, padded, 0, cut), "length " + length);
            one.store.close();
        }
    }

    @Test
    void aLongDeletionIsInvisibleUntilItIsDone()
    {
        final int count = 1_000;
        for (int i = 0; i < count; i++)
        {
            machine.apply(put("key" + i, "v"));
        }
        final StoreReader reader = machine.store.newReader();
        final UnsafeBuffer payload = new Commands().encode(
            TestMachine.MEMBER_ID, TestMachine.BOOT_ID, 9, delete("a", "\0"));
        boolean isDone = machine.machine.apply(
            count + 1, 1, RaftLogAccess.COMMAND, payload, 0, payload.capacity());
        int turns = 1;
        while (!isDone)
        {
            assertTrue(machine.machine.isBusy());
            assertEquals(count, countAll(reader));
            assertThrows(IllegalStateException.class, machine.machine::recover);
            machine.store.doWork();
            isDone = machine.machine.resume();
            turns++;
        }
        assertTrue(turns >= count / 16, "turns " + turns);
        assertEquals(count, countAll(reader));
        machine.store.publish();
        assertEquals(0, countAll(reader));
        assertEquals(List.of((long)count), machine.results.get(machine.results.size() - 1).values());
        assertEquals(count + 2, machine.store.revision());
    }

    @Test
    void revokingDeletesWhatIsAttachedNowInOneRevision()
    {
        machine.apply(new Command.Grant(1, 10));
        machine.apply(new Command.Grant(-5, 20));
        machine.apply(put("stays", "v", 1));
        machine.apply(put("stays", "w"));
        machine.apply(put("moves", "v", 1));
        machine.apply(put("moves", "w", -5));
        for (int i = 0; i < 100; i++)
        {
            machine.apply(put("attached" + i, "v", 1));
        }
        machine.apply(keepLease("attached0", "w"));
        machine.apply(delete("attached1"));

        final long before = machine.store.revision();
        final TestMachine.Result result = machine.apply(new Command.Revoke(1, 0));
        assertEquals(EtcdError.NONE, result.error());
        assertEquals(before + 1, result.revision());
        assertTrue(machine.turns > 1);
        assertEquals(2, countAll(machine.store.newReader()));
        assertEquals(List.of(-5L), List.copyOf(machine.leases.keySet()));
        assertEquals(EtcdError.LEASE_NOT_FOUND, machine.errorOf(new Command.Revoke(1, 0)));
        assertEquals(EtcdError.LEASE_NOT_FOUND, machine.errorOf(put("x", "v", 1)));
        assertEquals(2, machine.state.get(NodeState.Value.LEASES_GRANTED));
        assertEquals(1, machine.state.get(NodeState.Value.LEASES_REVOKED));
    }

    @Test
    void revocationDecidedInAnotherTermIsVoid()
    {
        machine.apply(new Command.Grant(1, 10));
        machine.term = 4;

        assertEquals(EtcdError.NOT_LEADER, machine.errorOf(new Command.Revoke(1, 3)));
        assertEquals(1, machine.leases.size());
        assertEquals(EtcdError.NONE, machine.errorOf(new Command.Revoke(1, 4)));
        assertEquals(0, machine.leases.size());
    }

    @Test
    void leaseErrorsComeInEtcdsOrder()
    {
        assertEquals(EtcdError.LEASE_NOT_FOUND, machine.errorOf(new Command.Grant(0, 10_000_000_000L)));
        assertEquals(EtcdError.LEASE_TTL_TOO_LARGE, machine.errorOf(new Command.Grant(1, 9_000_000_001L)));
        assertEquals(List.of(9_000_000_000L), machine.apply(new Command.Grant(1, 9_000_000_000L)).values());
        assertEquals(EtcdError.LEASE_EXISTS, machine.errorOf(new Command.Grant(1, 5)));
        assertEquals(List.of(1L), machine.apply(new Command.Grant(2, Long.MIN_VALUE)).values());
        assertEquals(1, machine.store.revision());
    }

    @Test
    void aPutMissesItsLeaseBeforeItsKey()
    {
        final Command.Put put = keepValue("missing", 77);

        assertEquals(EtcdError.LEASE_NOT_FOUND, machine.errorOf(put));
        assertEquals(EtcdError.LEASE_NOT_FOUND, machine.errorOf(txn(put)));
    }

    @Test
    void theFirstOperationThatIsWrongFailsTheTransaction()
    {
        final Command.Range future = new Command.Range(9);
        final Command.Put lacksLease = put("a", "1", 77);
        final Command.Put lacksKey = keepValue("b", 0);

        assertEquals(EtcdError.FUTURE_REVISION, machine.errorOf(txn(future, lacksLease, lacksKey)));
        assertEquals(EtcdError.LEASE_NOT_FOUND, machine.errorOf(txn(lacksLease, future, lacksKey)));
        assertEquals(EtcdError.KEY_NOT_FOUND, machine.errorOf(txn(lacksKey, lacksLease, future)));
        assertEquals(EtcdError.FUTURE_REVISION, machine.errorOf(txn(txn(put("c", "1"), future), lacksKey)));
    }

    @Test
    void whatATransactionKeepsMustExistBeforeIt()
    {
        assertEquals(EtcdError.KEY_NOT_FOUND, machine.errorOf(txn(put("a", "1"), keepValue("a", 0))));
        assertEquals(1, machine.store.revision());
        assertEquals(EtcdError.NONE, machine.errorOf(put("a", "1")));
        assertEquals(EtcdError.NONE, machine.errorOf(txn(delete("a", "\0"), keepValue("a", 0))));
        assertEquals(3, machine.store.revision());
    }

    @Test
    void nestedComparesSeeTheStateBeforeTheWholeTransaction()
    {
        final Command.Txn nested = txn(List.of(modIs("a", 0)), List.of(put("b", "1")), List.of(put("c", "1")));
        final TestMachine.Result result = machine.apply(txn(put("a", "1"), nested));

        assertEquals(List.of(1L, -1L, 2L, 1L, -1L, 2L), result.values());
    }

    @Test
    void anErrorDeepInsideATransactionLeavesNothingBehind()
    {
        machine.apply(put("a", "1"));
        final long hash = machine.store.bound();
        assertEquals(EtcdError.FUTURE_REVISION,
            machine.errorOf(txn(put("a", "2"), txn(delete("a"), txn(new Command.Range(3))))));
        assertEquals(hash, machine.store.bound());
        machine.apply(put("a", "2"));
        machine.apply(new Command.Compact(3));
        assertEquals(EtcdError.COMPACTED, machine.errorOf(txn(put("a", "2"), txn(new Command.Range(2)))));
        assertEquals(EtcdError.COMPACTED, machine.errorOf(txn(put("a", "2"), new Command.Range(-1))));
        assertEquals(EtcdError.NONE, machine.errorOf(txn(put("a", "2"), new Command.Range(3))));
        assertEquals(4, machine.store.revision());
    }

    @Test
    void nestingIsBoundedByTheEntryAlone()
    {
        Command.Op op = put("deep", "v");
        for (int i = 0; i < 500; i++)
        {
            op = txn(op);
        }
        assertEquals(EtcdError.NONE, machine.errorOf(op));
        assertEquals(2, machine.store.revision());
    }

    @Test
    void aLongResultComesInParts()
    {
        final Command.Op[] ops = new Command.Op[ApplyResult.MAX_VALUES];
        for (int i = 0; i < ops.length; i++)
        {
            ops[i] = put("k" + i, "v");
        }
        final TestMachine.Result result = machine.apply(txn(ops));

        assertEquals(1 + 2 * ops.length, result.values().size());
        assertEquals(ApplyResult.MAX_VALUES, machine.mostValues());
        assertEquals(2, result.revision());
    }

    @Test
    void revisionZeroIsCompactedOnceOnly()
    {
        assertEquals(EtcdError.COMPACTED, machine.errorOf(new Command.Compact(-1)));
        assertEquals(EtcdError.NONE, machine.errorOf(new Command.Compact(0)));
        assertEquals(EtcdError.COMPACTED, machine.errorOf(new Command.Compact(0)));
        assertEquals(EtcdError.FUTURE_REVISION, machine.errorOf(new Command.Compact(2)));
        assertEquals(EtcdError.NONE, machine.errorOf(new Command.Compact(1)));
    }

    @Test
    void noSpaceKeepsOutWhatGrows()
    {
        machine.apply(put("a", "1"));
        machine.apply(new Command.Grant(1, 10));
        assertEquals(List.of(5L, 1L), machine.apply(new Command.Alarm(1, 5, AlarmTable.NOSPACE)).values());
        assertEquals(1, machine.state.get(NodeState.Value.ALARM_NOSPACE));

        assertEquals(EtcdError.NO_SPACE, machine.errorOf(put("a", "2")));
        assertEquals(EtcdError.NO_SPACE, machine.errorOf(txn(List.of(), List.of(), List.of(put("a", "2")))));
        assertEquals(EtcdError.NONE, machine.errorOf(txn(List.of(), List.of(), List.of(txn(put("a", "2"))))));
        assertEquals(EtcdError.NO_SPACE, machine.errorOf(new Command.Grant(2, 10)));
        assertEquals(EtcdError.NONE, machine.errorOf(txn(new Command.Range(0), delete("b"))));
        assertEquals(EtcdError.NONE, machine.errorOf(delete("a")));
        assertEquals(EtcdError.NONE, machine.errorOf(new Command.Compact(2)));
        assertEquals(EtcdError.NONE, machine.errorOf(new Command.Revoke(1, 0)));
        assertEquals(List.of(5L, 1L), machine.apply(new Command.Alarm(2, 5, AlarmTable.NOSPACE)).values());
        assertEquals(List.of(), machine.apply(new Command.Alarm(2, 5, AlarmTable.NOSPACE)).values());
        assertEquals(EtcdError.NONE, machine.errorOf(put("a", "2")));
        assertEquals(0, machine.state.get(NodeState.Value.ALARM_NOSPACE));
    }

    @Test
    void corruptKeepsOutAllKeysAndLeasesButNoAlarms()
    {
        machine.apply(new Command.Alarm(1, 5, AlarmTable.CORRUPT));
        machine.apply(new Command.Alarm(1, -5, AlarmTable.NOSPACE));

        for (final Command command : List.of(put("a", "1"), delete("a"), txn(), new Command.Compact(1),
            new Command.Grant(1, 10), new Command.Revoke(1, 0)))
        {
            assertEquals(EtcdError.CORRUPT, machine.errorOf(command), command.toString());
        }
        assertEquals(List.of(-5L, 1L, 5L, 2L), machine.apply(new Command.Alarm(0, 0, 0)).values());
        assertEquals(List.of(5L, 2L), machine.apply(new Command.Alarm(0, 77, AlarmTable.CORRUPT)).values());
        assertEquals(List.of(), machine.apply(new Command.Alarm(1, 5, AlarmTable.NONE)).values());
        assertTrue(machine.directories.alarms().isRaised(5, AlarmTable.CORRUPT));
        assertEquals(1, machine.store.revision());
    }

    @Test
    void anExhaustedQuotaChangesTheAnswerButNotTheState()
    {
        final long[] asked = new long[1];
        final TestMachine full = new TestMachine(16, MemberDirectory.EMPTY, (cost) ->
        {
            asked[0] = cost;
            return false;
        });

        assertEquals(EtcdError.NO_SPACE, full.errorOf(put("abc", "12")));
        assertEquals(256 + 5, asked[0]);
        assertEquals(2, full.store.revision());
        assertEquals(EtcdError.NO_SPACE, full.errorOf(txn(List.of(),
            List.of(put("a", "1")), List.of(put("a", "1"), txn(List.of(), List.of(put("b", "")), List.of())))));
        assertEquals(258, asked[0]);
        assertEquals(3, full.store.revision());
        assertEquals(EtcdError.NO_SPACE, full.errorOf(new Command.Grant(1, 10)));
        assertEquals(64, asked[0]);
        assertEquals(1, full.leases.size());
        assertEquals(EtcdError.LEASE_EXISTS, full.errorOf(new Command.Grant(1, 10)));
        assertEquals(EtcdError.NONE, full.errorOf(delete("a")));

        machine.apply(put("abc", "12"));
        machine.apply(txn(put("a", "1")));
        machine.apply(new Command.Grant(1, 10));
        machine.apply(new Command.Grant(1, 10));
        machine.apply(delete("a"));
        assertEquals(machine.store.revision(), full.store.revision());
        assertEquals(machine.hashKv(), full.hashKv());
    }

    @Test
    void steadyCommandsAllocateNothing()
    {
        final Commands commands = new Commands();
        final UnsafeBuffer[] payloads = {
            commands.encode(1, 1, 1, put("a", "value")),
            commands.encode(1, 1, 1, txn(
                List.of(modIs("missing", 0), new Command.Compare("a", "\0", CompareOp.VALUE, 1, 0, "")),
                List.of(put("b", "1"), new Command.Range(0), txn(delete("b", "\0"), keepValue("a", 0))), List.of())),
            commands.encode(1, 1, 1, put("c", "1")),
            commands.encode(1, 1, 1, delete("b", "d"))};
        applyAll(payloads, 8_000);
        for (int i = 0; i < 1_000; i++)
        {
            machine.store.housekeeping().doWork();
            machine.store.doWork();
        }
        assertFalse(machine.store.isBackPressured());
        final com.sun.management.ThreadMXBean threads =
            (com.sun.management.ThreadMXBean)java.lang.management.ManagementFactory.getThreadMXBean();
        final int count = 4_000;
        final long before = threads.getCurrentThreadAllocatedBytes();
        applyAll(payloads, count);
        final long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        // one object per round of the four payloads would be 4 bytes a command; a tail that rolls once is less
        assertTrue(allocated / count < 4, "bytes allocated per command: " + (double)allocated / count);
    }

    @Test
    void hashesAreEtcds()
    {
        assertEquals(1084519789, machine.hashKv());
        machine.apply(put("foo", "bar"));
        assertEquals((int)3305255506L, machine.hashKv());
        machine.apply(put("foo", "baz"));
        assertEquals(2020292994, machine.hashKv());
        machine.apply(delete("foo"));
        assertEquals((int)3153096970L, machine.hashKv());
    }

    @Test
    void countersFollowEtcds()
    {
        machine.apply(put("a", "1"));
        machine.apply(txn(put("b", "1"), delete("a"), new Command.Range(0)));
        machine.apply(txn(put("c", "1")));

        assertEquals(3, machine.state.get(NodeState.Value.PUTS));
        assertEquals(1, machine.state.get(NodeState.Value.DELETES));
        assertEquals(1, machine.state.get(NodeState.Value.TXNS));
    }

    private TestMachine.Result applyFrom(final long memberId, final long bootId)
    {
        machine.results.clear();
        machine.applyFrom(memberId, bootId, put("a", "1"));
        machine.store.publish();
        return machine.results.isEmpty() ? null : machine.results.get(0);
    }

    private void applyAll(final UnsafeBuffer[] payloads, final int count)
    {
        for (int i = 0; i < count; i++)
        {
            final UnsafeBuffer payload = payloads[i % payloads.length];
            boolean isDone = machine.machine.apply(
                machine.machine.appliedIndex() + 1, 1, RaftLogAccess.COMMAND, payload, 0, payload.capacity());
            while (!isDone)
            {
                isDone = machine.machine.resume();
            }
            machine.store.publish();
        }
    }

    private static long countAll(final StoreReader reader)
    {
        final UnsafeBuffer all = new UnsafeBuffer(new byte[]{0});
        reader.pinLatest();
        final long count = reader.count(all, 0, 1, all, 0, 1);
        reader.unpin();
        return count;
    }
}
