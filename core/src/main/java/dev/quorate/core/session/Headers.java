package dev.quorate.core.session;

import dev.quorate.core.ring.NodeState;
import dev.quorate.core.wire.WireWriter;

/**
 * Writes response headers: cluster, this member, revision, term.
 */
final class Headers
{
    private static final int HEADER = 1;

    private final long clusterId;
    private final long memberId;
    private final NodeState nodeState;

    Headers(final long clusterId, final long memberId, final NodeState nodeState)
    {
        this.clusterId = clusterId;
        this.memberId = memberId;
        this.nodeState = nodeState;
    }

    void write(final WireWriter writer, final long revision)
    {
        final int body = writer.begin(HEADER);
        writer.varint(1, clusterId);
        writer.varint(2, memberId);
        writer.varint(3, revision);
        writer.varint(4, nodeState.get(NodeState.Value.TERM));
        writer.end(body);
    }

    /** The header of an operation inside a transaction: the revision alone. */
    static void writeInner(final WireWriter writer, final long revision)
    {
        final int body = writer.begin(HEADER);
        writer.varint(3, revision);
        writer.end(body);
    }

    /** The header of a nested transaction: present, but empty. */
    static void writeEmpty(final WireWriter writer)
    {
        writer.end(writer.begin(HEADER));
    }
}
