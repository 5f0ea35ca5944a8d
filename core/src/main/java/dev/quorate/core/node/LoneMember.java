package dev.quorate.core.node;

import dev.quorate.core.log.RaftLog;
import dev.quorate.core.raft.ConfigEntryReader;
import dev.quorate.core.raft.Configuration;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.seam.DiskFullException;
import org.agrona.collections.LongArrayList;

import java.util.List;

/**
 * A member whose others are lost goes on alone, with all that its log and its store hold: entries behind the last one
 * of its log remove the others, and make it a voter if it only learned. It elects itself, and all entries that it has,
 * those included that the old cluster had not committed, are committed with its first one.
 * <p>
 * The entries are of a term that this member has not seen, so that none of another member is taken for one of them.
 * Done again, also after a crash in between, it only removes whoever is left.
 * <p>
 * Owner: the thread that opens the member, before any agent runs.
 */
final class LoneMember
{
    private LoneMember()
    {
    }

    /**
     * Appends the entries; nothing if this member is alone already or is no member itself. They are durable as soon as
     * the log is.
     *
     * @param log      recovered and in agreement with the store.
     * @param memberId of this member.
     * @param applied  configuration as of the store.
     * @return ids of the members that are removed.
     * @throws DiskFullException if the disk has no room for the entries.
     */
    static LongArrayList begin(final RaftLog log, final long memberId, final Configuration applied)
        throws DiskFullException
    {
        final Configuration inForce = inForce(log, applied);
        final LongArrayList others = new LongArrayList();
        if (Configuration.ABSENT == inForce.standing(memberId))
        {
            return others;
        }
        others.addAll(inForce.voters());
        others.addAll(inForce.learners());
        others.removeLong(memberId);
        final OwnConfigEntries entries = new OwnConfigEntries(log);
        final long term = Math.max(log.lastTerm(), log.termFile().term()) + 1;
        if (Configuration.LEARNER == inForce.standing(memberId))
        {
            entries.append(term, ConfigEntryReader.PROMOTE, memberId, List.of());
        }
        for (int i = 0; i < others.size(); i++)
        {
            entries.append(term, ConfigEntryReader.REMOVE, others.getLong(i), List.of());
        }
        return others;
    }

    private static Configuration inForce(final RaftLog log, final Configuration applied)
    {
        final Configuration configuration = new Configuration();
        configuration.copyFrom(applied);
        final LogConfigReader reader = new LogConfigReader(log.newReader());
        for (long i = Math.max(applied.index(), log.baseIndex()) + 1; i <= log.lastIndex(); i++)
        {
            if (RaftLogAccess.CONFIG == log.typeAt(i))
            {
                if (!reader.read(i))
                {
                    throw new IllegalStateException("configuration entry cannot be decoded: index=" + i);
                }
                configuration.follow(reader.kind(), reader.memberId(), i);
            }
        }
        return configuration;
    }
}
