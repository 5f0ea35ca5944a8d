package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.session.World.Reply;
import dev.quorate.core.wire.WireReader;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static dev.quorate.core.session.World.key;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** A range that is read page by page: the count of the rest is right, and not counted anew for each page. */
class PagedListTest
{
    private static final int KEYS = 100;
    private static final int MORE = 3;
    private static final int COUNT = 4;

    private final World world = new World();

    @BeforeEach
    void fill()
    {
        for (int i = 0; i < KEYS; i++)
        {
            world.state.put(name(i), "v", 0);
        }
        world.state.end();
        world.state.counts = 0;
    }

    @Test
    void laterPagesKnowTheirCountFromThePageBefore()
    {
        assertPage(name(0), "l", 0, 30, 100, true);
        assertEquals(1, world.state.counts);
        assertPage(name(29) + "\0", "l", 0, 30, 70, true);
        assertPage(name(59) + "\0", "l", 2, 16, 40, true);
        assertPage(name(75) + "\0", "l", 0, 30, 24, false);
        assertEquals(1, world.state.counts);
    }

    @Test
    void pageOfAnotherRevisionOrRangeIsCounted()
    {
        assertPage(name(0), "l", 0, 30, 100, true);
        assertPage(name(29) + "\0", name(90), 0, 30, 60, true);
        assertEquals(2, world.state.counts);
        world.state.delete(name(50));
        world.state.put(name(99), "w", 0);
        world.state.put(name(99) + "a", "w", 0);
        world.state.put(name(99) + "b", "w", 0);
        world.state.end();
        assertPage(name(29) + "\0", "l", 0, 30, 71, true);
        assertEquals(3, world.state.counts);
        assertPage(name(29) + "\0", "l", 2, 30, 70, true);
        assertPage(name(60) + "\0", "l", 0, 30, 41, true);
        assertEquals(3, world.state.counts);
        assertPage(name(30), "l", 0, 30, 71, true);
        assertEquals(4, world.state.counts);
    }

    @Test
    void pageThatACompactionHasOvertakenIsNotBuiltUpon()
    {
        world.state.overtaken = 8;
        page(name(0), "l", 0, 30).expectFailure(EtcdError.TOO_MANY_REQUESTS);
        world.state.counts = 0;
        assertPage(name(29) + "\0", "l", 0, 30, 70, true);
        assertEquals(1, world.state.counts);
    }

    @Test
    void moreListsThanAreRememberedAreCountedRight()
    {
        for (int round = 0; round < 3; round++)
        {
            for (int list = 0; list < PageCounts.PAGES + 5; list++)
            {
                final int left = KEYS - round * 10 - list;
                final int first = 10 * (round + 1);
                assertPage(name(list), "l", 0, first, KEYS - list, first < KEYS - list);
                assertPage(name(list + first - 1) + "\0", "l", 0, 10, left - 10, left - 10 > 10);
            }
        }
    }

    private void assertPage(
        final String from, final String end, final long revision, final int limit, final long count,
        final boolean isMore)
    {
        final Reply reply = page(from, end, revision, limit);
        assertEquals(GrpcCode.OK, reply.code);
        final byte[] response = reply.messages.get(0);
        final WireReader reader = new WireReader();
        reader.wrap(new UnsafeBuffer(response), 0, response.length);
        long counted = 0;
        boolean hasMore = false;
        while (reader.next())
        {
            if (COUNT << 3 == reader.tag())
            {
                counted = reader.number();
            }
            else if (MORE << 3 == reader.tag())
            {
                hasMore = reader.bool();
            }
        }
        assertEquals(count, counted, () -> "from " + from + " to " + end + " at " + revision);
        assertEquals(isMore, hasMore);
    }

    private Reply page(final String from, final String end, final long revision, final int limit)
    {
        return world.call(Method.KV_RANGE, range ->
        {
            key(range, 1, from);
            key(range, 2, end);
            range.varint(3, limit);
            range.varint(4, revision);
            range.bool(7, true);
        });
    }

    private static String name(final int number)
    {
        return "k" + (1000 + number);
    }
}
