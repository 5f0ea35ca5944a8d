package dev.quorate.server.process;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.PutResponse;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeResponse;
import dev.quorate.gateway.proto.mvccpb.KeyValue;
import io.grpc.StatusRuntimeException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that write without pause, each key once, and remember what was acknowledged and with which revision. A write
 * whose outcome is unknown counts as not acknowledged; the client goes on at the next member.
 */
final class Load
{
    private static final int CLIENTS = 3;
    private static final long CALL_DEADLINE_MS = 3_000;
    private static final Duration PROGRESS = Duration.ofSeconds(120);

    private final List<MemberProcess> members;
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private final AtomicLong nextKey = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean isStopping;

    private Load(final List<MemberProcess> members)
    {
        this.members = members;
    }

    static Load start(final List<MemberProcess> members)
    {
        final Load load = new Load(members);
        for (int i = 0; i < CLIENTS; i++)
        {
            final int first = i;
            load.threads.add(Thread.ofPlatform().daemon().name("load-" + i).start(() -> load.run(first)));
        }
        return load;
    }

    /**
     * Waits until some more writes were acknowledged.
     */
    void awaitMore(final int count)
    {
        final int wanted = acknowledged.size() + count;
        Await.until(count + " more acknowledged writes", PROGRESS, () -> acknowledged.size() >= wanted);
    }

    /**
     * Ends the clients.
     *
     * @return the revision of each key whose write was acknowledged.
     */
    Map<String, Long> stop()
    {
        isStopping = true;
        for (final Thread thread : threads)
        {
            try
            {
                thread.join(2 * CALL_DEADLINE_MS);
            }
            catch (final InterruptedException ex)
            {
                throw new IllegalStateException(ex);
            }
        }
        return acknowledged;
    }

    /**
     * Reads back everything through one member.
     *
     * @return the acknowledged writes that are not there, or not with their revision.
     */
    static List<String> lost(final Map<String, Long> acknowledged, final MemberProcess member)
    {
        final RangeResponse all = kv(member).range(RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("load/")).setRangeEnd(ByteString.copyFromUtf8("load0")).build());
        final Map<String, Long> found = new ConcurrentHashMap<>();
        for (final KeyValue kv : all.getKvsList())
        {
            found.put(kv.getKey().toStringUtf8(), kv.getModRevision());
        }
        final List<String> lost = new ArrayList<>();
        acknowledged.forEach((key, revision) ->
        {
            if (!revision.equals(found.get(key)))
            {
                lost.add(key + " acknowledged at " + revision + ", found at " + found.get(key));
            }
        });
        return lost;
    }

    private void run(final int first)
    {
        int at = first;
        while (!isStopping)
        {
            final String key = "load/" + nextKey.incrementAndGet();
            final MemberProcess member = members.get(at % members.size());
            try
            {
                final PutResponse response = kv(member).put(PutRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8(key)).setValue(ByteString.copyFromUtf8("value of " + key)).build());
                acknowledged.put(key, response.getHeader().getRevision());
            }
            catch (final StatusRuntimeException ex)
            {
                at++;
            }
        }
    }

    private static KVGrpc.KVBlockingStub kv(final MemberProcess member)
    {
        return KVGrpc.newBlockingStub(member.channel()).withDeadlineAfter(CALL_DEADLINE_MS, TimeUnit.MILLISECONDS);
    }
}
