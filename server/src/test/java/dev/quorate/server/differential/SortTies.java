package dev.quorate.server.differential;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeResponse;
import dev.quorate.gateway.proto.mvccpb.KeyValue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Brings keys that tie into the order of keys. Of the group that a limit cut through only what was sorted by is kept.
 */
final class SortTies
{
    private static final Comparator<KeyValue> BY_KEY =
        Comparator.comparing(KeyValue::getKey, ByteString.unsignedLexicographicalComparator());

    private SortTies()
    {
    }

    static void normalise(
        final RangeRequest request, final RangeResponse.Builder etcd, final RangeResponse.Builder quorate)
    {
        if (RangeRequest.SortTarget.KEY != request.getSortTarget() &&
            RangeRequest.SortTarget.UNRECOGNIZED != request.getSortTarget())
        {
            normalise(request, etcd);
            normalise(request, quorate);
        }
    }

    private static void normalise(final RangeRequest request, final RangeResponse.Builder response)
    {
        final RangeRequest.SortTarget target = request.getSortTarget();
        final boolean isBlind = request.getKeysOnly() && RangeRequest.SortTarget.VALUE == target;
        final List<KeyValue> kvs = new ArrayList<>(response.getKvsList());
        int start = 0;
        while (start < kvs.size())
        {
            int end = start + 1;
            while (end < kvs.size() && (isBlind || tie(target, kvs.get(start), kvs.get(end))))
            {
                end++;
            }
            final List<KeyValue> group = kvs.subList(start, end);
            group.sort(BY_KEY);
            if (end == kvs.size() && response.getMore())
            {
                group.replaceAll((kv) -> sortedBy(target, kv));
            }
            start = end;
        }
        response.clearKvs().addAllKvs(kvs);
    }

    private static boolean tie(final RangeRequest.SortTarget target, final KeyValue first, final KeyValue second)
    {
        return sortedBy(target, first).equals(sortedBy(target, second));
    }

    private static KeyValue sortedBy(final RangeRequest.SortTarget target, final KeyValue kv)
    {
        final KeyValue.Builder builder = KeyValue.newBuilder();
        return switch (target)
        {
            case VERSION -> builder.setVersion(kv.getVersion()).build();
            case CREATE -> builder.setCreateRevision(kv.getCreateRevision()).build();
            case MOD -> builder.setModRevision(kv.getModRevision()).build();
            case VALUE -> builder.setValue(kv.getValue()).build();
            default -> kv;
        };
    }
}
