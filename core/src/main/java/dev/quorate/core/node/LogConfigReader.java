package dev.quorate.core.node;

import dev.quorate.core.codec.command.ConfigChangeDecoder;
import dev.quorate.core.codec.command.MessageHeaderDecoder;
import dev.quorate.core.codec.command.ProposalDecoder;
import dev.quorate.core.log.LogEntryReader;
import dev.quorate.core.raft.ConfigEntryReader;

import java.nio.charset.StandardCharsets;

/**
 * Reads configuration entries from the log for consensus.
 * <p>
 * Owned by the consensus thread.
 */
final class LogConfigReader implements ConfigEntryReader
{
    private static final int CHANGE_OFFSET = MessageHeaderDecoder.ENCODED_LENGTH + ProposalDecoder.BLOCK_LENGTH;

    private final LogEntryReader entry;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final ConfigChangeDecoder change = new ConfigChangeDecoder();

    LogConfigReader(final LogEntryReader entry)
    {
        this.entry = entry;
    }

    @Override
    public boolean read(final long index)
    {
        if (!entry.load(index) ||
            entry.payloadLength() <
            CHANGE_OFFSET + MessageHeaderDecoder.ENCODED_LENGTH + ConfigChangeDecoder.BLOCK_LENGTH)
        {
            return false;
        }
        final int offset = entry.payloadOffset() + CHANGE_OFFSET;
        header.wrap(entry.buffer(), offset);
        if (ConfigChangeDecoder.TEMPLATE_ID != header.templateId() ||
            ConfigChangeDecoder.SCHEMA_ID != header.schemaId())
        {
            return false;
        }
        change.wrap(
            entry.buffer(), offset + MessageHeaderDecoder.ENCODED_LENGTH, header.blockLength(), header.version());
        return true;
    }

    @Override
    public int kind()
    {
        return change.kind();
    }

    @Override
    public long memberId()
    {
        return change.targetMemberId();
    }

    /**
     * @return peer URLs of the change read last, separated by line feeds.
     */
    String peerUrls()
    {
        change.sbeRewind();
        final byte[] urls = new byte[change.peerUrlsLength()];
        change.getPeerUrls(urls, 0, urls.length);
        return new String(urls, StandardCharsets.UTF_8);
    }
}
