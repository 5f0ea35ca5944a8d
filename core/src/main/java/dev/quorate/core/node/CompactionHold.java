package dev.quorate.core.node;

import dev.quorate.core.codec.command.CompactDecoder;
import dev.quorate.core.codec.command.MessageHeaderDecoder;
import dev.quorate.core.codec.command.ProposalDecoder;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.ring.LoopRings;
import org.agrona.DirectBuffer;

/**
 * Keeps a compaction from being applied while a loop still builds answers of earlier entries. From its compaction on, a
 * key that was deleted before begins a new chain when it is written again: whoever reads at a bound before the deletion
 * would not find the version behind it. The grace of housekeeping begins too late for that, because the chain is cut
 * when the put is applied, not when records are dropped.
 * <p>
 * Owned by the apply thread.
 */
final class CompactionHold
{
    private static final int COMMAND_OFFSET = MessageHeaderDecoder.ENCODED_LENGTH + ProposalDecoder.BLOCK_LENGTH;

    private final LoopRings[] loops;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();

    CompactionHold(final LoopRings[] loops)
    {
        this.loops = loops;
    }

    /**
     * Asked before an entry is applied, and again in later turns while it is held.
     *
     * @param entryType of the entry.
     * @param buffer    holding the payload.
     * @param offset    of it.
     * @param length    of it, bytes.
     * @param hasStaged true if results wait that no ring has taken yet.
     * @return true if the entry must wait.
     */
    boolean holds(
        final int entryType, final DirectBuffer buffer, final int offset, final int length, final boolean hasStaged)
    {
        return isCompaction(entryType, buffer, offset, length) && (hasStaged || !areAnswersBuilt());
    }

    private boolean isCompaction(final int entryType, final DirectBuffer buffer, final int offset, final int length)
    {
        if (RaftLogAccess.COMMAND != entryType || length < COMMAND_OFFSET + MessageHeaderDecoder.ENCODED_LENGTH)
        {
            return false;
        }
        header.wrap(buffer, offset);
        header.wrap(buffer, offset + MessageHeaderDecoder.ENCODED_LENGTH + header.blockLength());
        return CompactDecoder.TEMPLATE_ID == header.templateId();
    }

    /** A loop moves the position of its ring when the answers of what it has read are built. */
    private boolean areAnswersBuilt()
    {
        for (final LoopRings loop : loops)
        {
            if (loop.fromApply().size() > 0)
            {
                return false;
            }
        }
        return true;
    }
}
