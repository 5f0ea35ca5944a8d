package dev.quorate.core.store;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Encodes records behind the end of the stream and keeps the running hash. Owned by apply.
 */
final class StreamWriter
{
    private static final int MARK_LENGTH = 56;
    private static final int COMPACT_LENGTH = 24;

    private final TailBuffers tails;
    private final FrameCrc crc = new FrameCrc();
    private long streamHash;

    StreamWriter(final TailBuffers tails, final long streamHash)
    {
        this.tails = tails;
        this.streamHash = streamHash;
    }

    long streamHash()
    {
        return streamHash;
    }

    /** Appends a PUT. @return its frame length. */
    int put(
        final KeyLink link,
        final long main,
        final int sub,
        final DirectBuffer key,
        final int keyOffset,
        final int keyLength,
        final long create,
        final long version,
        final DirectBuffer value,
        final int valueOffset,
        final int valueLength,
        final long lease)
    {
        final int bodyLength = KeyValueBody.length(keyLength, create, main, version, valueLength, lease);
        final int frameLength = RecordDescriptor.frameLength(bodyLength, link.hasSkip());
        final int at = tails.claim(frameLength);
        final UnsafeBuffer frame = tails.buffer();
        final byte flags = (byte)(link.flags() | (0 != lease ? RecordDescriptor.FLAG_LEASED : 0));
        RecordDescriptor.encodeHeader(
            frame, at, frameLength, tails.endLp(), main, sub, link.prevLp, link.prevFrameLength,
            RecordDescriptor.PUT, flags, link.chainOrdinal, bodyLength, link.skipLp);
        final int encoded = KeyValueBody.encode(
            frame, RecordDescriptor.bodyOffset(frame, at), key, keyOffset, keyLength,
            create, main, version, value, valueOffset, valueLength, lease);
        if (encoded != bodyLength)
        {
            throw new IllegalStateException("body of " + encoded + " bytes where " + bodyLength + " were claimed");
        }
        return finish(frame, at, frameLength, main);
    }

    /** Appends a TOMBSTONE. @return its frame length. */
    int tombstone(
        final KeyLink link,
        final long main,
        final int sub,
        final DirectBuffer key,
        final int keyOffset,
        final int keyLength)
    {
        final int bodyLength = KeyValueBody.length(keyLength, 0, 0, 0, 0, 0);
        final int frameLength = RecordDescriptor.frameLength(bodyLength, link.hasSkip());
        final int at = tails.claim(frameLength);
        final UnsafeBuffer frame = tails.buffer();
        RecordDescriptor.encodeHeader(
            frame, at, frameLength, tails.endLp(), main, sub, link.prevLp, link.prevFrameLength,
            RecordDescriptor.TOMBSTONE, link.flags(), link.chainOrdinal, bodyLength, link.skipLp);
        KeyValueBody.encode(
            frame, RecordDescriptor.bodyOffset(frame, at), key, keyOffset, keyLength, 0, 0, 0, key, 0, 0, 0);
        return finish(frame, at, frameLength, main);
    }

    /** Appends a system row or its deletion. @return its frame length. */
    int system(
        final byte kind,
        final boolean isDeletion,
        final long prevLp,
        final long main,
        final DirectBuffer key,
        final int keyOffset,
        final int keyLength,
        final DirectBuffer body,
        final int bodyOffset,
        final int bodyLength)
    {
        final int length = 4 + keyLength + bodyLength;
        final int frameLength = RecordDescriptor.frameLength(length, false);
        final int at = tails.claim(frameLength);
        final UnsafeBuffer frame = tails.buffer();
        RecordDescriptor.encodeHeader(
            frame, at, frameLength, tails.endLp(), main, 0, prevLp, 0, kind,
            isDeletion ? RecordDescriptor.FLAG_SYSTEM_DELETED : 0, 0, length, RecordDescriptor.NULL_LP);
        final int target = at + RecordDescriptor.HEADER_LENGTH;
        frame.putInt(target, keyLength, LITTLE_ENDIAN);
        frame.putBytes(target + 4, key, keyOffset, keyLength);
        if (bodyLength > 0)
        {
            frame.putBytes(target + 4 + keyLength, body, bodyOffset, bodyLength);
        }
        return finish(frame, at, frameLength, main);
    }

    /** Body: raftIndex, term, main, compact revision, stream hash before this record, live keys, auth revision. */
    void mark(
        final long raftIndex,
        final long term,
        final long main,
        final long compactRevision,
        final long liveKeys,
        final long authRevision)
    {
        final int at = claimPlain(RecordDescriptor.MARK, MARK_LENGTH, main);
        final UnsafeBuffer frame = tails.buffer();
        final int body = at + RecordDescriptor.HEADER_LENGTH;
        frame.putLong(body, raftIndex, LITTLE_ENDIAN);
        frame.putLong(body + 8, term, LITTLE_ENDIAN);
        frame.putLong(body + 16, main, LITTLE_ENDIAN);
        frame.putLong(body + 24, compactRevision, LITTLE_ENDIAN);
        frame.putLong(body + 32, streamHash, LITTLE_ENDIAN);
        frame.putLong(body + 40, liveKeys, LITTLE_ENDIAN);
        frame.putLong(body + 48, authRevision, LITTLE_ENDIAN);
        finish(frame, at, RecordDescriptor.frameLength(MARK_LENGTH, false), main);
    }

    /** Body: C, B(C), the previous C. */
    void compact(final long revision, final long bound, final long previous, final long main)
    {
        final int at = claimPlain(RecordDescriptor.COMPACT, COMPACT_LENGTH, main);
        final UnsafeBuffer frame = tails.buffer();
        final int body = at + RecordDescriptor.HEADER_LENGTH;
        frame.putLong(body, revision, LITTLE_ENDIAN);
        frame.putLong(body + 8, bound, LITTLE_ENDIAN);
        frame.putLong(body + 16, previous, LITTLE_ENDIAN);
        finish(frame, at, RecordDescriptor.frameLength(COMPACT_LENGTH, false), main);
    }

    private int claimPlain(final byte kind, final int bodyLength, final long main)
    {
        final int frameLength = RecordDescriptor.frameLength(bodyLength, false);
        final int at = tails.claim(frameLength);
        RecordDescriptor.encodeHeader(
            tails.buffer(), at, frameLength, tails.endLp(), main, 0, RecordDescriptor.NULL_LP, 0, kind,
            (byte)0, 0, bodyLength, RecordDescriptor.NULL_LP);
        return at;
    }

    private int finish(final UnsafeBuffer frame, final int at, final int frameLength, final long main)
    {
        final long lp = tails.endLp();
        final int check = crc.ofFrame(frame, at, frameLength);
        RecordDescriptor.putCrc(frame, at, check);
        streamHash = RecordDescriptor.streamHash(streamHash, lp, check);
        tails.commit(frameLength, main);
        return frameLength;
    }
}
