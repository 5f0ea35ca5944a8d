package dev.quorate.core.raft;

/**
 * Reads configuration entries from the log, so that consensus knows no codec. Used on the consensus thread, for entries
 * of type {@link RaftLogAccess#CONFIG} only.
 */
public interface ConfigEntryReader
{
    /** The member becomes a voter. */
    int ADD_VOTER = 0;
    /** The member becomes a learner. */
    int ADD_LEARNER = 1;
    /** The learner becomes a voter. */
    int PROMOTE = 2;
    /** The member is removed. */
    int REMOVE = 3;
    /** Peer URLs change; voters and learners stay. */
    int UPDATE = 4;

    /**
     * Positions this reader on an entry.
     *
     * @param index of a configuration entry that the log holds.
     * @return false if the entry cannot be decoded, which halts the member.
     */
    boolean read(long index);

    /**
     * @return kind of the change read last.
     */
    int kind();

    /**
     * @return member that the change read last is about.
     */
    long memberId();
}
