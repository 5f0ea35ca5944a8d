package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.machine.AlarmTable;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.session.World.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static dev.quorate.core.session.World.bytes;
import static dev.quorate.core.session.World.key;
import static dev.quorate.core.session.World.nested;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A cluster of one, with all its agents and one loop, stepped by hand.
 */
class OneMemberTest
{
    private static final long QUOTA = 256 * 1024;

    private final OneMember member = new OneMember();

    @AfterEach
    void close()
    {
        member.close();
    }

    @Test
    void answersOfDeletionsBeforeACompactionFindWhatWasDeletedAlthoughItIsWrittenAgain() throws DiskFullException
    {
        member.open();
        member.finish(member.put("k", "old"));
        final Reply deletion = member.call(Method.KV_DELETE_RANGE, delete ->
        {
            key(delete, 1, "k");
            delete.bool(3, true);
        });
        final Reply other = member.put("x", "1");
        final Reply compaction = member.call(Method.KV_COMPACT, compact -> compact.varint(1, 4));
        final Reply again = member.put("k", "new");
        for (int i = 0; i < 100; i++)
        {
            member.stepAgents();
        }
        assertTrue(deletion.isOpen(), "nothing is answered before the loop runs");
        member.stepUntil(() -> !again.isOpen());
        assertEquals(GrpcCode.OK, other.code, other.text);
        assertEquals(GrpcCode.OK, compaction.code, compaction.text);
        assertEquals(GrpcCode.OK, again.code, again.text);
        deletion.expect(response ->
        {
            nested(response, 1, header ->
            {
                header.varint(1, World.CLUSTER);
                header.varint(2, World.MEMBER);
                header.varint(3, 3);
                header.varint(4, member.state.get(NodeState.Value.TERM));
            });
            response.varint(2, 1);
            bytes(response, 3, ModelState.kv("k", 2, 2, 1, "old", 0));
        });
    }

    @Test
    void writeBeyondTheQuotaTakesEffectButIsRefusedAndRaisesTheAlarmOnce() throws DiskFullException
    {
        member.quotaBytes = QUOTA;
        member.open();
        final String value = "v".repeat(30_000);
        Reply last = member.finish(member.put("k0", value));
        for (int i = 1; i < 40 && last.code == GrpcCode.OK; i++)
        {
            last = member.finish(member.put("k" + i, value));
        }
        last.expectFailure(EtcdError.NO_SPACE);
        final long revision = member.node.store().visibleRevision();
        member.stepUntil(() -> member.node.directories().alarms().isRaised(World.MEMBER, AlarmTable.NOSPACE));
        member.finish(member.put("refused", value)).expectFailure(EtcdError.NO_SPACE);
        assertEquals(revision, member.node.store().visibleRevision(), "with the alarm on nothing takes effect");
        assertEquals(1, member.state.get(NodeState.Value.QUOTA_EXCEEDED));

        assertEquals(GrpcCode.OK, member.finish(member.call(Method.ALARM, alarm ->
        {
            alarm.varint(1, 2);
            alarm.varint(2, World.MEMBER);
            alarm.varint(3, AlarmTable.NOSPACE);
        })).code);
        member.nowNs += 10 * World.SECOND;
        for (int i = 0; i < 1_000; i++)
        {
            member.step();
        }
        assertFalse(
            member.node.directories().alarms().isRaised(AlarmTable.NOSPACE), "it is not raised again without cause");
    }

    @Test
    void memberThatStartsAppliesACompactionAlthoughItsLoopsDoNotRunYet() throws DiskFullException
    {
        member.open();
        member.finish(member.put("k", "old"));
        member.finish(member.put("k", "new"));
        final Reply compaction = member.finish(member.call(Method.KV_COMPACT, compact -> compact.varint(1, 3)));
        assertEquals(GrpcCode.OK, compaction.code, compaction.text);
        member.restart();
        for (int i = 0; i < 100; i++)
        {
            member.stepAgents();
        }
        assertEquals(3, member.node.store().compactRevision());
    }

    @Test
    void hashCoversTheWholeStoreAndHashKvItsKeys() throws DiskFullException
    {
        member.open();
        member.finish(member.put("k", "v"));
        final Reply hash = member.finish(member.call(Method.HASH, request -> {}));
        final Reply hashKv = member.finish(member.call(Method.HASH_KV, request -> {}));
        assertEquals(GrpcCode.OK, hash.code);
        assertEquals(GrpcCode.OK, hashKv.code);
        final String whole = World.hex(hash.messages.get(0));
        assertFalse(World.hex(hashKv.messages.get(0)).startsWith(whole), "the rows of members count");
        assertNotEquals(0, hash.messages.get(0).length);
    }
}
