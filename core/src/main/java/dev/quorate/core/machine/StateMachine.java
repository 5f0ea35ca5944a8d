package dev.quorate.core.machine;

import org.agrona.DirectBuffer;

/**
 * Applies committed entries in order: a pure function of the log.
 * <p>
 * Owner: the apply thread. After each entry that is done, or a batch of them, the owner publishes the store, then the
 * applied index, then lets the results go.
 */
public final class StateMachine
{
    private final MachineContext context;

    /**
     * @param context concluded here.
     */
    public StateMachine(final MachineContext context)
    {
        this.context = context.conclude();
    }

    /**
     * Rebuilds leases, alarms and members from the store, tells the lease listener and publishes the directories. Call
     * once before the first entry, and again after a snapshot replaced the store's content.
     */
    public void recover()
    {
        throw pending();
    }

    /**
     * Applies the entry after {@link #appliedIndex()}, or begins to.
     *
     * @param index   of the entry.
     * @param term    of the entry.
     * @param type    of the entry, see {@code RaftLogAccess}.
     * @param payload holding its bytes, which must stay readable and unchanged until the entry is done.
     * @param offset  of the payload.
     * @param length  of the payload, bytes.
     * @return true if the entry is done; false if it is longer than a turn: call {@link #resume()} in later turns.
     * @throws IllegalStateException if the entry is out of order or malformed; the process must halt.
     */
    public boolean apply(
        final long index,
        final long term,
        final int type,
        final DirectBuffer payload,
        final int offset,
        final int length)
    {
        throw pending();
    }

    /**
     * Continues the entry that is not done.
     *
     * @return true if it is done now.
     */
    public boolean resume()
    {
        throw pending();
    }

    /**
     * @return true while an entry is not done.
     */
    public boolean isBusy()
    {
        throw pending();
    }

    /**
     * @return index of the last entry that is done.
     */
    public long appliedIndex()
    {
        throw pending();
    }

    /**
     * @return term of that entry.
     */
    public long appliedTerm()
    {
        throw pending();
    }

    private IllegalStateException pending()
    {
        return new IllegalStateException("machine has not recovered: " + context);
    }
}
