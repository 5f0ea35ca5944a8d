package dev.quorate.core.node;

import dev.quorate.core.log.RaftLog;
import dev.quorate.core.machine.GrowthCheck;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.store.StoreSpace;
import org.agrona.DirectBuffer;

/**
 * Which commands this member admits for the room that it has on its disk and in its index. While it is short of either,
 * only those pass that free space or need next to none; an entry that is committed finds its place always.
 * <p>
 * Owned by the consensus thread.
 */
final class SpaceGate
{
    /** The command may be proposed. */
    static final int ADMITTED = 0;
    /** There is no space for the command. */
    static final int REFUSED = 1;
    /** The command must wait until what is in the log is applied. */
    static final int LATER = 2;

    /** A command makes the index grow by less than so many times its own length. */
    private static final long INDEX_GROWTH_MAX = 16;
    /** With so much room in the index nothing that fits the log can exhaust it. */
    private static final long PLENTY_BYTES = 1L << 30;

    private final RaftLog log;
    private final StoreSpace space;
    private final NodeState state;
    private final GrowthCheck growth = new GrowthCheck();

    SpaceGate(final RaftLog log, final StoreSpace space, final NodeState state)
    {
        this.log = log;
        this.space = space;
        this.state = state;
    }

    /**
     * @return true if this member lacks space: commands that grow are refused and the alarm is due.
     */
    boolean isShort()
    {
        return log.isFull() || space.isShortOfDisk() || space.isIndexNearlyFull();
    }

    /**
     * @param buffer holding the payload: Proposal, then the command, no change of members.
     * @param offset of the payload.
     * @param length of the payload, bytes.
     * @return {@link #ADMITTED}, {@link #REFUSED} or {@link #LATER}.
     */
    int check(final DirectBuffer buffer, final int offset, final int length)
    {
        if (space.isOutOfDisk())
        {
            return REFUSED;
        }
        if (isShort())
        {
            return growth.grows(buffer, offset, length) ? REFUSED : ADMITTED;
        }
        final long room = space.indexRoomBytes();
        if (room >= PLENTY_BYTES)
        {
            return ADMITTED;
        }
        final long unapplied = log.bytesBehind(state.get(NodeState.Value.APPLIED_INDEX));
        return unapplied * INDEX_GROWTH_MAX > room + StoreSpace.INDEX_SLACK_BYTES ? LATER : ADMITTED;
    }

    /**
     * @return what this member lacks, for its log.
     */
    String lack()
    {
        return log.isFull() || space.isShortOfDisk() ? "disk" : "index memory";
    }
}
