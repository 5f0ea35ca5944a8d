package dev.quorate.server.differential;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.quorate.gateway.proto.etcdserverpb.HashKVResponse;
import dev.quorate.gateway.proto.etcdserverpb.HashResponse;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrantRequest;
import dev.quorate.gateway.proto.etcdserverpb.LeaseGrantResponse;
import dev.quorate.gateway.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.quorate.gateway.proto.etcdserverpb.Member;
import dev.quorate.gateway.proto.etcdserverpb.MemberAddResponse;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.ResponseHeader;
import dev.quorate.gateway.proto.etcdserverpb.StatusResponse;
import dev.quorate.gateway.proto.etcdserverpb.TxnRequest;
import dev.quorate.gateway.proto.mvccpb.KeyValue;
import io.grpc.Status;

import java.util.ArrayList;
import java.util.List;

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
        void apply(final RulePair pair)
        {
            pair.etcd(withoutTerm(pair.etcd()));
            pair.quorate(withoutTerm(pair.quorate()));
        }
    },
    /** How much room the data takes is each implementation's own. */
    SIZES
    {
        @Override
        void apply(final RulePair pair)
        {
            pair.both(StatusResponse.class, (builder) -> ((StatusResponse.Builder)builder)
                .clearDbSize().clearDbSizeInUse());
        }
    },
    /** What a member stores besides keys, and how, is each implementation's own, and so is a hash of all of it. */
    WHOLE_HASH
    {
        @Override
        void apply(final RulePair pair)
        {
            pair.both(HashResponse.class, (builder) -> ((HashResponse.Builder)builder).clearHash());
        }
    },
    /** An id that the server was asked to choose: that of a lease, or of a member that was added. */
    CHOSEN_ID
    {
        @Override
        void apply(final RulePair pair)
        {
            pair.etcd(withoutAddedIds(pair.etcd()));
            pair.quorate(withoutAddedIds(pair.quorate()));
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
        void apply(final RulePair pair)
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
        void apply(final RulePair pair)
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
    /** Keys that are equal in what is sorted by come in no order, and it is open which of them a limit cuts off. */
    SORT_TIES
    {
        @Override
        void apply(final RulePair pair)
        {
            Ranges.forEach(pair, (request, twin, etcd, quorate) ->
            {
                if (null != twin)
                {
                    SortTies.normalise(request, twin, etcd, quorate);
                }
            });
        }
    },
    /**
     * Of two wrong operations of a transaction, before 3.6 any put was found before any range; before 3.7 the missing
     * key of a put was found before its missing lease.
     */
    V37_TXN_CHECKS
    {
        @Override
        void apply(final RulePair pair)
        {
            if (pair.request() instanceof TxnRequest txn && !pair.outcomeOfEtcd().isOk() && !pair.isEqual())
            {
                final TxnChecks checks = TxnChecks.of(txn, pair);
                if (pair.outcomeOfEtcd().equals(checks.putsBeforeRanges()))
                {
                    pair.etcd(checks.inTurn());
                }
            }
        }
    },
    /** Since 3.6 an unknown order or target of sorting is refused. */
    V36_SORT_OPTION
    {
        @Override
        void apply(final RulePair pair)
        {
            if (Ranges.hasUnknownSort(pair.request()) && Ranges.isRefusedForSort(pair))
            {
                pair.etcd(Outcome.error(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid sort option"));
            }
        }
    },
    /** Since 3.7 a range that asks for keys only reports no lease, unless it sorts by value. */
    V37_KEYS_ONLY
    {
        @Override
        void apply(final RulePair pair)
        {
            Ranges.forEach(pair, (request, twin, etcd, quorate) ->
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
        void apply(final RulePair pair)
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
        void apply(final RulePair pair)
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

    abstract void apply(RulePair pair);

    /** A member that never started has no name. */
    private static Message withoutAddedIds(final Message message)
    {
        final var members = null == message ? null : message.getDescriptorForType().findFieldByName("members");
        if (null == members)
        {
            return message;
        }
        final List<Member> all = new ArrayList<>();
        for (int i = 0; i < message.getRepeatedFieldCount(members); i++)
        {
            final Member member = (Member)message.getRepeatedField(members, i);
            all.add(member.getName().isEmpty() ? member.toBuilder().setID(1).build() : member);
        }
        all.sort((a, b) -> Long.compareUnsigned(a.getID(), b.getID()));
        final Message.Builder builder = message.toBuilder().setField(members, all);
        if (builder instanceof MemberAddResponse.Builder add)
        {
            add.getMemberBuilder().setID(1);
        }
        return builder.build();
    }

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
}
