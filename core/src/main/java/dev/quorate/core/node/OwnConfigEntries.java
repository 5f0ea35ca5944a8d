package dev.quorate.core.node;

import dev.quorate.core.codec.command.ConfigChangeEncoder;
import dev.quorate.core.codec.command.MessageHeaderEncoder;
import dev.quorate.core.codec.command.ProposalEncoder;
import dev.quorate.core.log.RaftLog;
import dev.quorate.core.raft.RaftLogAccess;
import dev.quorate.core.seam.DiskFullException;
import org.agrona.ExpandableArrayBuffer;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Configuration entries that a member writes into its log by itself: the first ones of a new cluster, and those by
 * which it goes on alone.
 * <p>
 * Owner: the thread that opens the member, before any agent runs.
 */
final class OwnConfigEntries
{
    private static final int ATTEMPTS = 100;

    private final RaftLog log;
    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final ProposalEncoder proposal = new ProposalEncoder();
    private final ConfigChangeEncoder change = new ConfigChangeEncoder();

    OwnConfigEntries(final RaftLog log)
    {
        this.log = log;
    }

    /**
     * Appends an entry that nobody waits for.
     *
     * @param term     of the entry, at least that of the last one.
     * @param kind     of the change, as {@link dev.quorate.core.raft.ConfigEntryReader} names them.
     * @param memberId that it is about.
     * @param peerUrls of the member, empty if the change needs none.
     * @throws DiskFullException if the disk has no room for the segment that the entry needs.
     */
    void append(final long term, final int kind, final long memberId, final List<String> peerUrls)
        throws DiskFullException
    {
        proposal.wrapAndApplyHeader(buffer, 0, header).memberId(0).bootId(0).correlationId(0);
        final byte[] urls = String.join("\n", peerUrls).getBytes(StandardCharsets.UTF_8);
        change.wrapAndApplyHeader(buffer, proposal.limit(), header)
            .targetMemberId(memberId)
            .kind((short)kind)
            .putPeerUrls(urls, 0, urls.length);
        // The next segment may be needed, which housekeeping does not prepare yet.
        for (int i = 0;
            log.append(log.lastIndex() + 1, term, RaftLogAccess.CONFIG, buffer, 0, change.limit()) < 0;
            i++)
        {
            log.supplier().doWork();
            if (i == ATTEMPTS)
            {
                throw new DiskFullException("no room in the log for a change of members");
            }
        }
    }
}
