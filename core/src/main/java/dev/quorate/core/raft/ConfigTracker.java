package dev.quorate.core.raft;

import org.agrona.collections.LongArrayList;

/**
 * The configuration in force: a change takes effect when its entry is appended and is undone when the entry is cut.
 * What is not yet committed can be undone.
 */
final class ConfigTracker
{
    private static final int INDEX = 0;
    private static final int MEMBER = 1;
    private static final int STANDING_BEFORE = 2;
    private static final int INDEX_BEFORE = 3;
    private static final int RECORD_LENGTH = 4;

    private final Configuration current = new Configuration();
    private final LongArrayList undo = new LongArrayList();
    private final RaftLogAccess log;
    private final ConfigEntryReader reader;

    ConfigTracker(final RaftContext context)
    {
        log = context.log();
        reader = context.configEntryReader();
        current.copyFrom(context.configuration());

        for (long i = Math.max(current.index(), log.baseIndex()) + 1; i <= log.lastIndex(); i++)
        {
            if (log.typeAt(i) == RaftLogAccess.CONFIG)
            {
                onAppended(i);
            }
        }
        onCommitted(context.commitIndex());
    }

    Configuration current()
    {
        return current;
    }

    /**
     * A configuration entry was appended: it is in force now.
     */
    void onAppended(final long index)
    {
        if (!reader.read(index))
        {
            throw new IllegalStateException("configuration entry cannot be decoded: index=" + index);
        }

        final long memberId = reader.memberId();
        undo.addLong(index);
        undo.addLong(memberId);
        undo.addLong(current.standing(memberId));
        undo.addLong(current.index());
        current.follow(reader.kind(), memberId, index);
    }

    /**
     * @return true if the configuration in force changed.
     */
    boolean onCut(final long fromIndex)
    {
        boolean changed = false;
        while (!undo.isEmpty() && undo.getLong(undo.size() - RECORD_LENGTH + INDEX) >= fromIndex)
        {
            final int record = undo.size() - RECORD_LENGTH;
            current.standing(undo.getLong(record + MEMBER), (int)undo.getLong(record + STANDING_BEFORE));
            current.index(undo.getLong(record + INDEX_BEFORE));
            for (int i = RECORD_LENGTH - 1; i >= 0; i--)
            {
                undo.removeAt(record + i);
            }
            changed = true;
        }
        return changed;
    }

    void onCommitted(final long commitIndex)
    {
        while (!undo.isEmpty() && undo.getLong(INDEX) <= commitIndex)
        {
            for (int i = 0; i < RECORD_LENGTH; i++)
            {
                undo.removeAt(0);
            }
        }
    }

    /**
     * A snapshot replaced everything.
     */
    void restore(final Configuration configuration)
    {
        undo.clear();
        current.copyFrom(configuration);
    }

    /**
     * @return index of the newest configuration entry that is not committed, 0 if there is none.
     */
    long pendingIndex()
    {
        return undo.isEmpty() ? 0 : undo.getLong(undo.size() - RECORD_LENGTH + INDEX);
    }

    /**
     * A member that decided alone and admits a second voter commits that entry alone as well: the new voter cannot run
     * before it is a member, and nobody leads without the vote of the member that holds the entry. So the entry is
     * committed as soon as it is durable there, whether that member knew it before a crash or not.
     *
     * @param memberId of the member that decided alone.
     * @return index of the newest entry if it is such a one and not committed, 0 otherwise.
     */
    long growthIndex(final long memberId)
    {
        if (undo.isEmpty())
        {
            return 0;
        }
        final int record = undo.size() - RECORD_LENGTH;
        final long added = undo.getLong(record + MEMBER);
        final boolean isGrowth = Configuration.VOTER != undo.getLong(record + STANDING_BEFORE) &&
            added != memberId && current.isVoter(added) && current.isVoter(memberId) && 2 == current.voters().size();
        return isGrowth ? undo.getLong(record + INDEX) : 0;
    }

    @Override
    public String toString()
    {
        return "ConfigTracker{current=" + current + ", pendingIndex=" + pendingIndex() + '}';
    }
}
