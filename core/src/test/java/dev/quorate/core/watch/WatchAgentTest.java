package dev.quorate.core.watch;

import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.store.RecordView;
import dev.quorate.core.store.RevisionIterator;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.StoreReader;
import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * One rule of the watch contract per test.
 */
final class WatchAgentTest
{
    private static final int NO_FLAGS = 0;
    private final WatchWorld world = new WatchWorld(1);

    @Test
    void createdComesFirstAndStartZeroMeansTheNextRevision()
    {
        world.open();
        world.putEntry("a");
        watch(0, "a", WatchWorld.SINGLE);
        world.settle();
        world.putEntry("a");
        world.settle();
        assertLog("created 0 at 2", "events 0 at 3: +a@3");
    }

    @Test
    void startZeroLeavesOutWhatWasVisibleAtTheRequestButNotFollowed()
    {
        world.open();
        watch(0, "x", WatchWorld.SINGLE);
        world.settle();
        world.putEntry("a");
        world.loop().create(1, 1, 0, NO_FLAGS, "a", WatchWorld.SINGLE);
        world.settle();
        assertLog("created 0 at 1", "created 1 at 2");
    }

    @Test
    void eventsOfOneRevisionComeTogetherInTheOrderOfOperations()
    {
        world.open();
        watch(0, "a", WatchWorld.FROM_KEY);
        world.settle();
        world.begin();
        world.put("c");
        world.put("a");
        world.delete("c");
        world.put("b");
        world.endAndPublish();
        world.settle();
        assertLog("created 0 at 1", "events 0 at 2: +c@2 +a@2 -c@2 +b@2");
    }

    @Test
    void eventsOfSeveralRevisionsInStepComeOnePerResponse()
    {
        world.open();
        watch(0, "a", WatchWorld.SINGLE);
        world.settle();
        world.putEntry("a");
        world.putEntry("a");
        world.settle();
        assertLog("created 0 at 1", "events 0 at 2: +a@2", "events 0 at 3: +a@3");
    }

    @Test
    void catchingUpGivesManyRevisionsWithTheCurrentHeader()
    {
        world.open();
        world.putEntry("a");
        world.putEntry("b");
        world.putEntry("a");
        world.putEntry("z");
        watch(2, "a", WatchWorld.SINGLE);
        world.settle();
        world.putEntry("a");
        world.settle();
        assertLog("created 0 at 5", "events 0 at 5: +a@2 +a@4", "events 0 at 6: +a@6");
    }

    @Test
    void catchingUpGivesAtMostAThousandRevisionsPerResponse()
    {
        world.ringCapacity = 128 * 1024;
        world.context.initialCredit(10_000);
        world.open();
        for (int i = 0; i < 1500; i++)
        {
            world.putEntry("a");
        }
        final ClientWatcher watcher = watch(1, "a", WatchWorld.SINGLE);
        world.settle();
        assertEquals(1500, watcher.eventCount);
        assertEquals(3, world.loop().log.size());
        assertTrue(world.loop().log.get(1).endsWith("+a@1001"));
        assertTrue(world.loop().log.get(1).startsWith("events 0 at 1501:"));
    }

    @Test
    void futureStartIsSilentUntilItsRevision()
    {
        world.open();
        watch(4, "a", WatchWorld.SINGLE);
        world.settle();
        world.putEntry("a");
        world.putEntry("a");
        world.loop().requestProgress(1);
        world.settle();
        world.putEntry("a");
        world.loop().requestProgress(1);
        world.settle();
        assertLog("created 0 at 1", "events 0 at 4: +a@4", "progress -1 at 4");
    }

    @Test
    void filtersDropEventsAndEmptyResponses()
    {
        world.open();
        world.loop().create(1, 0, 0, RingMessages.WATCH_NO_PUT, "a", WatchWorld.SINGLE);
        world.loop().create(1, 1, 0, RingMessages.WATCH_NO_DELETE, "a", WatchWorld.SINGLE);
        world.settle();
        world.putEntry("a");
        world.deleteEntry("a");
        world.settle();
        assertLog("created 0 at 1", "created 1 at 1", "events 1 at 2: +a@2", "events 0 at 3: -a@3");
    }

    @Test
    void compactedStartIsCreatedAndThenCancelled()
    {
        world.open();
        putMany(5);
        world.compactEntry(4);
        watch(3, "a", WatchWorld.SINGLE);
        world.settle();
        world.putEntry("a");
        world.settle();
        assertLog("created 0 at 6", "canceled 0 at 0 compacted 4");
    }

    @Test
    void startAtTheCompactRevisionIsServed()
    {
        world.open();
        world.putEntry("a");
        world.deleteEntry("a");
        world.putEntry("b");
        world.compactEntry(3);
        watch(3, "a", WatchWorld.FROM_KEY);
        world.settle();
        assertLog("created 0 at 4", "events 0 at 4: -a@3 +b@4");
    }

    @Test
    void compactionWhileCatchingUpHidesNoDelete()
    {
        world.open();
        world.putEntry("a");
        world.deleteEntry("a");
        world.putEntry("b");
        world.putEntry("b");
        world.compactEntry(3);
        final StoreReader reader = world.store.newReader();
        assertEquals(StoreReader.OK, reader.pinAt(3));
        final RevisionIterator iterator = reader.revisions(3);
        world.compactEntry(5);
        world.putEntry("a");
        final RecordView record = new RecordView();
        assertTrue(iterator.next());
        iterator.record(record);
        assertEquals(3, record.mainRevision());
        assertTrue(record.isTombstone());
        reader.unpin();
    }

    @Test
    void compactionOfWhatWasJustWrittenDoesNotCancelWatchersInStep()
    {
        world.open();
        watch(0, "a", WatchWorld.SINGLE);
        world.settle();
        putMany(5);
        world.compactEntry(6);
        for (int i = 0; i < 100; i++)
        {
            world.housekeeping(world.store);
        }
        assertTrue(world.store.finishedCompaction() < 6, "dropped what nobody had read");
        world.settle();
        assertLog("created 0 at 1", "events 0 at 2: +a@2", "events 0 at 3: +a@3", "events 0 at 4: +a@4",
            "events 0 at 5: +a@5", "events 0 at 6: +a@6");
    }

    @Test
    void idleAgentDoesNotHoldUpCompaction()
    {
        world.open();
        watch(0, "x", WatchWorld.SINGLE);
        world.settle();
        putMany(5);
        world.compactEntry(6);
        world.settle();
        for (int i = 0; i < 2000 && world.store.finishedCompaction() < 6; i++)
        {
            world.housekeeping(world.store);
        }
        assertEquals(6, world.store.finishedCompaction());
    }

    @Test
    void slowWatcherIsCancelledWhenCompactionOvertakesIt()
    {
        world.context.initialCredit(2);
        world.open();
        watch(0, "a", WatchWorld.SINGLE);
        world.settle();
        world.loop().stall(1, true);
        putMany(6);
        world.settle();
        assertEquals(1, world.nodeState.get(NodeState.Value.SLOW_WATCHERS));
        world.compactEntry(6);
        world.settle();
        assertLog("created 0 at 1", "events 0 at 2: +a@2", "events 0 at 3: +a@3", "canceled 0 at 0 compacted 6");
        assertEquals(0, world.nodeState.get(NodeState.Value.SLOW_WATCHERS));
    }

    @Test
    void slowWatcherGoesOnWhereItStoppedWhenCreditComes()
    {
        world.context.initialCredit(2);
        world.open();
        watch(0, "a", WatchWorld.SINGLE);
        world.settle();
        world.loop().stall(1, true);
        putMany(6);
        world.settle();
        world.loop().stall(1, false);
        world.settle();
        assertLog("created 0 at 1", "events 0 at 2: +a@2", "events 0 at 3: +a@3",
            "events 0 at 7: +a@4 +a@5 +a@6 +a@7");
        assertEquals(6, world.nodeState.get(NodeState.Value.WATCH_EVENTS));
    }

    @Test
    void slowStreamDoesNotHoldUpAnother()
    {
        world.context.initialCredit(1);
        world.open();
        world.loop().create(1, 0, 0, NO_FLAGS, "a", WatchWorld.SINGLE);
        world.loop().create(2, 7, 0, NO_FLAGS, "a", WatchWorld.SINGLE);
        world.loop().stall(1, true);
        world.settle();
        for (int i = 0; i < 3; i++)
        {
            world.putEntry("a");
            world.settle();
        }
        assertLog("created 0 at 1", "created 7 at 1", "events 0 at 2: +a@2", "events 7 at 2: +a@2",
            "events 7 at 3: +a@3", "events 7 at 4: +a@4");
    }

    @Test
    void cancelIsAnsweredOnceAndEndsTheEvents()
    {
        world.open();
        watch(0, "a", WatchWorld.SINGLE);
        world.settle();
        world.putEntry("b");
        world.loop().cancel(1, 0);
        world.tell(world.loop().rings, RingMessages.WATCH_CANCEL, 1, 0);
        world.tell(world.loop().rings, RingMessages.WATCH_CANCEL, 1, 99);
        world.putEntry("a");
        world.settle();
        assertLog("created 0 at 1", "canceled 0 at 3 compacted 0");
        assertEquals(0, world.nodeState.get(NodeState.Value.WATCHERS));
        assertEquals(1, world.nodeState.get(NodeState.Value.WATCH_STREAMS));
    }

    @Test
    void closingAStreamEndsAllItsWatchersSilently()
    {
        world.open();
        watch(0, "a", WatchWorld.SINGLE);
        world.loop().create(1, 1, 0, NO_FLAGS, "a", WatchWorld.FROM_KEY);
        world.settle();
        world.loop().close(1);
        world.putEntry("a");
        world.settle();
        assertLog("created 0 at 1", "created 1 at 1");
        assertEquals(0, world.nodeState.get(NodeState.Value.WATCHERS));
        assertEquals(0, world.nodeState.get(NodeState.Value.WATCH_STREAMS));
    }

    @Test
    void requestedProgressComesOnlyIfTheWholeStreamIsInStep()
    {
        world.context.initialCredit(1);
        world.open();
        watch(0, "a", WatchWorld.SINGLE);
        world.loop().create(1, 1, 0, NO_FLAGS, "b", WatchWorld.SINGLE);
        world.loop().stall(1, true);
        world.settle();
        world.putEntry("a");
        world.putEntry("a");
        world.loop().requestProgress(1);
        world.settle();
        world.loop().stall(1, false);
        world.settle();
        world.loop().requestProgress(1);
        world.settle();
        assertLog("created 0 at 1", "created 1 at 1", "events 0 at 2: +a@2", "events 0 at 3: +a@3",
            "progress -1 at 3");
    }

    @Test
    void watcherCancelledByCompactionBlocksProgressUntilItIsCancelled()
    {
        world.open();
        putMany(3);
        world.compactEntry(4);
        watch(2, "a", WatchWorld.SINGLE);
        world.loop().create(1, 1, 0, NO_FLAGS, "a", WatchWorld.SINGLE);
        world.settle();
        world.loop().requestProgress(1);
        world.settle();
        world.loop().cancel(1, 0);
        world.loop().requestProgress(1);
        world.settle();
        assertLog("created 0 at 4", "created 1 at 4", "canceled 0 at 0 compacted 4", "progress -1 at 4");
    }

    @Test
    void progressOfAStreamWithoutWatchersIsNotTold()
    {
        world.open();
        watch(0, "a", WatchWorld.SINGLE);
        world.loop().cancel(1, 0);
        world.loop().requestProgress(1);
        world.settle();
        assertLog("created 0 at 1", "canceled 0 at 1 compacted 0");
    }

    @Test
    void periodicProgressComesOnlyWithoutEventsSinceTheLastTick()
    {
        world.open();
        world.loop().create(1, 0, 0, RingMessages.WATCH_PROGRESS_NOTIFY, "a", WatchWorld.SINGLE);
        world.loop().create(1, 1, 0, NO_FLAGS, "a", WatchWorld.SINGLE);
        world.settle();
        world.putEntry("b");
        elapseInterval();
        world.putEntry("a");
        world.settle();
        elapseInterval();
        elapseInterval();
        assertLog("created 0 at 1", "created 1 at 1", "progress 0 at 2", "events 0 at 3: +a@3", "events 1 at 3: +a@3",
            "progress 0 at 3");
    }

    @Test
    void periodicProgressWaitsForItsIntervalAndAtMostATenthMore()
    {
        world.open();
        world.loop().create(1, 0, 0, RingMessages.WATCH_PROGRESS_NOTIFY, "a", WatchWorld.SINGLE);
        world.settle();
        world.elapse(99_000_000);
        world.settle();
        assertEquals(1, world.loop().log.size());
        world.elapse(11_000_001);
        world.settle();
        assertEquals(2, world.loop().log.size());
    }

    @Test
    void periodicProgressIsNotToldBelowTheStart()
    {
        world.open();
        world.loop().create(1, 0, 3, RingMessages.WATCH_PROGRESS_NOTIFY, "a", WatchWorld.SINGLE);
        world.settle();
        elapseInterval();
        putMany(1);
        elapseInterval();
        world.putEntry("b");
        elapseInterval();
        assertLog("created 0 at 1", "progress 0 at 3");
    }

    @Test
    void revisionLongerThanAMessageComesAsOneResponse()
    {
        world.ringCapacity = 1024;
        world.open();
        watch(0, "k", WatchWorld.FROM_KEY);
        world.loop().create(1, 1, 0, NO_FLAGS, "k", WatchWorld.FROM_KEY);
        world.settle();
        final String[] keys = new String[200];
        for (int i = 0; i < keys.length; i++)
        {
            keys[i] = "k" + (1000 + i);
        }
        world.putEntry(keys);
        world.settle();
        assertEquals(4, world.loop().log.size());
        assertEquals(200, world.loop().streams().get(1L).watchers.get(0L).eventCount);
        assertEquals(200, world.loop().streams().get(1L).watchers.get(1L).eventCount);
        assertTrue(world.loop().continuedCount > 20);
    }

    @Test
    void fullRingMakesTheWatcherLagAndKeepsTheRequestWaiting()
    {
        world.ringCapacity = 1024;
        world.open();
        final ClientWatcher watcher = watch(0, "a", WatchWorld.SINGLE);
        world.agent.doWork();
        for (int i = 0; i < 100; i++)
        {
            world.putEntry("a");
            world.agent.doWork();
        }
        assertEquals(1, world.nodeState.get(NodeState.Value.SLOW_WATCHERS));
        for (int i = 1; i <= 40; i++)
        {
            world.loop().create(1, i, 0, NO_FLAGS, "b", WatchWorld.SINGLE);
        }
        world.agent.doWork();
        assertTrue(world.nodeState.get(NodeState.Value.WATCHERS) < 41);
        world.settle();
        world.loop().checkComplete();
        assertEquals(100, watcher.eventCount);
        assertEquals(41, world.nodeState.get(NodeState.Value.WATCHERS));
    }

    @Test
    void snapshotLetsWatchersCatchUpAndFutureOnesWait()
    {
        world.open();
        world.mirror = world.newStore();
        watch(0, "a", WatchWorld.SINGLE);
        world.loop().create(1, 1, 6, NO_FLAGS, "a", WatchWorld.SINGLE);
        world.settle();
        putMany(1);
        world.settle();
        final Store replaced = world.fallBehindMirror();
        putMany(2);
        world.agent.onViewReplaced(world.store);
        replaced.close();
        world.settle();
        putMany(2);
        world.settle();
        assertLog("created 0 at 1", "created 1 at 1", "events 0 at 2: +a@2", "events 0 at 4: +a@3 +a@4",
            "events 0 at 5: +a@5", "events 0 at 6: +a@6", "events 1 at 6: +a@6");
    }

    @Test
    void snapshotCompactedBeyondAWatcherCancelsIt()
    {
        world.open();
        world.mirror = world.newStore();
        watch(0, "a", WatchWorld.SINGLE);
        world.loop().create(1, 1, 9, NO_FLAGS, "a", WatchWorld.SINGLE);
        world.settle();
        final Store replaced = world.fallBehindMirror();
        putMany(4);
        world.compactEntry(4);
        world.agent.onViewReplaced(world.store);
        replaced.close();
        world.settle();
        assertLog("created 0 at 1", "created 1 at 1", "canceled 0 at 0 compacted 4");
    }

    @Test
    void contextRefusesWhatIsMissingOrOutOfRange()
    {
        world.open();
        assertThrows(IllegalStateException.class, () -> world.context.initialCredit(5));
        assertThrows(IllegalStateException.class, () -> new WatchContext().conclude());
        assertThrows(IllegalStateException.class, () -> new WatchAgent(new WatchContext()));
        assertFalse(world.agent.roleName().isEmpty());
    }

    private ClientWatcher watch(final long start, final String key, final String end)
    {
        return world.loop().create(1, 0, start, NO_FLAGS, key, end);
    }

    private void putMany(final int count)
    {
        for (int i = 0; i < count; i++)
        {
            world.putEntry("a");
        }
    }

    private void elapseInterval()
    {
        world.settle();
        world.elapse(110_000_000);
        world.settle();
    }

    private void assertLog(final String... lines)
    {
        assertEquals(List.of(lines), world.loop().log);
    }
}
