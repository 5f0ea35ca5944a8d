package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.codec.command.AlarmDecoder;
import dev.quorate.core.codec.command.ConfigChangeDecoder;
import dev.quorate.core.codec.command.LeaseGrantDecoder;
import dev.quorate.core.codec.command.MessageHeaderDecoder;
import dev.quorate.core.codec.command.ProposalDecoder;
import dev.quorate.core.machine.Member;
import dev.quorate.core.machine.TestDirectories;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.session.World.Message;
import dev.quorate.core.session.World.Reply;
import dev.quorate.core.wire.WireWriter;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;

import static dev.quorate.core.session.World.header;
import static dev.quorate.core.session.World.key;
import static dev.quorate.core.session.World.nested;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ServiceCallsTest
{
    private static final int COMMAND = CommandEncoder.PROPOSAL_LENGTH;

    private final World world = new World();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();

    @Test
    void grantRaisesTheTtlAndChoosesAPositiveId()
    {
        final Reply reply = world.call(Method.LEASE_GRANT, grant -> {});
        final Message command = world.takeOne(world.rings.toConsensus(), RingMessages.PROPOSE);
        final LeaseGrantDecoder grant = new LeaseGrantDecoder().wrapAndApplyHeader(command.buffer(), COMMAND, header);
        final long leaseId = grant.leaseId();
        assertTrue(leaseId > 0);
        assertEquals(2, grant.ttlSeconds());
        world.result(correlationOf(command), EtcdError.NONE, 1, 8, 10, 2);
        reply.expect(response ->
        {
            header(response, 1);
            response.varint(2, leaseId);
            response.varint(3, 2);
        });
        final Reply refused = world.call(Method.LEASE_GRANT, request -> request.varint(1, 9_000_000_001L));
        final Message tooLong = world.takeOne(world.rings.toConsensus(), RingMessages.PROPOSE);
        world.result(correlationOf(tooLong), EtcdError.LEASE_TTL_TOO_LARGE, 1, 8, 10);
        refused.expectFailure(EtcdError.LEASE_TTL_TOO_LARGE);
    }

    @Test
    void timeToLiveWaitsForTheIndexAndListsKeys()
    {
        world.state.leaseKeys.put(6L, new TreeMap<>());
        world.state.leaseKeys.get(6L).put("a", ModelState.bytes("a"));
        world.leases.addLong(6);
        final Reply reply = world.call(Method.LEASE_TIME_TO_LIVE, request ->
        {
            request.varint(1, 6);
            request.bool(2, true);
        });
        Message question = world.takeOne(world.rings.toConsensus(), RingMessages.TIME_TO_LIVE);
        assertEquals(6, question.field(1));
        fromConsensus(RingMessages.TIME_TO_LIVE_ANSWER, question.field(0), 0, 6, 0, 10, 4);
        assertTrue(reply.isOpen());
        world.node.set(NodeState.Value.APPLIED_INDEX, 4);
        world.work();
        reply.expect(response ->
        {
            header(response, 1);
            response.varint(2, 6);
            response.varint(4, 10);
            key(response, 5, "a");
        });

        final Reply unknown = world.call(Method.LEASE_TIME_TO_LIVE, request -> request.varint(1, 7));
        question = world.takeOne(world.rings.toConsensus(), RingMessages.TIME_TO_LIVE);
        fromConsensus(RingMessages.TIME_TO_LIVE_ANSWER, question.field(0), 0, 7, -1, 0, 0);
        unknown.expect(response ->
        {
            header(response, 1);
            response.varint(2, 7);
            response.varint(3, -1);
        });
    }

    @Test
    void leasesAreListedInTheOrderOfTheirDeadlines()
    {
        world.leases.addLong(4);
        world.leases.addLong(5);
        world.leases.addLong(9);
        world.leases.addLong(Long.MIN_VALUE);
        final Reply reply = world.call(Method.LEASE_LEASES, request -> {});
        Message question = world.takeOne(world.rings.toConsensus(), RingMessages.LEASE_DEADLINES);
        assertEquals(0, question.field(1));
        fromConsensus(RingMessages.LEASE_DEADLINES_ANSWER, question.field(0), 0, 3, 2, 4, 80, 77, 1);
        assertTrue(reply.isOpen());
        question = world.takeOne(world.rings.toConsensus(), RingMessages.LEASE_DEADLINES);
        assertEquals(3, question.field(1));
        fromConsensus(RingMessages.LEASE_DEADLINES_ANSWER, question.field(0), 0, -1, 1, Long.MIN_VALUE, 20);
        reply.expect(response ->
        {
            header(response, 1);
            nested(response, 2, lease -> lease.varint(1, Long.MIN_VALUE));
            nested(response, 2, lease -> lease.varint(1, 4));
            nested(response, 2, lease -> lease.varint(1, 5));
            nested(response, 2, lease -> lease.varint(1, 9));
        });
    }

    @Test
    void leasesOfAFollowerAreListedById()
    {
        world.leases.addLong(4);
        world.leases.addLong(9);
        final Reply reply = world.call(Method.LEASE_LEASES, request -> {});
        final Message question = world.takeOne(world.rings.toConsensus(), RingMessages.LEASE_DEADLINES);
        fromConsensus(RingMessages.LEASE_DEADLINES_ANSWER, question.field(0), 0, -1, 0);
        reply.expect(response ->
        {
            header(response, 1);
            nested(response, 2, lease -> lease.varint(1, 4));
            nested(response, 2, lease -> lease.varint(1, 9));
        });
    }

    @Test
    void keepAlivesAreAnsweredInOrderWithTheHeaderOfTheirReceipt()
    {
        world.leases.addLong(4);
        final Reply reply = world.open(Method.LEASE_KEEP_ALIVE, false);
        reply.send(request -> request.varint(1, 4));
        reply.send(request -> request.varint(1, 5));
        final List<Message> questions = World.take(world.rings.toConsensus());
        world.state.put("k", "v", 0);
        world.state.end();
        reply.call.onHalfClose();
        fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, questions.get(1).field(0), 0, 5, 0, 0);
        assertTrue(reply.messages.isEmpty());
        fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, questions.get(0).field(0), 0, 4, 10, 0);
        assertEquals(GrpcCode.OK, reply.code);
        reply.code = null;
        reply.expectNext(response ->
        {
            header(response, 1);
            response.varint(2, 4);
            response.varint(3, 10);
        });
        reply.expectNext(response ->
        {
            header(response, 1);
            response.varint(2, 5);
        });
    }

    @Test
    void keepAliveStreamEndsWithItsFirstError()
    {
        final Reply refused = world.open(Method.LEASE_KEEP_ALIVE, false);
        refused.send(request -> request.varint(1, 4));
        refused.send(request -> request.varint(1, 5));
        final List<Message> questions = World.take(world.rings.toConsensus());
        fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, questions.get(1).field(0),
            EtcdError.CORRUPT.ordinal(), 5, 0, 0);
        refused.expectFailure(EtcdError.CORRUPT);
        fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, questions.get(0).field(0), 0, 4, 10, 0);

        final Reply late = world.open(Method.LEASE_KEEP_ALIVE, false);
        late.send(request -> request.varint(1, 4));
        final long correlationId = World.take(world.rings.toConsensus()).get(0).field(0);
        fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, correlationId, 0, 4, 10, 100);
        world.after(1_200_000_000L);
        late.expectFailure(EtcdError.TIMEOUT_APPLIED_INDEX);
    }

    @Test
    void keepAlivesBeyondTheBoundStayWithTheTransportUntilEarlierOnesAreAnswered()
    {
        final Reply reply = world.open(Method.LEASE_KEEP_ALIVE, false);
        int sent = 0;
        while (reply.call.takesMore())
        {
            reply.send(request -> request.varint(1, 4));
            sent++;
        }
        assertEquals(1_024, sent);
        final List<Message> questions = World.take(world.rings.toConsensus());
        assertEquals(sent, questions.size());
        fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, questions.get(1).field(0), 0, 4, 0, 0);
        assertEquals(0, reply.resumed, "the first answer is due still");
        fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, questions.get(0).field(0), 0, 4, 0, 0);
        assertEquals(2, reply.messages.size());
        assertEquals(1, reply.resumed);
        assertTrue(reply.isOpen() && reply.call.takesMore());
    }

    @Test
    void keepAliveThatFindsNoLeaderIsAskedAgainUntilItsDeadline()
    {
        world.leases.addLong(4);
        final Reply reply = world.open(Method.LEASE_KEEP_ALIVE, false);
        reply.send(request -> request.varint(1, 4));
        for (final EtcdError error : new EtcdError[]{EtcdError.NO_LEADER, EtcdError.LEADER_CHANGED})
        {
            fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, takeQuestion(), error.ordinal(), 4, 0, 0);
            assertTrue(reply.isOpen() && World.take(world.rings.toConsensus()).isEmpty());
            assertTrue(world.session.nextDeadlineNs() <= world.nowNs + Retries.PAUSE_NS);
            world.after(Retries.PAUSE_NS);
        }
        fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, takeQuestion(), 0, 4, 10, 0);
        reply.expectNext(response ->
        {
            header(response, 1);
            response.varint(2, 4);
            response.varint(3, 10);
        });

        reply.send(request -> request.varint(1, 4));
        for (int i = 0; i < 75 && reply.isOpen(); i++)
        {
            fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, takeQuestion(), EtcdError.NO_LEADER.ordinal(), 4, 0, 0);
            world.after(Retries.PAUSE_NS);
        }
        reply.expectFailure(EtcdError.TIMEOUT);
        world.after(Retries.PAUSE_NS);
        assertTrue(World.take(world.rings.toConsensus()).isEmpty(), "a closed stream asks no more");
    }

    @Test
    void questionToALeaderThatStaysAwayEndsWithNoLeader()
    {
        world.node.set(NodeState.Value.LEADER_ID, 0);
        world.leases.addLong(4);
        final Reply keepAlive = world.open(Method.LEASE_KEEP_ALIVE, false);
        keepAlive.send(request -> request.varint(1, 4));
        final Reply timeToLive = world.call(Method.LEASE_TIME_TO_LIVE, request -> request.varint(1, 4));
        for (int i = 0; i < 75 && (keepAlive.isOpen() || timeToLive.isOpen()); i++)
        {
            World.take(world.rings.toConsensus());
            world.after(100_000_000L);
        }
        keepAlive.expectFailure(EtcdError.NO_LEADER);
        timeToLive.expectFailure(EtcdError.NO_LEADER);
    }

    @Test
    void keepAliveOfALeaseThatExistsIsAskedAgainUntilTheLeaderKnowsItOrItIsGone()
    {
        world.leases.addLong(4);
        final Reply reply = world.open(Method.LEASE_KEEP_ALIVE, false);
        for (final int ttl : new int[]{10, 0})
        {
            reply.send(request -> request.varint(1, 4));
            fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, takeQuestion(), 0, 4, 0, 0);
            assertTrue(reply.messages.isEmpty());
            world.after(Retries.PAUSE_NS);
            fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, takeQuestion(), 0, 4, 0, 0);
            assertTrue(reply.messages.isEmpty());
            world.after(Retries.PAUSE_NS);
            if (0 == ttl)
            {
                world.leases.clear();
            }
            fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, takeQuestion(), 0, 4, ttl, 0);
            reply.expectNext(response ->
            {
                header(response, 1);
                response.varint(2, 4);
                response.varint(3, ttl);
            });
        }
    }

    @Test
    void leaseRevokedHereIsGoneThoughTheLeaderHadNotAppliedThat()
    {
        world.leases.addLong(4);
        final Reply keepAlive = world.open(Method.LEASE_KEEP_ALIVE, false);
        keepAlive.send(request -> request.varint(1, 4));
        fromConsensus(RingMessages.KEEP_ALIVE_ANSWER, takeQuestion(), 0, 4, 10, 3);
        final Reply timeToLive = world.call(Method.LEASE_TIME_TO_LIVE, request -> request.varint(1, 4));
        fromConsensus(RingMessages.TIME_TO_LIVE_ANSWER, takeQuestion(), 0, 4, 7, 10, 3);
        assertTrue(keepAlive.messages.isEmpty() && timeToLive.isOpen());
        world.leases.clear();
        world.node.set(NodeState.Value.APPLIED_INDEX, 3);
        world.work();
        keepAlive.expectNext(response ->
        {
            header(response, 1);
            response.varint(2, 4);
        });
        timeToLive.expect(response ->
        {
            header(response, 1);
            response.varint(2, 4);
            response.varint(3, -1);
        });
    }

    @Test
    void timeToLiveIsAskedAgainWithoutALeaderAndOnceForALeaseThatExists()
    {
        world.leases.addLong(4);
        final Reply reply = world.call(Method.LEASE_TIME_TO_LIVE, request -> request.varint(1, 4));
        fromConsensus(RingMessages.TIME_TO_LIVE_ANSWER, takeQuestion(), EtcdError.NO_LEADER.ordinal(), 4, -1, 0, 0);
        world.after(Retries.PAUSE_NS);
        fromConsensus(RingMessages.TIME_TO_LIVE_ANSWER, takeQuestion(), 0, 4, -1, 0, 0);
        assertTrue(reply.isOpen());
        world.after(Retries.PAUSE_NS);
        fromConsensus(RingMessages.TIME_TO_LIVE_ANSWER, takeQuestion(), 0, 4, 7, 10, 0);
        reply.expect(response ->
        {
            header(response, 1);
            response.varint(2, 4);
            response.varint(3, 7);
            response.varint(4, 10);
        });

        final Reply late = world.call(Method.LEASE_TIME_TO_LIVE, request -> request.varint(1, 4));
        for (int i = 0; i < 75 && late.isOpen(); i++)
        {
            fromConsensus(
                RingMessages.TIME_TO_LIVE_ANSWER, takeQuestion(), EtcdError.NO_LEADER.ordinal(), 4, -1, 0, 0);
            world.after(Retries.PAUSE_NS);
        }
        late.expectFailure(EtcdError.TIMEOUT);
    }

    @Test
    void membersAreListedAndAdded()
    {
        TestDirectories.members(world.directories, Member.ofUrls(11, false, "http://a:1"));
        world.call(Method.MEMBER_LIST, request -> {}).expect(response ->
        {
            header(response, 0);
            nested(response, 2, member ->
            {
                member.varint(1, 11);
                member.string(3, "http://a:1");
            });
        });
        final Reply linearizable = world.call(Method.MEMBER_LIST, request -> request.bool(1, true));
        assertTrue(linearizable.isOpen());
        World.take(world.rings.toConsensus());

        final Reply reply = world.call(Method.MEMBER_ADD, request ->
        {
            key(request, 1, "http://b:2");
            key(request, 1, "http://c:3");
            request.bool(2, true);
        });
        final Message command = world.takeOne(world.rings.toConsensus(), RingMessages.PROPOSE_CONFIG);
        final ConfigChangeDecoder change =
            new ConfigChangeDecoder().wrapAndApplyHeader(command.buffer(), COMMAND, header);
        final long id = change.targetMemberId();
        assertEquals(1, change.kind());
        assertEquals("http://b:2\nhttp://c:3".length(), change.peerUrlsLength());
        TestDirectories.members(world.directories, Member.ofUrls(11, false, "http://a:1"),
            Member.ofUrls(id, true, "http://b:2", "http://c:3"));
        world.result(correlationOf(command), EtcdError.NONE, 5, 8, 10);
        reply.expect(response ->
        {
            header(response, 0);
            nested(response, 2, member -> added(member, id));
            if (Long.compareUnsigned(id, 11) < 0)
            {
                nested(response, 3, member -> added(member, id));
            }
            nested(response, 3, member ->
            {
                member.varint(1, 11);
                member.string(3, "http://a:1");
            });
            if (Long.compareUnsigned(id, 11) > 0)
            {
                nested(response, 3, member -> added(member, id));
            }
        });
    }

    @Test
    void addedMemberKeepsItsUrlsInTheirUsualForm()
    {
        world.call(Method.MEMBER_ADD, request ->
        {
            key(request, 1, " http://c:3\t");
            key(request, 1, "HTTPS://B:2");
        });
        final Message command = world.takeOne(world.rings.toConsensus(), RingMessages.PROPOSE_CONFIG);
        assertEquals("http://c:3\nhttps://B:2", peerUrls(command));
    }

    @Test
    void updatedMemberTakesAnyTextThatCanBeKept()
    {
        for (final String url : new String[]{"", "http://a:1\nhttp://b:1", "http://a:1\0"})
        {
            world.call(Method.MEMBER_UPDATE, request ->
            {
                request.varint(1, 11);
                World.bytes(request, 2, ModelState.bytes(url));
            }).expectFailure(EtcdError.BAD_MEMBER_URLS);
        }
        world.call(Method.MEMBER_UPDATE, request ->
        {
            request.varint(1, 11);
            key(request, 2, "%zz");
        });
        final Message command = world.takeOne(world.rings.toConsensus(), RingMessages.PROPOSE_CONFIG);
        assertEquals("%zz", peerUrls(command));
    }

    @Test
    void peerUrlsAreJudgedAsEtcdDoes()
    {
        for (final String good : new String[]{
            "http://a:1", "https://[::1]:2380", "unix://x", "unixs://y/z", "http://:1", "HTTP://a:1"})
        {
            assertTrue(PeerUrls.isValid(good), good);
        }
        for (final String bad : new String[]{
            "", "a:1", "ftp://a:1", "http://a", "http://a:1/", "http://a:1/x", "http://a:",
            "http://a:x", "http://a:70000", "http://::1:1", "http://a b:1", "unix://", "http://a:1?q"})
        {
            assertFalse(PeerUrls.isValid(bad), bad);
        }
        world.call(Method.MEMBER_ADD, request -> {}).expectFailure(EtcdError.BAD_MEMBER_URLS);
    }

    @Test
    void alarmsGoThroughTheLog()
    {
        final Reply reply = world.call(Method.ALARM, request ->
        {
            request.varint(1, 1);
            request.varint(2, 8);
            request.varint(3, 2);
        });
        final Message command = world.takeOne(world.rings.toConsensus(), RingMessages.PROPOSE);
        final AlarmDecoder alarm = new AlarmDecoder().wrapAndApplyHeader(command.buffer(), COMMAND, header);
        assertEquals(8, alarm.targetMemberId());
        assertEquals(1, alarm.action());
        assertEquals(2, alarm.alarm());
        world.result(correlationOf(command), EtcdError.NONE, 1, 8, 10, 8, 2);
        reply.expect(response ->
        {
            header(response, 1);
            nested(response, 2, member ->
            {
                member.varint(1, 8);
                member.varint(2, 2);
            });
        });
    }

    @Test
    void statusTellsWhatIsKnownEvenToLearners()
    {
        world.node.set(NodeState.Value.IS_LEARNER, 1);
        world.node.set(NodeState.Value.LEADER_ID, 0);
        world.node.set(NodeState.Value.COMMIT_INDEX, 21);
        world.node.set(NodeState.Value.APPLIED_INDEX, 20);
        TestDirectories.alarm(world.directories, 8, 1);
        world.call(Method.STATUS, request -> {}).expect(response ->
        {
            header(response, 1);
            response.string(2, "3.7.1");
            response.varint(3, 4096);
            response.varint(5, 21);
            response.varint(6, World.TERM);
            response.varint(7, 20);
            response.string(8, "etcdserver: no leader");
            response.string(8, "memberID:8 alarm:NOSPACE");
            response.varint(9, 2048);
            response.bool(10, true);
            response.string(11, "3.7.0");
            response.varint(12, SessionContext.DEFAULT_QUOTA_BYTES);
            nested(response, 13, downgrade -> {});
        });
        world.call(Method.ALARM, request -> {}).expectFailure(EtcdError.NOT_SUPPORTED_FOR_LEARNER);
    }

    @Test
    void leaderIsMovedOnlyByItselfAndToAVoter()
    {
        TestDirectories.members(world.directories, Member.ofUrls(11, false, "http://a:1"),
            Member.ofUrls(12, false, "http://b:1"), Member.ofUrls(13, true, "http://c:1"));
        world.call(Method.MOVE_LEADER, request -> request.varint(1, 13))
            .expectFailure(EtcdError.BAD_LEADER_TRANSFEREE);
        world.call(Method.MOVE_LEADER, request -> request.varint(1, 14))
            .expectFailure(EtcdError.BAD_LEADER_TRANSFEREE);
        final Reply moved = world.call(Method.MOVE_LEADER, request -> request.varint(1, 12));
        final Message question = world.takeOne(world.rings.toConsensus(), RingMessages.MOVE_LEADER);
        fromConsensus(RingMessages.MOVE_LEADER_ANSWER, question.field(0), 0);
        moved.expect(response -> {});
        final Reply late = world.call(Method.MOVE_LEADER, request -> request.varint(1, 12));
        world.after(8 * World.SECOND);
        late.expectFailure(EtcdError.TRANSFER_TIMEOUT);
        world.node.set(NodeState.Value.LEADER_ID, 12);
        world.call(Method.MOVE_LEADER, request -> request.varint(1, 12)).expectFailure(EtcdError.NOT_LEADER);
    }

    @Test
    void anAnswerBehindTheEndOfTheRingNeedsNoSecondSignal()
    {
        for (int i = 0; i < 200; i++)
        {
            final Reply reply = world.call(Method.DEFRAGMENT, request -> {});
            final Message question = world.takeOne(world.rings.toHousekeeping(), RingMessages.DEFRAGMENT);
            world.feed(
                world.rings.fromHousekeeping(), RingMessages.HOUSEKEEPING_ANSWER, question.field(0), 0, 0, 0, 0, 0);
            world.work();
            reply.expect(response -> {});
        }
    }

    @Test
    void hashesComeFromHousekeeping()
    {
        final Reply reply = world.call(Method.HASH_KV, request -> request.varint(1, 3));
        final Message question = world.takeOne(world.rings.toHousekeeping(), RingMessages.HASH_KV);
        assertEquals(3, question.field(1));
        world.feed(world.rings.fromHousekeeping(), RingMessages.HOUSEKEEPING_ANSWER, question.field(0), 0,
            0xFFFF_FFFFL, -1, 3, 9);
        world.work();
        reply.expect(response ->
        {
            header(response, 9);
            response.varint(2, 0xFFFF_FFFFL);
            response.varint(3, -1);
            response.varint(4, 3);
        });

        final Reply defragmented = world.call(Method.DEFRAGMENT, request -> {});
        final Message second = world.takeOne(world.rings.toHousekeeping(), RingMessages.DEFRAGMENT);
        world.after(60 * World.SECOND);
        world.feed(world.rings.fromHousekeeping(), RingMessages.HOUSEKEEPING_ANSWER, second.field(0), 0, 0, 0, 0, 0);
        world.work();
        defragmented.expect(response -> {});
    }

    private String peerUrls(final Message command)
    {
        final ConfigChangeDecoder change =
            new ConfigChangeDecoder().wrapAndApplyHeader(command.buffer(), COMMAND, header);
        final byte[] bytes = new byte[change.peerUrlsLength()];
        change.getPeerUrls(bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private long takeQuestion()
    {
        final List<Message> questions = World.take(world.rings.toConsensus());
        assertEquals(1, questions.size());
        return questions.get(0).field(0);
    }

    private static void added(final WireWriter member, final long id)
    {
        member.varint(1, id);
        member.string(3, "http://b:2");
        member.string(3, "http://c:3");
        member.bool(5, true);
    }

    private void fromConsensus(final int type, final long... fields)
    {
        world.feed(world.rings.fromConsensus(), type, fields);
        world.work();
    }

    private long correlationOf(final Message command)
    {
        return new ProposalDecoder().wrapAndApplyHeader(command.buffer(), 0, header).correlationId();
    }
}
