package dev.quorate.server.differential;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.WatchCancelRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchCreateRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchResponse;

import java.util.List;
import java.util.Random;

/**
 * Requests on one watch stream that do not wait for each other: each server answers them in their order.
 */
final class WatchBurst
{
    private static final int REQUESTS = 24;
    private static final long FENCE = 4_711;
    private static final long[] CREATED_IDS = {0, 0, 0, 1, 2, 3, 9, -7, -1, Long.MIN_VALUE};
    private static final long[] CANCELED_IDS = {0, 0, 1, 1, 2, 3, 4, 9, -7, -1, Long.MIN_VALUE};

    private final Random random;
    private final Comparison comparison;
    private final Generator generator;
    private final Model model;

    WatchBurst(final Random random, final Comparison comparison, final Generator generator, final Model model)
    {
        this.random = random;
        this.comparison = comparison;
        this.generator = generator;
        this.model = model;
    }

    void run()
    {
        final WatchSide etcd = new WatchSide(comparison.etcd());
        final WatchSide quorate = new WatchSide(comparison.quorate());
        for (int i = 0; i < REQUESTS; i++)
        {
            final WatchRequest request = request();
            etcd.send(request);
            quorate.send(request);
        }
        final WatchRequest fence = create(FENCE, generator.key(), ByteString.EMPTY, 0);
        etcd.send(fence);
        quorate.send(fence);
        final List<WatchResponse> ofEtcd = etcd.awaitAnswersTo(FENCE);
        final List<WatchResponse> ofQuorate = quorate.awaitAnswersTo(FENCE);
        if (ofEtcd.size() != ofQuorate.size())
        {
            throw comparison.fail("answers to a burst on a watch stream:\n  etcd    " + ofEtcd +
                "\n  quorate " + ofQuorate);
        }
        for (int i = 0; i < ofEtcd.size(); i++)
        {
            comparison.compare("Watch burst", fence, Outcome.of(ofEtcd.get(i)), Outcome.of(ofQuorate.get(i)));
        }
        etcd.close();
        quorate.close();
    }

    /** None that compaction has overtaken: that is told whenever it is found. */
    private WatchRequest request()
    {
        if (generator.chance(3))
        {
            return WatchRequest.newBuilder().setCancelRequest(WatchCancelRequest.newBuilder()
                .setWatchId(CANCELED_IDS[random.nextInt(CANCELED_IDS.length)])).build();
        }
        if (generator.chance(12))
        {
            return WatchRequest.getDefaultInstance();
        }
        final ByteString key = generator.chance(10) ? ByteString.EMPTY : generator.key();
        final long start = switch (random.nextInt(8))
        {
            case 0 -> Long.MIN_VALUE;
            case 1 -> -1;
            case 2 -> Long.MAX_VALUE;
            case 3 -> model.retainedRevision(random);
            default -> 0;
        };
        return create(CREATED_IDS[random.nextInt(CREATED_IDS.length)], key, generator.rangeEnd(key), start);
    }

    private static WatchRequest create(final long id, final ByteString key, final ByteString end, final long start)
    {
        return WatchRequest.newBuilder().setCreateRequest(WatchCreateRequest.newBuilder()
            .setWatchId(id).setKey(key).setRangeEnd(end).setStartRevision(start)).build();
    }
}
