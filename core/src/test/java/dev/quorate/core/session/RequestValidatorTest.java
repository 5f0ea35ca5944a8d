package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.wire.WireWriter;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.util.function.Consumer;

import static dev.quorate.core.session.World.key;
import static dev.quorate.core.session.World.nested;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RequestValidatorTest
{
    private static final int COMPARE = 1;
    private static final int THEN = 2;
    private static final int ELSE = 3;

    private final TxnParser parser = new TxnParser();

    @Test
    void emptyKeysAreRefusedEverywhere()
    {
        final EtcdError expected = EtcdError.KEY_NOT_PROVIDED;
        assertEquals(expected, check(txn -> nested(txn, COMPARE, compare -> compare.varint(1, 1))));
        assertEquals(expected, check(txn -> op(txn, THEN, 1, range -> {})));
        assertEquals(expected, check(txn -> op(txn, THEN, 2, put -> {})));
        assertEquals(expected, check(txn -> op(txn, ELSE, 3, delete -> {})));
        assertEquals(expected, check(txn -> op(txn, ELSE, 4, inner -> put(inner, THEN, ""))));
    }

    @Test
    void operationWithoutKindIsAKeyThatIsNotFound()
    {
        assertEquals(EtcdError.KEY_NOT_FOUND, check(txn -> nested(txn, THEN, op -> {})));
        assertEquals(EtcdError.KEY_NOT_FOUND, check(txn -> op(txn, THEN, 4, inner -> nested(inner, ELSE, op -> {}))));
    }

    @Test
    void rulesOfPutsAndRangesHoldInside()
    {
        assertEquals(EtcdError.VALUE_PROVIDED, check(txn -> op(txn, THEN, 2, put ->
        {
            key(put, 1, "a");
            key(put, 2, "v");
            put.bool(5, true);
        })));
        assertEquals(EtcdError.LEASE_PROVIDED, check(txn -> op(txn, THEN, 2, put ->
        {
            key(put, 1, "a");
            put.varint(3, 4);
            put.bool(6, true);
        })));
        for (final long[] sort : new long[][]{{3, 0}, {0, 5}, {-1, 0}, {0, -1}})
        {
            assertEquals(EtcdError.INVALID_SORT_OPTION, check(txn -> op(txn, THEN, 1, range ->
            {
                key(range, 1, "a");
                range.varint(5, sort[0]);
                range.varint(6, sort[1]);
            })));
        }
    }

    @Test
    void budgetShrinksWithEachLevel()
    {
        assertEquals(EtcdError.NONE, check(txn -> puts(txn, THEN, "k", 128)));
        assertEquals(EtcdError.TOO_MANY_OPERATIONS, check(txn -> puts(txn, THEN, "k", 129)));
        assertEquals(EtcdError.TOO_MANY_OPERATIONS, check(txn ->
        {
            for (int i = 0; i < 129; i++)
            {
                nested(txn, COMPARE, compare -> key(compare, 3, "a"));
            }
        }));
        assertEquals(EtcdError.NONE, check(txn ->
        {
            puts(txn, ELSE, "k", 27);
            op(txn, ELSE, 4, inner -> puts(inner, THEN, "n", 100));
        }));
        assertEquals(EtcdError.TOO_MANY_OPERATIONS, check(txn ->
        {
            puts(txn, ELSE, "k", 28);
            op(txn, ELSE, 4, inner -> puts(inner, THEN, "n", 100));
        }));
    }

    @Test
    void countsAreJudgedBeforeKeys()
    {
        assertEquals(EtcdError.TOO_MANY_OPERATIONS, check(txn ->
        {
            nested(txn, COMPARE, compare -> {});
            puts(txn, THEN, "k", 129);
        }));
        assertEquals(EtcdError.KEY_NOT_PROVIDED, check(txn ->
        {
            put(txn, THEN, "a");
            put(txn, THEN, "a");
            nested(txn, COMPARE, compare -> {});
        }));
    }

    @Test
    void twoPutsOfOneKeyInABranchAreDuplicates()
    {
        assertDuplicate(txn ->
        {
            put(txn, THEN, "a");
            put(txn, THEN, "a");
        });
        assertDuplicate(txn ->
        {
            put(txn, ELSE, "a");
            put(txn, ELSE, "a");
        });
        assertAllowed(txn ->
        {
            put(txn, THEN, "a");
            put(txn, ELSE, "a");
        });
    }

    @Test
    void putInsideADeletionIsADuplicate()
    {
        assertDuplicate(txn ->
        {
            delete(txn, THEN, "a", "c");
            put(txn, THEN, "b");
        });
        assertDuplicate(txn ->
        {
            put(txn, THEN, "a");
            delete(txn, THEN, "a", "");
        });
        assertAllowed(txn ->
        {
            put(txn, THEN, "c");
            delete(txn, THEN, "a", "c");
        });
        assertAllowed(txn ->
        {
            delete(txn, THEN, "a", "c");
            delete(txn, THEN, "b", "d");
        });
    }

    @Test
    void deletionToTheEndOfTheKeySpaceMeetsNothing()
    {
        assertAllowed(txn ->
        {
            delete(txn, THEN, "a", "\0");
            put(txn, THEN, "b");
        });
    }

    @Test
    void branchesOfOneNestedTransactionMayPutTheSameKeyAndOthersMayNot()
    {
        assertAllowed(txn -> op(txn, THEN, 4, inner ->
        {
            put(inner, THEN, "a");
            put(inner, ELSE, "a");
        }));
        assertDuplicate(txn ->
        {
            op(txn, THEN, 4, inner -> put(inner, THEN, "a"));
            op(txn, THEN, 4, inner -> put(inner, ELSE, "a"));
        });
        assertDuplicate(txn ->
        {
            op(txn, THEN, 4, inner -> put(inner, ELSE, "a"));
            put(txn, THEN, "a");
        });
        assertDuplicate(txn ->
        {
            delete(txn, THEN, "a", "b");
            op(txn, THEN, 4, inner -> put(inner, ELSE, "a"));
        });
    }

    @Test
    void deletionsOfNestedTransactionsCountForWhatComesLater()
    {
        assertDuplicate(txn ->
        {
            op(txn, THEN, 4, inner -> delete(inner, ELSE, "a", "c"));
            op(txn, THEN, 4, inner -> put(inner, THEN, "b"));
        });
        assertDuplicate(txn ->
        {
            put(txn, THEN, "b");
            op(txn, THEN, 4, inner -> delete(inner, ELSE, "a", "c"));
        });
        assertAllowed(txn ->
        {
            op(txn, THEN, 4, inner -> put(inner, THEN, "b"));
            op(txn, THEN, 4, inner -> delete(inner, THEN, "a", "c"));
        });
        assertAllowed(txn -> op(txn, THEN, 4, inner ->
        {
            put(inner, THEN, "b");
            delete(inner, ELSE, "a", "c");
        }));
    }

    @Test
    void lastMemberOfAUnionWinsAndEqualOnesMerge()
    {
        final TxnNode txn = parse(request -> nested(request, THEN, op ->
        {
            nested(op, 1, range -> key(range, 1, "r"));
            nested(op, 2, put -> key(put, 1, "p"));
            nested(op, 2, put -> put.varint(3, 9));
        }));
        final Op op = txn.success.get(0);
        assertEquals(Op.PUT, op.kind);
        assertEquals(1, op.put.keyLength);
        assertEquals(9, op.put.lease);
    }

    @Test
    void compareUnionThatDoesNotFitTheTargetCountsAsNotSet()
    {
        final TxnNode txn = parse(request ->
        {
            compare(request, CompareRequest.TARGET_MOD, 4, 5);
            compare(request, CompareRequest.TARGET_MOD, 6, 5);
            compare(request, CompareRequest.TARGET_LEASE, 8, 5);
            compare(request, 9, 6, 5);
        });
        assertEquals(0, txn.compares.get(0).number());
        assertEquals(5, txn.compares.get(1).number());
        assertEquals(5, txn.compares.get(2).number());
        assertEquals(0, txn.compares.get(3).number());
    }

    @Test
    void nestingBeyondTheLimitIsTooLarge()
    {
        byte[] inner = World.message(txn -> {});
        for (int i = 0; i < TxnParser.MAX_DEPTH + 1; i++)
        {
            final byte[] bytes = inner;
            inner = World.message(txn -> nested(txn, THEN, op -> World.bytes(op, 4, bytes)));
        }
        parser.parse(new UnsafeBuffer(inner), 0, inner.length);
        assertTrue(parser.isTooLarge());
        parse(request -> put(request, THEN, "a"));
        assertFalse(parser.isTooLarge());
    }

    @Test
    void hugeTransactionsAreCountedNotKept()
    {
        final TxnNode txn = parse(request -> puts(request, THEN, "k", TxnParser.MAX_OPERATIONS + 100));
        assertTrue(parser.isTooLarge());
        assertEquals(EtcdError.TOO_MANY_OPERATIONS, new RequestValidator(128).txn(txn, null));
        parse(request -> put(request, THEN, "a"));
        assertFalse(parser.isTooLarge());
    }

    @Test
    void readOnlyAndSerializableLookAtTheTopLevelAlone()
    {
        assertTrue(parse(txn -> {}).isSerializable());
        assertTrue(parse(txn -> op(txn, THEN, 1, range -> key(range, 1, "a"))).isReadOnly());
        assertFalse(parse(txn -> op(txn, THEN, 1, range -> key(range, 1, "a"))).isSerializable());
        assertTrue(parse(txn -> op(txn, ELSE, 1, range -> range.bool(7, true))).isSerializable());
        assertFalse(parse(txn -> op(txn, ELSE, 4, inner -> {})).isReadOnly());
    }

    private static void compare(final WireWriter txn, final int target, final int member, final long number)
    {
        nested(txn, COMPARE, compare ->
        {
            compare.varint(2, target);
            key(compare, 3, "a");
            compare.varint(member, number);
        });
    }

    private static void op(
        final WireWriter txn, final int branch, final int kind, final Consumer<WireWriter> content)
    {
        nested(txn, branch, op -> nested(op, kind, content));
    }

    private static void put(final WireWriter txn, final int branch, final String key)
    {
        op(txn, branch, 2, put -> key(put, 1, key));
    }

    private static void puts(final WireWriter txn, final int branch, final String prefix, final int count)
    {
        for (int i = 0; i < count; i++)
        {
            put(txn, branch, prefix + i);
        }
    }

    private static void delete(final WireWriter txn, final int branch, final String key, final String end)
    {
        op(txn, branch, 3, delete ->
        {
            key(delete, 1, key);
            key(delete, 2, end);
        });
    }

    private void assertDuplicate(final Consumer<WireWriter> request)
    {
        assertEquals(EtcdError.DUPLICATE_KEY, check(request));
    }

    private void assertAllowed(final Consumer<WireWriter> request)
    {
        assertEquals(EtcdError.NONE, check(request));
    }

    private EtcdError check(final Consumer<WireWriter> request)
    {
        final byte[] bytes = World.message(request);
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        return new RequestValidator(128).txn(parser.parse(buffer, 0, bytes.length), buffer);
    }

    private TxnNode parse(final Consumer<WireWriter> request)
    {
        final byte[] bytes = World.message(request);
        return parser.parse(new UnsafeBuffer(bytes), 0, bytes.length);
    }
}
