package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.Method;
import dev.quorate.core.codec.command.MessageHeaderDecoder;
import dev.quorate.core.codec.command.ProposalDecoder;
import dev.quorate.core.codec.command.PutDecoder;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.session.World.Message;
import dev.quorate.core.session.World.Reply;
import org.junit.jupiter.api.Test;

import java.util.List;

import static dev.quorate.core.session.World.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What a loop does with commands that were placed in a term that has ended.
 */
class LostCommandsTest
{
    private static final long OLD_TERM = World.TERM;
    private static final long NEW_TERM = World.TERM + 2;

    private final World world = new World();

    @Test
    void commandOfAnEndedTermIsProposedAgainOnceALaterTermIsApplied()
    {
        final Reply reply = put("v");
        final long first = correlationOf(takeOne());
        placedBefore(NEW_TERM, first);
        assertNothingProposed();
        termApplied(NEW_TERM);

        final Message again = takeOne();
        final long second = correlationOf(again);
        assertNotEquals(first, second);
        final PutDecoder put = new PutDecoder().wrapAndApplyHeader(
            again.buffer(), CommandEncoder.PROPOSAL_LENGTH, new MessageHeaderDecoder());
        assertEquals(1, put.keyLength());
        world.result(first, EtcdError.NONE, 7, 8, 10, -1);
        assertTrue(reply.isOpen(), "a result under the old id is nobody's");
        world.result(second, EtcdError.NONE, 2, 8, 10, -1);
        reply.expect(response -> header(response, 2));
    }

    @Test
    void orderInWhichApplyAndConsensusAreHeardDoesNotMatter()
    {
        put("v");
        final long id = correlationOf(takeOne());
        termApplied(NEW_TERM);
        assertNothingProposed();
        placedBefore(NEW_TERM, id);
        assertNotEquals(id, correlationOf(takeOne()));
        termApplied(NEW_TERM + 1);
        assertNothingProposed();
    }

    @Test
    void commandWaitsWhileOnlyItsOwnTermIsApplied()
    {
        put("v");
        final long id = correlationOf(takeOne());
        termApplied(OLD_TERM);
        placedBefore(NEW_TERM, id);
        termApplied(NEW_TERM - 1);
        assertNothingProposed();
    }

    @Test
    void commandOfTheNewTermWaitsForItsResult()
    {
        put("v");
        final Reply later = put("w");
        final List<Message> commands = World.take(world.rings.toConsensus());
        placedBefore(NEW_TERM, correlationOf(commands.get(0)));
        termApplied(NEW_TERM);
        takeOne();
        world.result(correlationOf(commands.get(1)), EtcdError.NONE, 2, 8, 10, -1);
        later.expect(response -> header(response, 2));
    }

    @Test
    void commandWhoseResultCameIsNotProposedAgain()
    {
        final Reply reply = put("v");
        final long id = correlationOf(takeOne());
        placedBefore(NEW_TERM, id);
        world.result(id, EtcdError.NONE, 2, 8, 10, -1);
        reply.expect(response -> header(response, 2));
        termApplied(NEW_TERM);
        assertNothingProposed();
    }

    @Test
    void commandThatASnapshotMayHoldEndsAtItsDeadline()
    {
        final Reply reply = put("v");
        final long id = correlationOf(takeOne());
        placedBefore(NEW_TERM, id);
        world.feed(world.rings.fromApply(), RingMessages.RESULTS_SKIPPED, 0);
        termApplied(NEW_TERM);
        assertNothingProposed();
        final Reply later = put("w");
        placedBefore(NEW_TERM + 1, correlationOf(takeOne()));
        termApplied(NEW_TERM + 1);
        takeOne();
        world.after(8 * World.SECOND);
        reply.expectFailure(EtcdError.TIMEOUT);
        later.expectFailure(EtcdError.TIMEOUT);
    }

    @Test
    void cancelledCallIsNotProposedAgainAndQuestionsAreNotCommands()
    {
        final Reply cancelled = put("v");
        final long id = correlationOf(takeOne());
        cancelled.call.onCancel();
        world.call(Method.MOVE_LEADER, request -> request.varint(1, World.MEMBER + 1));
        final List<Message> questions = World.take(world.rings.toConsensus());
        placedBefore(NEW_TERM, Math.max(id, questions.isEmpty() ? 0 : questions.get(0).field(0)));
        termApplied(NEW_TERM);
        assertNothingProposed();
    }

    private Reply put(final String value)
    {
        return world.call(Method.KV_PUT, WriteCallsTest.put("k", value, false));
    }

    private void placedBefore(final long term, final long correlationId)
    {
        world.feed(world.rings.fromConsensus(), RingMessages.PLACED_BEFORE_TERM, term, correlationId);
        world.work();
    }

    private void termApplied(final long term)
    {
        world.feed(world.rings.fromApply(), RingMessages.TERM_APPLIED, term);
        world.work();
    }

    private void assertNothingProposed()
    {
        assertTrue(World.take(world.rings.toConsensus()).isEmpty());
    }

    private Message takeOne()
    {
        return world.takeOne(world.rings.toConsensus(), RingMessages.PROPOSE);
    }

    private static long correlationOf(final Message command)
    {
        return new ProposalDecoder()
            .wrapAndApplyHeader(command.buffer(), 0, new MessageHeaderDecoder())
            .correlationId();
    }
}
