package dev.quorate.server.differential;

import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrantRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrantResponse;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrpc;
import dev.quorate.gateway.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseLeasesRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseRevokeRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseRevokeResponse;
import dev.quorate.gateway.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.PutResponse;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeResponse;
import dev.quorate.server.process.Await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/**
 * Random requests of service Lease. Leases are granted for so long that none ends by itself, but for those of
 * {@link #expire()}.
 */
final class LeaseCalls
{
    private static final int IDS = 30;
    private static final int KEEP_ALIVES = 20;
    private static final long TTL_STEP_S = 10_000;
    private static final long LONGEST_TTL_S = 9_000_000_000L;
    private static final long SHORT_TTL_S = 3;
    private static final long[] TTLS_BELOW_MINIMUM_S = {1, 0, -1, Long.MIN_VALUE};
    private static final long EXPIRING = 5_000_000;

    private final Random random;
    private final Model model;
    private final Comparison comparison;
    private final Generator generator;
    private long expiring = EXPIRING;

    LeaseCalls(final Random random, final Model model, final Comparison comparison, final Generator generator)
    {
        this.random = random;
        this.model = model;
        this.comparison = comparison;
        this.generator = generator;
    }

    void step()
    {
        final int kind = random.nextInt(20);
        if (kind < 6)
        {
            grant();
        }
        else if (kind < 9)
        {
            revoke(model.anyLease(random));
        }
        else if (kind < 12)
        {
            keepAlive(model.anyLease(random));
        }
        else if (kind < 13)
        {
            keepSeveralAlive();
        }
        else if (kind < 17)
        {
            timeToLive(model.anyLease(random));
        }
        else
        {
            comparison.call(LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance());
        }
    }

    /**
     * A lease that ends by itself, with keys, and one without that ends before it: both servers are waited for.
     */
    void expire()
    {
        final long shortest = ++expiring;
        comparison.call(LeaseGrpc.getLeaseGrantMethod(), LeaseGrantRequest.newBuilder().setID(shortest)
            .setTTL(TTLS_BELOW_MINIMUM_S[random.nextInt(TTLS_BELOW_MINIMUM_S.length)]).build());
        final long id = ++expiring;
        final Outcome granted = comparison.call(LeaseGrpc.getLeaseGrantMethod(), LeaseGrantRequest.newBuilder()
            .setID(id).setTTL(SHORT_TTL_S).build());
        if (!granted.isOk())
        {
            return;
        }
        for (int i = 0; i < 3; i++)
        {
            final Outcome put = comparison.call(KVGrpc.getPutMethod(), PutRequest.newBuilder()
                .setKey(generator.key()).setLease(id).build());
            if (put.message() instanceof PutResponse response)
            {
                model.revision(response.getHeader().getRevision());
            }
        }
        timeToLive(id);
        keepAlive(id);
        for (final long each : new long[]{shortest, id})
        {
            awaitExpiry(comparison.etcd(), each);
            awaitExpiry(comparison.quorate(), each);
            timeToLive(each);
        }
        keepAlive(id);
        final Outcome range = comparison.call(KVGrpc.getRangeMethod(), RangeRequest.newBuilder()
            .setKey(History.FROM_KEY).setRangeEnd(History.FROM_KEY).build());
        model.revision(((RangeResponse)range.message()).getHeader().getRevision());
    }

    private void grant()
    {
        final long id = switch (random.nextInt(12))
        {
            case 0 -> 0;
            case 1 -> -1 - random.nextInt(5);
            case 2 -> random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE;
            default -> 1 + random.nextInt(IDS);
        };
        final long ttl = switch (random.nextInt(20))
        {
            case 0 -> LONGEST_TTL_S + 1;
            case 1 -> LONGEST_TTL_S;
            case 2 -> Long.MAX_VALUE;
            default -> TTL_STEP_S * (1 + random.nextInt(20));
        };
        final LeaseGrantRequest request = LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl).build();
        if (0 != id)
        {
            if (comparison.call(LeaseGrpc.getLeaseGrantMethod(), request).isOk())
            {
                model.leases().add(id);
            }
            return;
        }
        final Outcome first = comparison.etcd().call(LeaseGrpc.getLeaseGrantMethod(), request).join();
        final Outcome second = comparison.quorate().call(LeaseGrpc.getLeaseGrantMethod(), request).join();
        comparison.compare("LeaseGrant", request, first, second);
        if (first.isOk())
        {
            chosen(((LeaseGrantResponse)first.message()).getID(), ((LeaseGrantResponse)second.message()).getID());
        }
    }

    /** A lease with an id that the server chose never has keys, for the id is part of what is hashed. */
    private void chosen(final long ofEtcd, final long ofQuorate)
    {
        comparison.call(
            LeaseGrpc.getLeaseRevokeMethod(),
            LeaseRevokeRequest.newBuilder().setID(ofEtcd).build(),
            LeaseRevokeRequest.newBuilder().setID(ofQuorate).build());
    }

    private void revoke(final long id)
    {
        final Outcome outcome = comparison.call(
            LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(id).build());
        if (outcome.message() instanceof LeaseRevokeResponse response)
        {
            model.leases().remove(id);
            model.revision(response.getHeader().getRevision());
        }
    }

    private void keepAlive(final long id)
    {
        comparison.compare(
            "LeaseKeepAlive", LeaseKeepAliveRequest.newBuilder().setID(id).build(),
            comparison.etcd().keepAlive(id), comparison.quorate().keepAlive(id));
    }

    private void keepSeveralAlive()
    {
        final List<Long> ids = new ArrayList<>();
        for (int i = random.nextInt(KEEP_ALIVES); i >= 0; i--)
        {
            ids.add(model.anyLease(random));
        }
        final List<Outcome> ofEtcd = comparison.etcd().keepAlive(ids);
        final List<Outcome> ofQuorate = comparison.quorate().keepAlive(ids);
        for (int i = 0; i < ids.size(); i++)
        {
            comparison.compare("LeaseKeepAlive", LeaseKeepAliveRequest.newBuilder().setID(ids.get(i)).build(),
                ofEtcd.get(i), ofQuorate.get(i));
        }
        // which of them ends first must not depend on how they were handled together
        new TreeSet<>(ids).forEach(this::keepAlive);
    }

    private void timeToLive(final long id)
    {
        comparison.call(LeaseGrpc.getLeaseTimeToLiveMethod(), LeaseTimeToLiveRequest.newBuilder()
            .setID(id).setKeys(random.nextBoolean()).build());
    }

    private static void awaitExpiry(final Side side, final long id)
    {
        Await.until("lease " + id + " ends at " + side, Duration.ofSeconds(Side.DEADLINE_S), () ->
        {
            final Outcome outcome = side.call(
                LeaseGrpc.getLeaseTimeToLiveMethod(), LeaseTimeToLiveRequest.newBuilder().setID(id).build()).join();
            return outcome.message() instanceof LeaseTimeToLiveResponse lease && -1 == lease.getTTL();
        });
    }
}
