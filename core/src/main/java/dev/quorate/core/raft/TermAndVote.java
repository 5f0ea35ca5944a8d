package dev.quorate.core.raft;

/**
 * Term and vote, and which of them survive a crash. Terms never go back and a term has one vote.
 */
final class TermAndVote
{
    private final RaftOutput output;
    private long term;
    private long votedFor;
    private long sequence;
    private long termSequence;
    private long durableSequence;

    TermAndVote(final RaftOutput output, final long term, final long votedFor)
    {
        this.output = output;
        this.term = term;
        this.votedFor = votedFor;
    }

    long term()
    {
        return term;
    }

    long votedFor()
    {
        return votedFor;
    }

    /**
     * @return true if a crash cannot take the current term back: answers of the term may leave.
     */
    boolean isTermDurable()
    {
        return durableSequence >= termSequence;
    }

    /**
     * @return true if a crash can take neither term nor vote back: the vote may leave or count.
     */
    boolean isVoteDurable()
    {
        return durableSequence >= sequence;
    }

    /**
     * Adopts a newer term.
     *
     * @param newTerm above the current one.
     * @param vote    member that gets the vote in the new term, 0 for none yet.
     */
    void adopt(final long newTerm, final long vote)
    {
        if (newTerm <= term)
        {
            throw new IllegalStateException("term must grow: term=" + term + " newTerm=" + newTerm);
        }
        term = newTerm;
        votedFor = vote;
        persist();
        termSequence = sequence;
    }

    /**
     * Gives the vote of the current term.
     */
    void vote(final long candidate)
    {
        if (votedFor == candidate)
        {
            return;
        }
        if (votedFor != 0)
        {
            throw new IllegalStateException(
                "one vote in a term: term=" + term + " votedFor=" + votedFor + " candidate=" + candidate);
        }
        votedFor = candidate;
        persist();
    }

    void onDurable(final long newDurableSequence)
    {
        if (newDurableSequence > sequence)
        {
            throw new IllegalStateException(
                "durable before it was written: sequence=" + sequence + " durable=" + newDurableSequence);
        }
        durableSequence = Math.max(durableSequence, newDurableSequence);
    }

    private void persist()
    {
        sequence++;
        output.persistTermAndVote(sequence, term, votedFor);
    }

    @Override
    public String toString()
    {
        return "TermAndVote{term=" + term + ", votedFor=" + votedFor + ", sequence=" + sequence +
            ", durableSequence=" + durableSequence + '}';
    }
}
