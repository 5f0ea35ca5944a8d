package dev.quorate.core.log;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class WarmWindowTest
{
    private static final int PAGE = 4096;
    private static final int ENTRY = 64 * 1024;

    private final LogWorld world = new LogWorld(1);
    private long seen;

    @AfterEach
    void close()
    {
        world.log.close();
    }

    @Test
    void whatTheLogWillBeWrittenToNextIsTouchedThroughTheSpareSegment()
    {
        open(64 * PAGE);
        assertEquals(64, touches(), "the first segment, which is still a spare one");
        append(1);
        touches();
        assertEquals(0, touches(), "nothing has come within reach");
        append(1);
        assertEquals(0, touches(), "what is behind the end of the log is not touched any more");
        world.now += WarmWindow.INTERVAL_NS;
        assertNear(64 - 2 * ENTRY / PAGE + 64, touches());

        while (1 == world.log.segmentCount())
        {
            append(1);
        }
        // the new spare segment, and the one before it again
        assertNear(64 + 64 - ENTRY / PAGE, touches());
    }

    @Test
    void onlyAsMuchIsTouchedAsTheWindowIsLong()
    {
        open(2 * WarmWindow.LENGTH);
        final int pages = WarmWindow.LENGTH / PAGE;
        assertEquals(pages, touches());
        append(1);
        touches();
        append(16);
        assertNear(16 * ENTRY / PAGE, touches());
        world.now += WarmWindow.INTERVAL_NS;
        assertNear(pages, touches());
    }

    @Test
    void touchesWhatIsMappedOnlyWhenTheLogBeginsAnew()
    {
        open(64 * PAGE);
        touches();
        append(12);
        touches();
        world.reset(1_000, 2);
        touches();
        append(1);
        touches();
        world.now += WarmWindow.INTERVAL_NS;
        assertNear(64 - ENTRY / PAGE + 64, touches());
    }

    /** Both ends of a range may lie inside a page. */
    private static void assertNear(final int expected, final long pages)
    {
        assertTrue(Math.abs(pages - expected) <= 2, pages + " pages, not about " + expected);
    }

    private void open(final int segmentLength)
    {
        world.disk.captureOneIn(0);
        world.maxPayloadLength = ENTRY;
        world.initialSegmentLength = segmentLength;
        world.maxSegmentLength = segmentLength;
        world.open();
    }

    private void append(final int count)
    {
        for (int i = 0; i < count; i++)
        {
            assertTrue(world.append(2, ENTRY - 64));
            world.supply();
        }
    }

    /** How many pages were touched since the last call of this. */
    private long touches()
    {
        world.supply();
        final long before = seen;
        seen = world.log.supplier().window().touches();
        return seen - before;
    }


}
