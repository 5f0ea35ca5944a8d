package dev.quorate.core.session;

/**
 * Proves that commands are lost. One that was placed in a term, by consensus of this member, and has no result although
 * all results before an entry of a later term have been delivered, was not appended where it could ever be committed.
 * It is proposed again at once instead of waiting for its deadline.
 * <p>
 * Apply says which term its results have reached, consensus which commands belong to terms before: in either order.
 */
final class LostCommands
{
    private final Calls calls;
    private long appliedTerm;
    private long placedBeforeTerm = Long.MAX_VALUE;
    private long placedUpTo;

    LostCommands(final Calls calls)
    {
        this.calls = calls;
    }

    /** An entry of the term was applied; the results of all entries before it were delivered. */
    void onTermApplied(final long term)
    {
        appliedTerm = term;
        proposeLostAgain();
    }

    /** The commands up to the id were placed in terms before this one, those behind it were not. */
    void onPlacedBeforeTerm(final long term, final long upToCorrelationId)
    {
        placedBeforeTerm = term;
        placedUpTo = upToCorrelationId;
        proposeLostAgain();
    }

    private void proposeLostAgain()
    {
        if (appliedTerm >= placedBeforeTerm)
        {
            calls.proposeAgain(placedUpTo);
            placedBeforeTerm = Long.MAX_VALUE;
        }
    }

    @Override
    public String toString()
    {
        return "LostCommands{appliedTerm=" + appliedTerm + ", placedBeforeTerm=" + placedBeforeTerm + '}';
    }
}
