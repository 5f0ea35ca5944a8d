package dev.quorate.core.seam;

/**
 * A clock that stands until its test moves it; the wall's time runs with it.
 */
public final class ManualClock implements Clock
{
    /** Now, ns. */
    public long nowNs;

    /**
     * @param nowNs time at first.
     */
    public ManualClock(final long nowNs)
    {
        this.nowNs = nowNs;
    }

    @Override
    public long nanoTime()
    {
        return nowNs;
    }

    @Override
    public long epochMillis()
    {
        return nowNs / 1_000_000;
    }
}
