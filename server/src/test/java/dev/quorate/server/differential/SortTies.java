package dev.quorate.server.differential;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeResponse;
import dev.quorate.gateway.proto.mvccpb.KeyValue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings a sorted answer into the one order that has ties in the order of keys, if it is right but for its ties: as
 * long as it must be, without a key twice, each where its number or value belongs, and each as it is in what could be
 * chosen from. That is asked for as a range of its own, the twin: whole, in the order of keys, without a limit but for
 * the quirk that a target without an order sorts what the limit has let through.
 */
final class SortTies
{
    private static final Comparator<ByteString> BY_KEY = ByteString.unsignedLexicographicalComparator();

    private SortTies()
    {
    }

    static boolean concerns(final RangeRequest request)
    {
        return !request.getCountOnly() && RangeRequest.SortTarget.KEY != request.getSortTarget() &&
            RangeRequest.SortTarget.UNRECOGNIZED != request.getSortTarget() &&
            RangeRequest.SortOrder.UNRECOGNIZED != request.getSortOrder();
    }

    /** The range whose answer is what a range chooses from. */
    static RangeRequest twin(final RangeRequest request)
    {
        final boolean isCutFirst = RangeRequest.SortOrder.NONE == request.getSortOrder() && request.getLimit() > 0 &&
            request.getLimit() < Long.MAX_VALUE && 0 == request.getMinModRevision() &&
            0 == request.getMaxModRevision() && 0 == request.getMinCreateRevision() &&
            0 == request.getMaxCreateRevision();
        return request.toBuilder().clearSortOrder().clearSortTarget().clearKeysOnly()
            .setLimit(isCutFirst ? request.getLimit() + 1 : 0).build();
    }

    static void normalise(
        final RangeRequest request,
        final RangeResponse twin,
        final RangeResponse.Builder etcd,
        final RangeResponse.Builder quorate)
    {
        final List<KeyValue> expected = new ArrayList<>(twin.getKvsList());
        final Comparator<KeyValue> order = order(request);
        expected.sort(order.thenComparing(KeyValue::getKey, BY_KEY));
        if (request.getLimit() > 0 && expected.size() > request.getLimit())
        {
            expected.subList((int)request.getLimit(), expected.size()).clear();
        }
        final Map<ByteString, KeyValue> choice = new HashMap<>();
        twin.getKvsList().forEach((kv) -> choice.put(kv.getKey(), kv));
        normalise(request, etcd, expected, choice, order, true);
        normalise(request, quorate, expected, choice, order, false);
    }

    private static void normalise(
        final RangeRequest request,
        final RangeResponse.Builder response,
        final List<KeyValue> expected,
        final Map<ByteString, KeyValue> choice,
        final Comparator<KeyValue> order,
        final boolean isEtcd)
    {
        final Map<ByteString, KeyValue> left = new HashMap<>(choice);
        boolean isRight = response.getKvsCount() == expected.size();
        for (int i = 0; isRight && i < expected.size(); i++)
        {
            final KeyValue whole = left.remove(response.getKvs(i).getKey());
            isRight = null != whole && 0 == order.compare(whole, expected.get(i)) &&
                response.getKvs(i).equals(shown(request, whole, isEtcd));
        }
        if (isRight)
        {
            response.clearKvs();
            expected.forEach((kv) -> response.addKvs(shown(request, kv, isEtcd)));
        }
    }

    /** Of keys alone, etcd 3.5 still reports the lease. */
    private static KeyValue shown(final RangeRequest request, final KeyValue whole, final boolean isEtcd)
    {
        if (!request.getKeysOnly())
        {
            return whole;
        }
        final KeyValue key = whole.toBuilder().clearValue().build();
        return isEtcd || RangeRequest.SortTarget.VALUE == request.getSortTarget() ? key :
            key.toBuilder().clearLease().build();
    }

    private static Comparator<KeyValue> order(final RangeRequest request)
    {
        final Comparator<KeyValue> ascending = switch (request.getSortTarget())
        {
            case VERSION -> Comparator.comparingLong(KeyValue::getVersion);
            case CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
            case MOD -> Comparator.comparingLong(KeyValue::getModRevision);
            case VALUE -> Comparator.comparing(KeyValue::getValue, BY_KEY);
            default -> throw new IllegalArgumentException("not sorted: " + request);
        };
        return RangeRequest.SortOrder.DESCEND == request.getSortOrder() ? ascending.reversed() : ascending;
    }
}
