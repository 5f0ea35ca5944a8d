package dev.quorate.core.store;

import org.agrona.DirectBuffer;

/**
 * Flyweight over one record of the stream: header fields and the body, which is the {@code mvccpb.KeyValue} protobuf
 * bytes as etcd encodes them (a tombstone's body holds the key alone). Valid while the reader that filled it is pinned.
 */
public final class RecordView
{
    DirectBuffer buffer;
    int bodyOffset;
    int bodyLength;
    long lp;
    long mainRevision;
    int subRevision;
    long prevLp;
    byte kind;
    byte flags;

    /**
     * @return buffer that holds the body.
     */
    public DirectBuffer buffer()
    {
        return buffer;
    }

    /**
     * @return where the body begins in {@link #buffer()}.
     */
    public int bodyOffset()
    {
        return bodyOffset;
    }

    /**
     * @return length of the body, bytes.
     */
    public int bodyLength()
    {
        return bodyLength;
    }

    /**
     * @return logical position of the record.
     */
    public long lp()
    {
        return lp;
    }

    /**
     * @return main revision.
     */
    public long mainRevision()
    {
        return mainRevision;
    }

    /**
     * @return sub revision: place within the main revision, from 0.
     */
    public int subRevision()
    {
        return subRevision;
    }

    /**
     * @return logical position of the key's previous version, -1 if none.
     */
    public long prevLp()
    {
        return prevLp;
    }

    /**
     * @return true if the previous version is a tombstone.
     */
    public boolean prevWasTombstone()
    {
        return (flags & 1) != 0;
    }

    /**
     * @return true if this record is a deletion.
     */
    public boolean isTombstone()
    {
        return kind == 2;
    }

    /**
     * @return kind of the record, see {@code RecordDescriptor}.
     */
    public byte kind()
    {
        return kind;
    }
}
