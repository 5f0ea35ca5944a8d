package dev.quorate.server.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.quorate.gateway.proto.etcdserverpb.HashKVResponse;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrantRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrantResponse;
import dev.quorate.gateway.proto.etcdserverpb.LeaseLeasesResponse;
import dev.quorate.gateway.proto.etcdserverpb.LeaseStatus;
import dev.quorate.gateway.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.ResponseHeader;
import dev.quorate.gateway.proto.etcdserverpb.StatusResponse;
import dev.quorate.gateway.proto.mvccpb.KeyValue;
import io.grpc.Status;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * The differences that are allowed, each by one name. A rule makes the two outcomes of one call alike where it
 * applies, and only as far as it says; what differs afterwards is a fault.
 */
enum Rule
{
    /** Raft's own numbers: each cluster counts its own elections and entries. */
    TERM
    {
        @Override
        void apply(final Pair pair)
        {
            pair.etcd(withoutTerm(pair.etcd()));
            pair.quorate(withoutTerm(pair.quorate()));
        }
    },
    /** How much room the data takes is each implementation's own. */
    SIZES
    {
        @Override
        void apply(final Pair pair)
        {
            pair.both(StatusResponse.class, (builder) -> ((StatusResponse.Builder)builder)
                .clearDbSize().clearDbSizeInUse());
        }
    },
    /** An id that the server was asked to choose. */
    CHOSEN_ID
    {
        @Override
        void apply(final Pair pair)
        {
            if (pair.request() instanceof LeaseGrantRequest request && 0 == request.getID())
            {
                pair.both(LeaseGrantResponse.class, (builder) ->
                {
                    final LeaseGrantResponse.Builder grant = (LeaseGrantResponse.Builder)builder;
                    grant.setID(grant.getID() > 0 ? 1 : grant.getID());
                });
            }
        }
    },
    /** Time passes between the two answers: one second of remaining time more or less. */
    REMAINING_TTL
    {
        @Override
        void apply(final Pair pair)
        {
            if (pair.are(LeaseTimeToLiveResponse.class))
            {
                final long etcd = ((LeaseTimeToLiveResponse)pair.etcd()).getTTL();
                final LeaseTimeToLiveResponse quorate = (LeaseTimeToLiveResponse)pair.quorate();
                if (etcd >= 0 && quorate.getTTL() >= 0 && Math.abs(etcd - quorate.getTTL()) <= 1)
                {
                    pair.quorate(quorate.toBuilder().setTTL(etcd).build());
                }
            }
        }
    },
    /** The keys of a lease come in no order. */
    KEYS_OF_LEASE
    {
        @Override
        void apply(final Pair pair)
        {
            pair.both(LeaseTimeToLiveResponse.class, (builder) ->
            {
                final LeaseTimeToLiveResponse.Builder lease = (LeaseTimeToLiveResponse.Builder)builder;
                final List<ByteString> keys = new ArrayList<>(lease.getKeysList());
                keys.sort(ByteString.unsignedLexicographicalComparator());
                lease.clearKeys().addAllKeys(keys);
            });
        }
    },
    /** The list of leases: we list them by id, etcd by what remains of each. */
    ORDER_OF_LEASES
    {
        @Override
        void apply(final Pair pair)
        {
            pair.both(LeaseLeasesResponse.class, (builder) ->
            {
                final LeaseLeasesResponse.Builder leases = (LeaseLeasesResponse.Builder)builder;
                final List<LeaseStatus> sorted = new ArrayList<>(leases.getLeasesList());
                sorted.sort(Comparator.comparingLong(LeaseStatus::getID));
                leases.clearLeases().addAllLeases(sorted);
            });
        }
    },
    /** Keys that are equal in what is sorted by come in no order; which of them a limit cuts off is open. */
    SORT_TIES
    {
        @Override
        void apply(final Pair pair)
        {
            Ranges.forEach(pair, SortTies::normalise);
        }
    },
    /** Since 3.6 an unknown order or target of sorting is refused. */
    V36_SORT_OPTION
    {
        @Override
        void apply(final Pair pair)
        {
            if (Ranges.hasUnknownSort(pair.request()) && Status.Code.INVALID_ARGUMENT != pair.outcomeOfEtcd().code())
            {
                pair.etcd(Outcome.error(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid sort option"));
            }
        }
    },
    /** Since 3.7 a range that asks for keys only reports no lease, unless it sorts by value. */
    V37_KEYS_ONLY
    {
        @Override
        void apply(final Pair pair)
        {
            Ranges.forEach(pair, (request, etcd, quorate) ->
            {
                if (request.getKeysOnly() && RangeRequest.SortTarget.VALUE != request.getSortTarget())
                {
                    etcd.getKvsBuilderList().forEach(KeyValue.Builder::clearLease);
                }
            });
        }
    },
    /** Since 3.6 the answer tells which revision was hashed. */
    V36_HASH_REVISION
    {
        @Override
        void apply(final Pair pair)
        {
            if (pair.are(HashKVResponse.class))
            {
                pair.etcd(((HashKVResponse)pair.etcd()).toBuilder()
                    .setHashRevision(Ranges.hashedRevision(pair)).build());
            }
        }
    },
    /** Since 3.6 Status tells quota, version of the storage and state of a downgrade; each has its own version.
     * The text form of an alarm ends with no space any more. */
    V36_STATUS
    {
        @Override
        void apply(final Pair pair)
        {
            pair.both(StatusResponse.class, (builder) ->
            {
                final StatusResponse.Builder status = (StatusResponse.Builder)builder;
                status.clearVersion().clearStorageVersion().clearDbSizeQuota().clearDowngradeInfo();
                for (int i = 0; i < status.getErrorsCount(); i++)
                {
                    status.setErrors(i, status.getErrors(i).strip());
                }
            });
        }
    };

    abstract void apply(Pair pair);

    private static Message withoutTerm(final Message message)
    {
        if (null == message)
        {
            return null;
        }
        final Message.Builder builder = message.toBuilder();
        final var header = builder.getDescriptorForType().findFieldByName("header");
        if (null != header && builder.hasField(header))
        {
            builder.setField(header, ((ResponseHeader)message.getField(header)).toBuilder().clearRaftTerm().build());
        }
        if (builder instanceof StatusResponse.Builder status)
        {
            status.clearRaftTerm().clearRaftIndex().clearRaftAppliedIndex();
        }
        return builder.build();
    }

    /**
     * The outcomes of one request at both servers.
     */
    static final class Pair
    {
        private final Message request;
        private Outcome etcd;
        private Outcome quorate;

        Pair(final Message request, final Outcome etcd, final Outcome quorate)
        {
            this.request = request;
            this.etcd = etcd;
            this.quorate = quorate;
        }

        Message request()
        {
            return request;
        }

        Message etcd()
        {
            return etcd.message();
        }

        Message quorate()
        {
            return quorate.message();
        }

        Outcome outcomeOfEtcd()
        {
            return etcd;
        }

        Outcome outcomeOfQuorate()
        {
            return quorate;
        }

        void etcd(final Message message)
        {
            etcd = null == message ? etcd : Outcome.of(message);
        }

        void etcd(final Outcome outcome)
        {
            etcd = outcome;
        }

        void quorate(final Message message)
        {
            quorate = null == message ? quorate : Outcome.of(message);
        }

        boolean are(final Class<? extends Message> type)
        {
            return type.isInstance(etcd.message()) && type.isInstance(quorate.message());
        }

        void both(final Class<? extends Message> type, final Consumer<Message.Builder> change)
        {
            if (are(type))
            {
                final Message.Builder first = etcd().toBuilder();
                final Message.Builder second = quorate().toBuilder();
                change.accept(first);
                change.accept(second);
                etcd(first.build());
                quorate(second.build());
            }
        }

        boolean isEqual()
        {
            return etcd.equals(quorate);
        }
    }
}
