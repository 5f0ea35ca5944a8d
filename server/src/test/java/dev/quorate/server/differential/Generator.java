package dev.quorate.server.differential;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.Compare;
import dev.quorate.gateway.proto.etcdserverpb.DeleteRangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RequestOp;
import dev.quorate.gateway.proto.etcdserverpb.TxnRequest;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random requests of service KV over a small set of keys, most of them good.
 */
final class Generator
{
    /** A value that no enumeration has. */
    static final int UNKNOWN = 7;

    private static final ByteString FROM_KEY = ByteString.copyFrom(new byte[1]);
    private static final int KEYS = 48;

    private final Random random;
    private final Model model;
    private final List<ByteString> keys = new ArrayList<>();
    private boolean isKeeping;

    Generator(final Random random, final Model model)
    {
        this.random = random;
        this.model = model;
        final String[] stems = {"a", "a/", "b/c", "registry/pods/", "z", "\u00ff"};
        for (int i = 0; i < KEYS; i++)
        {
            final ByteString stem = ByteString.copyFromUtf8(stems[random.nextInt(stems.length)]);
            final byte[] tail = new byte[random.nextInt(4)];
            for (int j = 0; j < tail.length; j++)
            {
                tail[j] = (byte)(random.nextInt(4) == 0 ? random.nextInt(3) - 1 : 'a' + random.nextInt(3));
            }
            keys.add(stem.concat(ByteString.copyFrom(tail)));
        }
        keys.add(FROM_KEY);
        keys.add(ByteString.copyFrom(new byte[]{-1, -1}));
    }

    ByteString key()
    {
        return keys.get(random.nextInt(keys.size()));
    }

    /** An end of a range: none, all from the key on, a prefix, or any other key. */
    ByteString rangeEnd(final ByteString key)
    {
        return switch (random.nextInt(8))
        {
            case 0, 1 -> ByteString.EMPTY;
            case 2, 3 -> FROM_KEY;
            case 4, 5 -> prefixEnd(key);
            default -> key();
        };
    }

    RangeRequest.Builder range()
    {
        final ByteString key = chance(100) ? ByteString.EMPTY : key();
        final RangeRequest.Builder range = RangeRequest.newBuilder().setKey(key).setRangeEnd(rangeEnd(key))
            .setSerializable(random.nextBoolean());
        if (chance(3))
        {
            range.setLimit(limit());
        }
        if (chance(3))
        {
            range.setRevision(revision());
        }
        if (chance(3))
        {
            range.setSortOrderValue(random.nextInt(3)).setSortTargetValue(random.nextInt(5));
        }
        if (chance(5))
        {
            range.setKeysOnly(true);
        }
        if (chance(8))
        {
            range.setCountOnly(true);
        }
        if (chance(6))
        {
            range.setMinModRevision(filter()).setMaxModRevision(filter());
        }
        if (chance(6))
        {
            range.setMinCreateRevision(filter()).setMaxCreateRevision(filter());
        }
        return range;
    }

    /** A range whose sort order no version knows. An unknown target ends the process of etcd 3.5. */
    RangeRequest unknownSort()
    {
        return range().setSortOrderValue(UNKNOWN).build();
    }

    PutRequest.Builder put()
    {
        final PutRequest.Builder put = PutRequest.newBuilder().setKey(chance(200) ? ByteString.EMPTY : key())
            .setValue(value()).setPrevKv(chance(3));
        if (chance(4))
        {
            put.setLease(model.anyLease(random));
        }
        if (chance(8))
        {
            put.setIgnoreValue(true);
            if (!chance(6))
            {
                put.clearValue();
            }
        }
        if (chance(8))
        {
            put.setIgnoreLease(true);
            if (!chance(6))
            {
                put.clearLease();
            }
        }
        return put;
    }

    DeleteRangeRequest.Builder delete()
    {
        final ByteString key = chance(200) ? ByteString.EMPTY : key();
        return DeleteRangeRequest.newBuilder().setKey(key).setPrevKv(chance(3))
            .setRangeEnd(chance(3) ? rangeEnd(key) : ByteString.EMPTY);
    }

    TxnRequest.Builder txn(final int depth)
    {
        final TxnRequest.Builder txn = TxnRequest.newBuilder();
        if (0 == depth)
        {
            // A put that keeps the value or lease of a key which the same transaction deletes ends etcd's process. Only
            // a deletion of all keys from one on gets by the search for duplicates.
            isKeeping = random.nextBoolean();
        }
        final boolean isReadOnly = 0 == depth && chance(5);
        for (int i = random.nextInt(4); i > 0; i--)
        {
            txn.addCompare(compare());
        }
        for (int i = random.nextInt(5); i > 0; i--)
        {
            op(depth, isReadOnly).forEach(txn::addSuccess);
        }
        for (int i = random.nextInt(4); i > 0; i--)
        {
            op(depth, isReadOnly).forEach(txn::addFailure);
        }
        if (isReadOnly && chance(40))
        {
            txn.addSuccess(RequestOp.newBuilder().setRequestRange(unknownSort()));
        }
        return txn;
    }

    /** A transaction with more operations than any level may have. */
    TxnRequest tooManyOperations()
    {
        final TxnRequest.Builder txn = TxnRequest.newBuilder();
        final int count = 126 + random.nextInt(5);
        for (int i = 0; i < count; i++)
        {
            txn.addSuccess(RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key())));
        }
        if (chance(2))
        {
            txn.setSuccess(0, RequestOp.newBuilder().setRequestTxn(txn(1)));
        }
        return txn.build();
    }

    /** A transaction in a transaction and so on. */
    TxnRequest deep()
    {
        TxnRequest txn = txn(3).build();
        for (int i = random.nextInt(40); i > 0; i--)
        {
            txn = TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestTxn(txn)).build();
        }
        return txn;
    }

    Compare compare()
    {
        final ByteString key = chance(100) ? ByteString.EMPTY : key();
        final Compare.Builder compare = Compare.newBuilder().setKey(key);
        compare.setResultValue(chance(60) ? UNKNOWN : random.nextInt(4));
        compare.setTargetValue(chance(60) ? UNKNOWN : random.nextInt(5));
        if (chance(4))
        {
            compare.setRangeEnd(rangeEnd(key));
        }
        final int union = chance(12) ? random.nextInt(6) : compare.getTargetValue();
        final boolean isExtreme = chance(15);
        switch (union)
        {
            case 0 -> compare.setVersion(isExtreme ? Model.extreme(random) : random.nextInt(4));
            case 1 -> compare.setCreateRevision(isExtreme ? Model.extreme(random) : model.someRevision(random));
            case 2 -> compare.setModRevision(isExtreme ? Model.extreme(random) : model.someRevision(random));
            case 3 -> compare.setValue(value());
            case 4 -> compare.setLease(isExtreme ? Model.extreme(random) : model.anyLease(random));
            default -> compare.clearTargetUnion();
        }
        return compare.build();
    }

    ByteString value()
    {
        final int kind = random.nextInt(200);
        final byte[] bytes = new byte[0 == kind ? 60_000 : kind < 20 ? 0 : random.nextInt(40)];
        if (chance(2))
        {
            return ByteString.copyFromUtf8("v" + random.nextInt(6));
        }
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    long revision()
    {
        return switch (random.nextInt(20))
        {
            case 0 -> -1;
            case 1 -> model.revision() + 1;
            case 2 -> Long.MAX_VALUE;
            case 3 -> Long.MIN_VALUE;
            case 4 -> model.compacted();
            case 5 -> model.compacted() - 1;
            case 6 -> model.revision();
            case 7 -> 0;
            default -> model.retainedRevision(random);
        };
    }

    boolean chance(final int oneIn)
    {
        return 0 == random.nextInt(oneIn);
    }

    /** One operation; behind a range that sorts comes its twin, without which its ties could not be judged. */
    private List<RequestOp> op(final int depth, final boolean isReadOnly)
    {
        final RequestOp.Builder op = RequestOp.newBuilder();
        if (chance(300))
        {
            return List.of(op.build());
        }
        final int kind = isReadOnly ? 0 : random.nextInt(depth < 3 ? 10 : 8);
        switch (kind)
        {
            case 0, 1, 2 -> op.setRequestRange(range());
            case 3, 4, 5 -> op.setRequestPut(isKeeping ? put() : put().clearIgnoreValue().clearIgnoreLease());
            case 6, 7 -> op.setRequestDeleteRange(isKeeping ? bounded(delete()) : delete());
            default -> op.setRequestTxn(txn(depth + 1));
        }
        final RangeRequest range = op.getRequestRange();
        return !op.hasRequestRange() || !SortTies.concerns(range) ? List.of(op.build()) : List.of(
            op.build(), RequestOp.newBuilder().setRequestRange(SortTies.twin(range)).build());
    }

    private static DeleteRangeRequest.Builder bounded(final DeleteRangeRequest.Builder delete)
    {
        return FROM_KEY.equals(delete.getRangeEnd()) ? delete.clearRangeEnd() : delete;
    }

    private long limit()
    {
        return switch (random.nextInt(12))
        {
            case 0, 1 -> Model.extreme(random);
            default -> random.nextInt(12);
        };
    }

    private long filter()
    {
        return switch (random.nextInt(10))
        {
            case 0 -> Model.extreme(random);
            case 1, 2, 3, 4 -> 0;
            default -> model.someRevision(random);
        };
    }

    private static ByteString prefixEnd(final ByteString key)
    {
        for (int i = key.size() - 1; i >= 0; i--)
        {
            if (key.byteAt(i) != -1)
            {
                return key.substring(0, i).concat(ByteString.copyFrom(new byte[]{(byte)(key.byteAt(i) + 1)}));
            }
        }
        return FROM_KEY;
    }
}
