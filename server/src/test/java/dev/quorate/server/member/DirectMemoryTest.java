package dev.quorate.server.member;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.server.flags.FlagException;
import org.junit.jupiter.api.Test;

class DirectMemoryTest
{
    private static final long MIB = 1 << 20;
    private static final long LAUNCHER_LIMIT = 512 * MIB;
    private static final long DEFAULT_RING = 16 * MIB;

    @Test
    void launcherAllowsTheLoopsOfAnyHost()
    {
        assertDoesNotThrow(() -> DirectMemory.check(4, DEFAULT_RING, LAUNCHER_LIMIT));
        assertEquals(212 * MIB, DirectMemory.needed(4, DEFAULT_RING));
    }

    @Test
    void tooManyLoopsAreRefusedInOneLineThatSaysHowMuchIsNeeded()
    {
        assertDoesNotThrow(() -> DirectMemory.check(12, DEFAULT_RING, LAUNCHER_LIMIT));
        final String message = assertThrows(
            FlagException.class, () -> DirectMemory.check(13, DEFAULT_RING, LAUNCHER_LIMIT)).getMessage();
        assertTrue(message.contains("527 MiB") && message.contains("--event-loops"), message);
        assertEquals(1, message.lines().count());
    }

    @Test
    void limitOfThisVirtualMachineIsKnown()
    {
        assertTrue(DirectMemory.limit() > 0);
    }
}
