package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.store.RecordView;
import dev.quorate.core.store.StoreReader;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StateMachineModelTest
{
    private static final int SEEDS = 400;
    private static final int COMMANDS = 60;
    private static final UnsafeBuffer FIRST = new UnsafeBuffer(new byte[]{0});

    private final RecordView view = new RecordView();

    @Test
    void answersAndStatesAreThoseOfTheModel()
    {
        final EnumSet<EtcdError> seen = EnumSet.noneOf(EtcdError.class);
        for (int seed = 0; seed < SEEDS; seed++)
        {
            try
            {
                compareWithModel(seed, seen);
            }
            catch (final AssertionError | RuntimeException ex)
            {
                throw new AssertionError("seed " + seed + ": " + ex, ex);
            }
        }
        assertTrue(seen.containsAll(List.of(EtcdError.NONE, EtcdError.KEY_NOT_FOUND, EtcdError.LEASE_NOT_FOUND,
            EtcdError.LEASE_EXISTS, EtcdError.LEASE_TTL_TOO_LARGE, EtcdError.COMPACTED, EtcdError.FUTURE_REVISION,
            EtcdError.NO_SPACE, EtcdError.CORRUPT, EtcdError.NOT_LEADER)), "errors seen: " + seen);
    }

    @Test
    void turnsOfAnyLengthGiveTheSameResultsAndTheSameState()
    {
        for (int seed = 0; seed < SEEDS / 4; seed++)
        {
            final TestMachine one = new TestMachine(1 + seed % 3);
            final TestMachine other = new TestMachine(1_000_000);
            final EtcdModel model = new EtcdModel();
            final RandomCommands commands = new RandomCommands(seed);
            for (int i = 0; i < COMMANDS; i++)
            {
                final Command command = commands.next(model.revision());
                model.apply(command, 1);
                one.applyFrom(TestMachine.MEMBER_ID, TestMachine.BOOT_ID, command);
                other.applyFrom(TestMachine.MEMBER_ID, TestMachine.BOOT_ID, command);
                if (commands.below(4) == 0)
                {
                    // Both, as the bound of a revision may lie before or behind system rows until it is published.
                    one.store.publish();
                    other.store.publish();
                }
                assertEquals(other.store.streamHash(), one.store.streamHash(), "seed " + seed + " " + command);
            }
            one.store.publish();
            other.store.publish();
            assertEquals(other.results, one.results, "seed " + seed);
            assertEquals(model.revision(), one.store.revision(), "seed " + seed);
            assertEquals(other.hashKv(), one.hashKv(), "seed " + seed);
        }
    }

    @Test
    void aReopenedMachineGoesOnWhereItStopped()
    {
        for (int seed = 0; seed < SEEDS / 20; seed++)
        {
            final RandomCommands commands = new RandomCommands(1_000_000 + seed);
            final EtcdModel model = new EtcdModel();
            TestMachine machine = new TestMachine(10);
            for (int i = 0; i < COMMANDS; i++)
            {
                final Command command = commands.next(model.revision());
                final EtcdModel.Reply expected = model.apply(command, 1);
                final TestMachine.Result result = machine.apply(command);
                if (null != result)
                {
                    assertEquals(expected.error(), result.error(), "seed " + seed + " " + command);
                    assertEquals(expected.revision(), result.revision(), "seed " + seed + " " + command);
                }
                if (i % 20 == 19)
                {
                    final int hash = machine.hashKv();
                    final AlarmTable alarms = machine.directories.alarms();
                    machine = machine.reopen(10);
                    assertEquals(hash, machine.hashKv(), "seed " + seed);
                    assertEquals(alarms.toString(), machine.directories.alarms().toString(), "seed " + seed);
                    assertStates(model, machine);
                }
            }
        }
    }

    private void compareWithModel(final int seed, final EnumSet<EtcdError> seen)
    {
        final RandomCommands commands = new RandomCommands(seed);
        final EtcdModel model = new EtcdModel();
        final TestMachine machine = new TestMachine(1 + seed % 50);
        final StoreReader reader = machine.store.newReader();
        for (int i = 0; i < COMMANDS; i++)
        {
            machine.term += commands.below(20) == 0 && machine.term < 3 ? 1 : 0;
            final Command command = commands.next(model.revision());
            final EtcdModel.Reply expected = model.apply(command, machine.term);
            final TestMachine.Result result = machine.apply(command);
            seen.add(expected.error());
            assertEquals(model.revision(), machine.store.revision(), command.toString());
            if (null == result)
            {
                assertTrue(command instanceof Command.Noop, "no result: " + command);
                continue;
            }
            assertEquals(expected.error(), result.error(), command.toString());
            assertEquals(expected.revision(), result.revision(), command.toString());
            final Iterator<Long> values = result.values().iterator();
            reader.pinAnswer(result.boundAfter());
            if (null != expected.answer())
            {
                assertAnswer(expected.answer(), values, false, result, reader);
            }
            assertFalse(values.hasNext(), "values left: " + command);
            reader.unpin();
        }
        assertStates(model, machine);
    }

    private void assertAnswer(
        final EtcdModel.Answer answer,
        final Iterator<Long> values,
        final boolean isInTxn,
        final TestMachine.Result result,
        final StoreReader reader)
    {
        switch (answer)
        {
            case EtcdModel.PutAnswer put ->
            {
                assertRecord(put.previous(), values.next(), reader);
                assertEquals(put.revision(), isInTxn ? values.next() : result.revision());
            }
            case EtcdModel.DeleteAnswer delete ->
            {
                final long bound = isInTxn ? values.next() : result.boundBefore();
                reader.moveTo(bound);
                for (final EtcdModel.KeyValue kv : delete.removed())
                {
                    assertEquals(kv, get(kv.key(), reader));
                }
                assertEquals(delete.removed().size(), values.next());
                assertEquals(delete.revision(), isInTxn ? values.next() : result.revision());
            }
            case EtcdModel.RangeAnswer range ->
            {
                reader.moveTo(values.next());
                assertEquals(range.state(), scan(reader));
                assertEquals(range.revision(), values.next());
            }
            case EtcdModel.TxnAnswer txn ->
            {
                assertEquals(txn.succeeded() ? 1 : 0, values.next());
                for (final EtcdModel.Answer inner : txn.answers())
                {
                    assertAnswer(inner, values, true, result, reader);
                }
            }
            case EtcdModel.GrantAnswer grant -> assertEquals(grant.ttlSeconds(), values.next());
            case EtcdModel.AlarmAnswer alarms ->
            {
                for (final List<Long> alarm : alarms.alarms())
                {
                    assertEquals(alarm, List.of(values.next(), values.next()));
                }
            }
        }
    }

    private void assertRecord(final EtcdModel.KeyValue expected, final long lp, final StoreReader reader)
    {
        if (null == expected)
        {
            assertEquals(-1, lp);
            return;
        }
        reader.recordAt(lp, view);
        assertEquals(expected, keyValue());
    }

    private void assertStates(final EtcdModel model, final TestMachine machine)
    {
        final StoreReader reader = machine.store.newReader();
        for (long revision = Math.max(1, model.compactRevision()); revision <= model.revision(); revision++)
        {
            assertEquals(StoreReader.OK, reader.pinAt(revision), "pin at " + revision);
            assertEquals(model.stateAt(revision), scan(reader), "revision " + revision);
            reader.unpin();
        }
        assertEquals(model.leases(), machine.leases);
        reader.pinLatest();
        for (final long leaseId : model.leases().keySet())
        {
            final List<String> attached = new ArrayList<>();
            reader.scanLease(leaseId);
            while (reader.nextLeaseKey())
            {
                attached.add(reader.leaseKey().getStringWithoutLengthAscii(
                    reader.leaseKeyOffset(), reader.leaseKeyLength()));
            }
            assertEquals(model.attached(leaseId).size(), attached.size(), "keys of lease " + leaseId);
        }
        reader.unpin();
    }

    private EtcdModel.KeyValue get(final String key, final StoreReader reader)
    {
        final byte[] bytes = Commands.bytes(key);
        final boolean isAlive = reader.get(new UnsafeBuffer(bytes), 0, bytes.length, view);
        return isAlive ? keyValue() : null;
    }

    private NavigableMap<String, EtcdModel.KeyValue> scan(final StoreReader reader)
    {
        final TreeMap<String, EtcdModel.KeyValue> found = new TreeMap<>();
        reader.scan(FIRST, 0, 1, FIRST, 0, 1);
        while (reader.next())
        {
            reader.record(view);
            final EtcdModel.KeyValue kv = keyValue();
            assertNull(found.put(kv.key(), kv));
        }
        return found;
    }

    private EtcdModel.KeyValue keyValue()
    {
        return new EtcdModel.KeyValue(
            text(view.keyOffset(), view.keyLength()),
            text(view.valueOffset(), view.valueLength()),
            view.createRevision(), view.mainRevision(), view.version(), view.lease());
    }

    private String text(final int offset, final int length)
    {
        final byte[] bytes = new byte[length];
        if (length > 0)
        {
            view.buffer().getBytes(offset, bytes);
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
