package dev.quorate.core.peer;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Writes down what a peer said, one line each; payloads are kept apart.
 */
final class RecordedEvents implements PeerEvents
{
    final List<String> lines = new ArrayList<>();
    final List<byte[]> payloads = new ArrayList<>();
    int begun;
    int announced;

    @Override
    public void onPeerSession(final long memberId, final long bootId)
    {
        lines.add("session " + memberId + " boot " + bootId);
    }

    @Override
    public void onVoteRequest(
        final long from,
        final long term,
        final boolean preVote,
        final boolean transfer,
        final long lastLogIndex,
        final long lastLogTerm)
    {
        lines.add("voteRequest " + from + ' ' + term + ' ' + preVote + ' ' + transfer + ' ' + lastLogIndex + ' ' +
            lastLogTerm);
    }

    @Override
    public void onVoteResponse(final long from, final long term, final boolean preVote, final boolean granted)
    {
        lines.add("voteResponse " + from + ' ' + term + ' ' + preVote + ' ' + granted);
    }

    @Override
    public void beginAppend(
        final long from,
        final long term,
        final long prevIndex,
        final long prevTerm,
        final long commitIndex,
        final int entryCount)
    {
        begun++;
        announced = entryCount;
        lines.add("append " + from + ' ' + term + ' ' + prevIndex + ' ' + prevTerm + ' ' + commitIndex + ' ' +
            entryCount);
    }

    @Override
    public void appendEntry(
        final long index,
        final long term,
        final int type,
        final DirectBuffer buffer,
        final int offset,
        final int length)
    {
        announced--;
        lines.add("entry " + index + ' ' + term + ' ' + type + ' ' + length);
        keep(buffer, offset, length);
    }

    @Override
    public void endAppend()
    {
        begun--;
        if (begun != 0 || announced != 0)
        {
            throw new AssertionError("append not complete: " + begun + ' ' + announced);
        }
    }

    @Override
    public void onAppendResponse(
        final long from,
        final long term,
        final boolean success,
        final long matchIndex,
        final long hintIndex,
        final long hintTerm)
    {
        lines.add("appendResponse " + from + ' ' + term + ' ' + success + ' ' + matchIndex + ' ' + hintIndex + ' ' +
            hintTerm);
    }

    @Override
    public void onHeartbeat(final long from, final long term, final long commitIndex, final long readRound)
    {
        lines.add("heartbeat " + from + ' ' + term + ' ' + commitIndex + ' ' + readRound);
    }

    @Override
    public void onHeartbeatResponse(final long from, final long term, final long readRound)
    {
        lines.add("heartbeatResponse " + from + ' ' + term + ' ' + readRound);
    }

    @Override
    public void onTimeoutNow(final long from, final long term)
    {
        lines.add("timeoutNow " + from + ' ' + term);
    }

    @Override
    public void onReadIndexRequest(final long from, final long fromBootId, final long requestId)
    {
        lines.add("readIndexRequest " + from + ' ' + fromBootId + ' ' + requestId);
    }

    @Override
    public void onReadIndexResponse(final long from, final long requestId, final long index, final boolean ok)
    {
        lines.add("readIndexResponse " + from + ' ' + requestId + ' ' + index + ' ' + ok);
    }

    @Override
    public void onForward(
        final long from,
        final long term,
        final int entryType,
        final DirectBuffer buffer,
        final int offset,
        final int length)
    {
        lines.add("forward " + from + ' ' + term + ' ' + entryType + ' ' + length);
        keep(buffer, offset, length);
    }

    @Override
    public void onRefused(
        final long from,
        final long originMemberId,
        final long originBootId,
        final long correlationId,
        final int errorOrdinal)
    {
        lines.add("refused " + from + ' ' + originMemberId + ' ' + originBootId + ' ' + correlationId + ' ' +
            errorOrdinal);
    }

    @Override
    public void onKeepAliveRequest(
        final long from, final long fromBootId, final long correlationId, final long leaseId)
    {
        lines.add("keepAliveRequest " + from + ' ' + fromBootId + ' ' + correlationId + ' ' + leaseId);
    }

    @Override
    public void onKeepAliveAnswer(
        final long from,
        final long correlationId,
        final long leaseId,
        final long ttlSeconds,
        final long index,
        final int errorOrdinal)
    {
        lines.add("keepAliveAnswer " + from + ' ' + correlationId + ' ' + leaseId + ' ' + ttlSeconds + ' ' + index +
            ' ' + errorOrdinal);
    }

    @Override
    public void onTimeToLiveRequest(
        final long from, final long fromBootId, final long correlationId, final long leaseId)
    {
        lines.add("timeToLiveRequest " + from + ' ' + fromBootId + ' ' + correlationId + ' ' + leaseId);
    }

    @Override
    public void onTimeToLiveAnswer(
        final long from,
        final long correlationId,
        final long leaseId,
        final long ttlSeconds,
        final long grantedTtlSeconds,
        final long index,
        final int errorOrdinal)
    {
        lines.add("timeToLiveAnswer " + from + ' ' + correlationId + ' ' + leaseId + ' ' + ttlSeconds + ' ' +
            grantedTtlSeconds + ' ' + index + ' ' + errorOrdinal);
    }

    @Override
    public void onSnapshotOffer(
        final long from,
        final long term,
        final long snapshotId,
        final long index,
        final long entryTerm,
        final long totalLength)
    {
        lines.add("snapshotOffer " + from + ' ' + term + ' ' + snapshotId + ' ' + index + ' ' + entryTerm + ' ' +
            totalLength);
    }

    @Override
    public void onSnapshotReady(final long from, final long snapshotId, final long fromOffset)
    {
        lines.add("snapshotReady " + from + ' ' + snapshotId + ' ' + fromOffset);
    }

    @Override
    public void onSnapshotStatus(
        final long from, final long snapshotId, final long index, final boolean installed)
    {
        lines.add("snapshotStatus " + from + ' ' + snapshotId + ' ' + index + ' ' + installed);
    }

    private void keep(final DirectBuffer buffer, final int offset, final int length)
    {
        final byte[] payload = new byte[length];
        buffer.getBytes(offset, payload);
        payloads.add(payload);
    }
}
