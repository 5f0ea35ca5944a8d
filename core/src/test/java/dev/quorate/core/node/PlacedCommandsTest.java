package dev.quorate.core.node;

import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class PlacedCommandsTest
{
    private static final long SECOND_LOOP = 1L << 56;

    private final LoopRings[] loops = {new LoopRings(0, 1 << 16, 1 << 16), new LoopRings(1, 1 << 16, 1 << 16)};
    private final PlacedCommands placed = new PlacedCommands(loops, 4);

    @Test
    void eachLoopHearsHowFarItsCommandsWentInATermThatEnded()
    {
        placed.onPlaced(0);
        placed.onPlaced(SECOND_LOOP | 3);
        placed.onPlaced(SECOND_LOOP | 8);
        placed.tell();
        assertEquals(List.of(), heard(0));
        placed.onTerm(5);
        placed.tell();
        assertEquals(List.of("5 0"), heard(0));
        assertEquals(List.of("5 " + (SECOND_LOOP | 8)), heard(1));
        placed.tell();
        assertEquals(List.of(), heard(0));
    }

    @Test
    void termWithoutCommandsSaysNothing()
    {
        placed.onTerm(5);
        placed.onPlaced(7);
        placed.onTerm(6);
        placed.onTerm(9);
        placed.tell();
        assertEquals(List.of("6 7"), heard(0));
        assertEquals(List.of(), heard(1));
    }

    @Test
    void ringWithoutRoomHearsLaterAndThenTheNewest()
    {
        final UnsafeBuffer filler = new UnsafeBuffer(new byte[1024]);
        while (loops[0].fromConsensus().write(RingMessages.REFUSED, filler, 0, 1024))
        {
            filler.putLong(0, filler.getLong(0) + 1);
        }
        while (loops[0].fromConsensus().write(RingMessages.REFUSED, filler, 0, 16))
        {
            filler.putLong(0, filler.getLong(0) + 1);
        }
        placed.onPlaced(1);
        placed.onTerm(5);
        placed.tell();
        placed.onPlaced(2);
        placed.onTerm(6);
        placed.tell();
        while (loops[0].fromConsensus().size() > 0)
        {
            loops[0].fromConsensus().read((type, buffer, index, length) -> assertEquals(RingMessages.REFUSED, type));
        }
        placed.onPlaced(3);
        placed.tell();
        assertEquals(List.of("6 2"), heard(0));
    }

    @Test
    void orderOfALoopsCommandsAndTermsIsChecked()
    {
        placed.onPlaced(2);
        assertThrows(IllegalStateException.class, () -> placed.onPlaced(2));
        assertThrows(IllegalStateException.class, () -> placed.onPlaced(2 * SECOND_LOOP));
        assertThrows(IllegalStateException.class, () -> placed.onTerm(3));
    }

    private List<String> heard(final int loop)
    {
        final List<String> lines = new ArrayList<>();
        while (loops[loop].fromConsensus().size() > 0)
        {
            loops[loop].fromConsensus().read((type, buffer, index, length) ->
            {
                assertEquals(RingMessages.PLACED_BEFORE_TERM, type);
                assertEquals(16, length);
                lines.add(buffer.getLong(index) + " " + buffer.getLong(index + 8));
            });
        }
        return lines;
    }
}
