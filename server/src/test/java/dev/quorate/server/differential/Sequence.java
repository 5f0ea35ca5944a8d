package dev.quorate.server.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.quorate.gateway.proto.etcdserverpb.AlarmRequest;
import dev.quorate.gateway.proto.etcdserverpb.AlarmType;
import dev.quorate.gateway.proto.etcdserverpb.CompactionRequest;
import dev.quorate.gateway.proto.etcdserverpb.DeleteRangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.HashKVRequest;
import dev.quorate.gateway.proto.etcdserverpb.HashKVResponse;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeStreamResponse;
import dev.quorate.gateway.proto.etcdserverpb.ResponseHeader;
import dev.quorate.gateway.proto.etcdserverpb.StatusRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchCreateRequest;
import dev.quorate.server.process.Await;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * One random sequence: which request comes next, and what is waited for between two.
 */
final class Sequence
{
    private static final int SETTLE_EVERY = 50;
    private static final int EXPIRE_EVERY = 1_500;
    private static final int FRAGMENTS_AT = 700;
    private static final int LARGE_VALUES = 8;
    private static final int LARGE_VALUE_LENGTH = 300_000;
    private static final int STREAMS_MAX = 3;
    private static final int WATCHERS_MAX = 8;
    private static final int HASHES_AT_END = 10;
    private static final long[] WATCH_IDS = {0, 0, 0, 0, 0, 0, 1, 2, 3, 4, -7, Long.MAX_VALUE};

    private final Random random;
    private final Model model = new Model();
    private final Comparison comparison;
    private final Generator generator;
    private final LeaseCalls leases;
    private final BadRequests bad;
    private final MemberCalls members;
    private final PlainCalls plain;
    private final WatchBurst burst;
    private final History history;
    private final List<WatchPair> streams = new ArrayList<>();

    Sequence(final long seed, final Side etcd, final Side quorate)
    {
        random = new Random(seed);
        comparison = new Comparison(etcd, quorate, model);
        generator = new Generator(random, model);
        leases = new LeaseCalls(random, model, comparison, generator);
        bad = new BadRequests(random, comparison, generator, model);
        members = new MemberCalls(random, comparison);
        plain = new PlainCalls(random, comparison, generator);
        burst = new WatchBurst(random, comparison, generator, model);
        history = new History(etcd);
    }

    /**
     * @param operations that are compared at least.
     */
    void run(final long operations)
    {
        long step = 0;
        while (comparison.operations() < operations)
        {
            step();
            if (0 == ++step % SETTLE_EVERY)
            {
                settle();
            }
            if (0 == step % EXPIRE_EVERY)
            {
                leases.expire();
            }
            if (FRAGMENTS_AT == step)
            {
                watchFragments();
            }
        }
        finish();
    }

    long operations()
    {
        return comparison.operations();
    }

    private void step()
    {
        final int kind = random.nextInt(1_000);
        if (kind < 300)
        {
            call(KVGrpc.getPutMethod(), generator.put().build());
        }
        else if (kind < 520)
        {
            call(KVGrpc.getRangeMethod(), generator.range().build());
        }
        else if (kind < 560)
        {
            rangeStream();
        }
        else if (kind < 640)
        {
            call(KVGrpc.getDeleteRangeMethod(), generator.delete().build());
        }
        else if (kind < 820)
        {
            call(KVGrpc.getTxnMethod(), generator.txn(0).build());
        }
        else if (kind < 900)
        {
            leases.step();
        }
        else if (kind < 945)
        {
            watch();
        }
        else
        {
            rare(kind - 945);
        }
    }

    private void rare(final int kind)
    {
        if (kind < 6)
        {
            compact();
        }
        else if (kind < 12)
        {
            alarm();
        }
        else if (kind < 24)
        {
            hash(generator.revision());
        }
        else if (kind < 27)
        {
            call(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance());
        }
        else if (kind < 33)
        {
            members.step();
        }
        else if (kind < 37)
        {
            plain.step();
        }
        else if (kind < 39)
        {
            burst.run();
        }
        else
        {
            bad.step();
        }
    }

    /** RangeStream is newer than the etcd we compare with: its messages merged are what Range answers. */
    private void rangeStream()
    {
        final RangeRequest request = generator.range().build();
        final CompletableFuture<Outcome> range = comparison.etcd().call(KVGrpc.getRangeMethod(), request);
        final Outcome merged = comparison.quorate().merged(KVGrpc.getRangeStreamMethod(), request);
        Outcome expected = range.join();
        final boolean isBadRequest = Status.Code.INVALID_ARGUMENT == expected.code();
        final boolean isSorted = RangeRequest.SortTarget.KEY != request.getSortTarget() ||
            RangeRequest.SortOrder.DESCEND == request.getSortOrder();
        if (!isBadRequest && isSorted)
        {
            expected = Outcome.error(
                Status.Code.UNIMPLEMENTED, "RangeStream does not support custom sort orders");
        }
        else if (!isBadRequest && (request.getMinModRevision() != 0 || request.getMaxModRevision() != 0 ||
            request.getMinCreateRevision() != 0 || request.getMaxCreateRevision() != 0))
        {
            expected = Outcome.error(Status.Code.UNIMPLEMENTED, "RangeStream does not support revision filters");
        }
        comparison.compare("RangeStream", request, expected, !merged.isOk() ? merged :
            Outcome.of(((RangeStreamResponse)merged.message()).getRangeResponse()));
    }

    private void compact()
    {
        settle();
        // one that is behind would be overtaken at the one server and not at the other
        comparison.etcd().awaitWatchersInStep();
        comparison.quorate().awaitWatchersInStep();
        final long compacted = model.compacted();
        final long revision = compacted < 0 && generator.chance(2) ? 0 : generator.revision();
        final boolean isPhysical = random.nextBoolean();
        history.await(model.revision());
        if (history.isDeletedAndPutAt(revision))
        {
            // There etcd keeps the deletion and drops the version that is alive: a known difference.
            return;
        }
        final Outcome outcome = call(KVGrpc.getCompactMethod(), CompactionRequest.newBuilder()
            .setRevision(revision).setPhysical(isPhysical).build());
        if (outcome.isOk())
        {
            model.compacted(revision);
            awaitCompacted(comparison.etcd(), revision, compacted);
            awaitCompacted(comparison.quorate(), revision, compacted);
            hash(0);
            hash(revision);
            hash(compacted);
        }
    }

    /** A compaction without waiting goes on behind its answer; when it is done its own hash is kept. */
    private static void awaitCompacted(final Side side, final long revision, final long before)
    {
        if (revision >= 0)
        {
            Await.until(side + " compacts to " + revision, Duration.ofSeconds(Side.DEADLINE_S), () ->
            {
                final Outcome hash = side.call(
                    MaintenanceGrpc.getHashKVMethod(), HashKVRequest.newBuilder().setRevision(revision).build()).join();
                return hash.isOk() && before == ((HashKVResponse)hash.message()).getCompactRevision();
            });
        }
    }

    private void alarm()
    {
        // an action or an alarm to be raised that etcd does not know ends its process
        final AlarmRequest.Builder alarm = AlarmRequest.newBuilder()
            .setActionValue(random.nextInt(3)).setAlarmValue(random.nextInt(3))
            .setMemberID(random.nextBoolean() ? 0 : 77);
        if (AlarmRequest.AlarmAction.ACTIVATE != alarm.getAction() && generator.chance(4))
        {
            alarm.setAlarmValue(Generator.UNKNOWN);
        }
        call(MaintenanceGrpc.getAlarmMethod(), alarm.build());
        if (AlarmRequest.AlarmAction.ACTIVATE == alarm.getAction())
        {
            for (int i = 0; i < 3; i++)
            {
                call(KVGrpc.getPutMethod(), generator.put().build());
                call(KVGrpc.getTxnMethod(), generator.txn(0).build());
                call(KVGrpc.getDeleteRangeMethod(), generator.delete().build());
                call(KVGrpc.getRangeMethod(), generator.range().build());
            }
            leases.step();
            call(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance());
            call(MaintenanceGrpc.getAlarmMethod(), AlarmRequest.getDefaultInstance());
            for (final AlarmType type : new AlarmType[]{AlarmType.NOSPACE, AlarmType.CORRUPT})
            {
                call(MaintenanceGrpc.getAlarmMethod(), alarm.setAlarm(type)
                    .setAction(AlarmRequest.AlarmAction.DEACTIVATE).build());
            }
        }
    }

    private void hash(final long revision)
    {
        call(MaintenanceGrpc.getHashKVMethod(), HashKVRequest.newBuilder().setRevision(revision).build());
    }

    private void watch()
    {
        if (streams.isEmpty() || streams.size() < STREAMS_MAX && generator.chance(10))
        {
            streams.add(new WatchPair(comparison, model, history));
        }
        final WatchPair stream = streams.get(random.nextInt(streams.size()));
        final List<Long> ids = stream.ids();
        final int kind = random.nextInt(20);
        if (kind < 10 && ids.size() < WATCHERS_MAX)
        {
            stream.create(watchCreate());
        }
        else if (kind < 15)
        {
            stream.cancel(ids.isEmpty() || generator.chance(10) ? 4_711 : ids.get(random.nextInt(ids.size())));
        }
        else if (kind < 18)
        {
            stream.progress();
        }
        else if (kind < 19)
        {
            stream.askNothing();
        }
        else
        {
            stream.close();
            streams.remove(stream);
        }
    }

    private WatchCreateRequest watchCreate()
    {
        final ByteString key = generator.chance(10) ? ByteString.EMPTY : generator.key();
        final WatchCreateRequest.Builder create = WatchCreateRequest.newBuilder()
            .setKey(key)
            .setRangeEnd(generator.rangeEnd(key))
            .setPrevKv(random.nextBoolean())
            .setFragment(random.nextBoolean())
            .setProgressNotify(random.nextBoolean())
            .setWatchId(WATCH_IDS[random.nextInt(WATCH_IDS.length)]);
        for (int i = generator.chance(3) ? random.nextInt(3) : 0; i >= 0; i--)
        {
            create.addFiltersValue(random.nextInt(3));
        }
        if (generator.chance(2))
        {
            create.clearFilters();
        }
        return switch (random.nextInt(10))
        {
            case 0, 1, 2 -> create.build();
            case 3 -> create.setStartRevision(
                generator.chance(4) ? Long.MAX_VALUE : model.revision() + 1 + random.nextInt(20)).build();
            case 4 -> create.setStartRevision(
                generator.chance(3) ? Model.extreme(random) : Math.max(1, model.compacted())).build();
            case 5 -> create.setStartRevision(Math.max(1, model.compacted() - 1)).build();
            default -> create.setStartRevision(model.retainedRevision(random)).build();
        };
    }

    /** Events of one revision that are together too long for one response: they tell what was deleted. */
    private void watchFragments()
    {
        final ByteString first = ByteString.copyFromUtf8("large/");
        final ByteString end = ByteString.copyFromUtf8("large0");
        final long start = model.revision() + 1;
        for (int i = 0; i < LARGE_VALUES; i++)
        {
            final byte[] value = new byte[LARGE_VALUE_LENGTH];
            random.nextBytes(value);
            call(KVGrpc.getPutMethod(), PutRequest.newBuilder()
                .setKey(first.concat(ByteString.copyFromUtf8("" + i))).setValue(ByteString.copyFrom(value)).build());
        }
        final WatchPair stream = new WatchPair(comparison, model, history);
        stream.create(WatchCreateRequest.newBuilder()
            .setKey(first).setRangeEnd(end).setStartRevision(start).setPrevKv(true).setFragment(true).build());
        call(KVGrpc.getDeleteRangeMethod(), DeleteRangeRequest.newBuilder().setKey(first).setRangeEnd(end).build());
        stream.settle();
        if (0 == stream.fragmentCount())
        {
            throw comparison.fail("nothing came in fragments");
        }
        stream.close();
    }

    private void settle()
    {
        for (final WatchPair stream : streams)
        {
            stream.settle();
        }
    }

    private void finish()
    {
        settle();
        final RangeRequest everything = RangeRequest.newBuilder()
            .setKey(History.FROM_KEY).setRangeEnd(History.FROM_KEY).build();
        call(KVGrpc.getRangeMethod(), everything);
        hash(0);
        for (int i = 0; i < HASHES_AT_END; i++)
        {
            final long revision = model.retainedRevision(random);
            hash(revision);
            call(KVGrpc.getRangeMethod(), everything.toBuilder().setRevision(revision).build());
        }
        final WatchPair quiet = new WatchPair(comparison, model, history);
        quiet.awaitProgress();
        quiet.close();
        streams.forEach(WatchPair::close);
        history.close();
    }

    private <Q extends Message, A extends Message> Outcome call(final MethodDescriptor<Q, A> method, final Q request)
    {
        final Outcome outcome = comparison.call(method, request);
        if (outcome.isOk())
        {
            final var field = outcome.message().getDescriptorForType().findFieldByName("header");
            model.revision(((ResponseHeader)outcome.message().getField(field)).getRevision());
        }
        return outcome;
    }
}
