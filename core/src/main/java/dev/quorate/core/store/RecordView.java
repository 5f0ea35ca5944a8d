package dev.quorate.core.store;

import org.agrona.DirectBuffer;

/**
 * Flyweight over one record of the stream: header fields and the body, which is the {@code mvccpb.KeyValue} protobuf
 * bytes as etcd encodes them (a tombstone's body holds the key alone; of a system row it is the payload without the
 * key). Valid while the reader that
 * filled it is pinned, on the apply thread until the next call of the store.
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
    int keyOffset;
    int keyLength;
    int frameLength;

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
     * @return where the key begins in {@link #buffer()}.
     */
    public int keyOffset()
    {
        return keyOffset;
    }

    /**
     * @return length of the key, bytes.
     */
    public int keyLength()
    {
        return keyLength;
    }

    /**
     * @return create revision in the body of a version, 0 for others.
     */
    public long createRevision()
    {
        return kind == RecordDescriptor.PUT ? KeyValueBody.createRevision(buffer, bodyOffset, bodyLength) : 0;
    }

    /**
     * @return version in the body of a version, 0 for others.
     */
    public long version()
    {
        return kind == RecordDescriptor.PUT ? KeyValueBody.version(buffer, bodyOffset, bodyLength) : 0;
    }

    /**
     * @return lease in the body of a version, 0 if none.
     */
    public long lease()
    {
        return kind == RecordDescriptor.PUT && 0 != (flags & RecordDescriptor.FLAG_LEASED) ?
            KeyValueBody.lease(buffer, bodyOffset, bodyLength) : 0;
    }

    /**
     * @return length of the value in the body of a version, 0 for others.
     */
    public int valueLength()
    {
        return kind == RecordDescriptor.PUT ? KeyValueBody.valueLength(buffer, bodyOffset, bodyLength) : 0;
    }

    /**
     * @return where the value begins in {@link #buffer()}, meaningful if {@link #valueLength()} is positive.
     */
    public int valueOffset()
    {
        return kind == RecordDescriptor.PUT ? KeyValueBody.valueOffset(buffer, bodyOffset, bodyLength) : 0;
    }

    /**
     * @return true if this record is a version or a deletion of a key, false for marks and system rows.
     */
    public boolean isKeyRecord()
    {
        return kind == RecordDescriptor.PUT || kind == RecordDescriptor.TOMBSTONE;
    }

    /**
     * @return true if the previous version is a tombstone.
     */
    public boolean prevWasTombstone()
    {
        return (flags & RecordDescriptor.FLAG_PREV_WAS_TOMBSTONE) != 0;
    }

    /**
     * @return true if this record is a deletion.
     */
    public boolean isTombstone()
    {
        return kind == RecordDescriptor.TOMBSTONE;
    }

    /**
     * @return kind of the record, see {@code RecordDescriptor}.
     */
    public byte kind()
    {
        return kind;
    }
}
