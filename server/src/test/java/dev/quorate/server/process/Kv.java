package dev.quorate.server.process;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.HashKVRequest;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.StatusRequest;
import dev.quorate.gateway.proto.etcdserverpb.StatusResponse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Questions that tests ask members, each with a deadline.
 */
public final class Kv
{
    private static final Duration DEADLINE = Duration.ofSeconds(120);
    private static final long CALL_S = 20;
    private static final int MARK_SLOT_LENGTH = 4096;
    private static final int MARK_INDEX_OFFSET = 24;

    private Kv()
    {
    }

    /**
     * @param member to ask.
     * @return a stub with a fresh deadline.
     */
    public static KVGrpc.KVBlockingStub stub(final MemberProcess member)
    {
        return KVGrpc.newBlockingStub(member.channel()).withDeadlineAfter(CALL_S, TimeUnit.SECONDS);
    }

    /**
     * @param member to ask.
     * @return its status.
     */
    public static StatusResponse status(final MemberProcess member)
    {
        return MaintenanceGrpc.newBlockingStub(member.channel()).withDeadlineAfter(CALL_S, TimeUnit.SECONDS)
            .status(StatusRequest.getDefaultInstance());
    }

    /**
     * @param member to ask, linearizably.
     * @return the revision.
     */
    public static long revision(final MemberProcess member)
    {
        return stub(member).range(RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("none")).build())
            .getHeader().getRevision();
    }

    /**
     * @param member   to ask.
     * @param revision up to which.
     * @return its hash.
     */
    public static int hash(final MemberProcess member, final long revision)
    {
        return MaintenanceGrpc.newBlockingStub(member.channel()).withDeadlineAfter(CALL_S, TimeUnit.SECONDS)
            .hashKV(HashKVRequest.newBuilder().setRevision(revision).build()).getHash();
    }

    /**
     * Reads the mark file of a store, as docs/formats.md describes it.
     *
     * @param data directory of the member.
     * @return index of the last entry that the newest mark covers.
     * @throws IOException if the file cannot be read.
     */
    public static long markIndex(final Path data) throws IOException
    {
        final ByteBuffer marks = ByteBuffer.wrap(Files.readAllBytes(data.resolve("store/marks")))
            .order(ByteOrder.LITTLE_ENDIAN);
        return Math.max(marks.getLong(MARK_INDEX_OFFSET), marks.getLong(MARK_SLOT_LENGTH + MARK_INDEX_OFFSET));
    }

    /**
     * Waits until one of the members says that it leads.
     *
     * @param members to ask.
     * @return it.
     */
    public static MemberProcess leader(final List<MemberProcess> members)
    {
        final MemberProcess[] leader = new MemberProcess[1];
        Await.until("a leader", DEADLINE, () ->
        {
            for (final MemberProcess member : members)
            {
                final StatusResponse status = status(member);
                if (status.getLeader() == status.getHeader().getMemberId())
                {
                    leader[0] = member;
                    return true;
                }
            }
            return false;
        });
        return leader[0];
    }

    /**
     * Waits until all members have the revision of the first, and checks that their hashes are equal there.
     *
     * @param members that do not write any more.
     */
    public static void assertEqual(final List<MemberProcess> members)
    {
        final long[] revision = new long[1];
        Await.until("a linearizable read", DEADLINE, () -> (revision[0] = revision(members.getFirst())) > 0);
        final int[] first = new int[1];
        for (final MemberProcess member : members)
        {
            final int[] hash = new int[1];
            Await.until(member.name() + " has revision " + revision[0], DEADLINE, () ->
            {
                hash[0] = hash(member, revision[0]);
                return true;
            });
            if (member == members.getFirst())
            {
                first[0] = hash[0];
            }
            else if (first[0] != hash[0])
            {
                throw new AssertionError("hash of " + member + " is " + hash[0] + ", of " + members.getFirst() + ' ' +
                    first[0] + " at revision " + revision[0]);
            }
        }
    }
}
