package dev.quorate.core.log;

import java.lang.invoke.VarHandle;

/**
 * Keeps segments from being recycled while a thread reads them. Owner: the reading thread.
 */
public final class LogHold
{
    private final LogPositions positions;
    private final int number;

    LogHold(final LogPositions positions)
    {
        this.positions = positions;
        number = positions.addHold();
    }

    /**
     * Holds an entry and all after it.
     *
     * @param index of the first entry to read.
     * @return false, holding nothing, if the log begins after it.
     */
    public boolean from(final long index)
    {
        positions.hold(number, index);
        // pairs with the fence in LogPositions.lowestHeld()
        VarHandle.fullFence();
        if (index > positions.baseIndex())
        {
            return true;
        }
        release();

        return false;
    }

    /**
     * Holds nothing more. Nothing that was read without a copy may be used afterwards.
     */
    public void release()
    {
        positions.hold(number, Long.MAX_VALUE);
    }
}
