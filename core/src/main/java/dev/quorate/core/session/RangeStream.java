package dev.quorate.core.session;

import org.agrona.ExpandableArrayBuffer;

/**
 * A range stream between its chunks: the revision it shows, where it goes on, and how long the next chunk may be.
 */
final class RangeStream
{
    final RangeRequest request = new RangeRequest();
    final ExpandableArrayBuffer nextKey = new ExpandableArrayBuffer(128);
    UnaryCall call;
    int nextLength;
    long revision;
    long headerRevision;
    long sent;
    long chunkKeys;
    int starts;
    boolean hasSent;

    /** @return true if there is something to do: the client takes a chunk, or is gone. */
    boolean isReady()
    {
        return call.isDone || call.answer.isReady();
    }
}
