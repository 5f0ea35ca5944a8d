package dev.quorate.core.machine;

/**
 * What is left of a turn, in units of work: a key looked up, written or deleted. Counted, never timed, so that a replay
 * takes the same turns.
 */
final class WorkBudget
{
    private int left;

    void refill(final int units)
    {
        left = units;
    }

    void spend()
    {
        left--;
    }

    boolean isSpent()
    {
        return left <= 0;
    }

    @Override
    public String toString()
    {
        return "WorkBudget{left=" + left + '}';
    }
}
