package dev.quorate.core.machine;

import dev.quorate.core.store.RecordView;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Layout of the system rows that apply keeps in the store. Keys are big-endian, so that rows lie in the order of their
 * ids; bodies are little-endian.
 * <pre>
 * LEASE    key  0 i64 lease id
 *          body 0 i64 time to live, seconds
 * ALARM    key  0 i64 member id   8 u8 alarm
 *          body empty
 * MEMBER   key  0 i64 member id
 *          body 0 i64 index of the entry that changed it   8 i64 store id   16 u8 flags (1 learner, 2 removed)
 *               17 u8 format, 1   18 u16 reserved, 0
 *               20 u32 length of the name   24 u32 length of the peer URLs   28 u32 length of the client URLs
 *               32 name, peer URLs, client URLs; UTF-8, URLs separated by a line feed
 * CLUSTER  key  "version"
 *          body 0 i64 index of the entry that changed it   8 u16 major   10 u16 minor
 * </pre>
 */
final class SystemRows
{
    static final int ID_KEY_LENGTH = 8;
    static final int ALARM_KEY_LENGTH = 9;
    static final int LEASE_LENGTH = 8;
    static final int VERSION_LENGTH = 12;

    private static final int MEMBER_STORE_ID_OFFSET = 8;
    private static final int MEMBER_FLAGS_OFFSET = 16;
    private static final int MEMBER_FORMAT_OFFSET = 17;
    private static final int MEMBER_RESERVED_OFFSET = 18;
    private static final int MEMBER_LENGTHS_OFFSET = 20;
    private static final int MEMBER_TEXTS_OFFSET = 32;
    private static final int MEMBER_FLAG_LEARNER = 1;
    private static final int MEMBER_FLAG_REMOVED = 2;
    private static final byte MEMBER_FORMAT = 1;
    private static final int MAJOR_OFFSET = 8;
    private static final int MINOR_OFFSET = 10;

    private SystemRows()
    {
    }

    static void putId(final MutableDirectBuffer key, final long id)
    {
        key.putLong(0, id, ByteOrder.BIG_ENDIAN);
    }

    static long id(final DirectBuffer key, final int offset, final int length)
    {
        check(ID_KEY_LENGTH == length, "key", length);
        return key.getLong(offset, ByteOrder.BIG_ENDIAN);
    }

    static void putLease(final MutableDirectBuffer body, final long ttlSeconds)
    {
        body.putLong(0, ttlSeconds, ByteOrder.LITTLE_ENDIAN);
    }

    static long leaseTtl(final RecordView row)
    {
        check(LEASE_LENGTH == row.bodyLength(), "lease", row.bodyLength());
        return row.buffer().getLong(row.bodyOffset(), ByteOrder.LITTLE_ENDIAN);
    }

    static void putAlarmKey(final MutableDirectBuffer key, final long memberId, final int alarm)
    {
        key.putLong(0, memberId, ByteOrder.BIG_ENDIAN);
        key.putByte(ID_KEY_LENGTH, (byte)alarm);
    }

    static long alarmMemberId(final DirectBuffer key, final int offset, final int length)
    {
        check(ALARM_KEY_LENGTH == length, "alarm key", length);
        return key.getLong(offset, ByteOrder.BIG_ENDIAN);
    }

    static int alarm(final DirectBuffer key, final int offset)
    {
        return key.getByte(offset + ID_KEY_LENGTH) & 0xFF;
    }

    /**
     * @return length of the body.
     */
    static int putMember(final MutableDirectBuffer body, final Member member, final long index)
    {
        final byte[] name = member.name().getBytes(StandardCharsets.UTF_8);
        final byte[] peerUrls = Urls.join(member.peerUrls()).getBytes(StandardCharsets.UTF_8);
        final byte[] clientUrls = Urls.join(member.clientUrls()).getBytes(StandardCharsets.UTF_8);
        putMemberHead(body, index, member.storeId(), member.isLearner() ? MEMBER_FLAG_LEARNER : 0);
        int at = MEMBER_TEXTS_OFFSET;
        int lengthAt = MEMBER_LENGTHS_OFFSET;
        for (final byte[] text : new byte[][]{name, peerUrls, clientUrls})
        {
            body.putInt(lengthAt, text.length, ByteOrder.LITTLE_ENDIAN);
            body.putBytes(at, text);
            lengthAt += Integer.BYTES;
            at += text.length;
        }
        return at;
    }

    /**
     * @return length of the body.
     */
    static int putRemovedMember(final MutableDirectBuffer body, final long index)
    {
        putMemberHead(body, index, 0, MEMBER_FLAG_REMOVED);
        body.putInt(MEMBER_LENGTHS_OFFSET, 0);
        body.putInt(MEMBER_LENGTHS_OFFSET + Integer.BYTES, 0);
        body.putInt(MEMBER_LENGTHS_OFFSET + 2 * Integer.BYTES, 0);
        return MEMBER_TEXTS_OFFSET;
    }

    static boolean isRemovedMember(final RecordView row)
    {
        check(row.bodyLength() >= MEMBER_TEXTS_OFFSET, "member", row.bodyLength());
        check(MEMBER_FORMAT == row.buffer().getByte(row.bodyOffset() + MEMBER_FORMAT_OFFSET), "member format",
            row.bodyLength());
        return 0 != (row.buffer().getByte(row.bodyOffset() + MEMBER_FLAGS_OFFSET) & MEMBER_FLAG_REMOVED);
    }

    static long changeIndex(final RecordView row)
    {
        return row.buffer().getLong(row.bodyOffset(), ByteOrder.LITTLE_ENDIAN);
    }

    static Member member(final long id, final RecordView row)
    {
        final DirectBuffer buffer = row.buffer();
        final int offset = row.bodyOffset();
        int at = offset + MEMBER_TEXTS_OFFSET;
        final String[] texts = new String[3];
        for (int i = 0; i < texts.length; i++)
        {
            final int length = buffer.getInt(
                offset + MEMBER_LENGTHS_OFFSET + i * Integer.BYTES, ByteOrder.LITTLE_ENDIAN);
            check(length >= 0 && length <= offset + row.bodyLength() - at, "member text", length);
            final byte[] bytes = new byte[length];
            buffer.getBytes(at, bytes);
            texts[i] = new String(bytes, StandardCharsets.UTF_8);
            at += length;
        }
        final List<String> peerUrls = Urls.split(texts[1]);
        final List<String> clientUrls = Urls.split(texts[2]);
        final boolean isLearner = 0 != (buffer.getByte(offset + MEMBER_FLAGS_OFFSET) & MEMBER_FLAG_LEARNER);
        final long storeId = buffer.getLong(offset + MEMBER_STORE_ID_OFFSET, ByteOrder.LITTLE_ENDIAN);
        return new Member(id, texts[0], peerUrls, clientUrls, isLearner, storeId);
    }

    static void putVersion(final MutableDirectBuffer body, final long index, final int major, final int minor)
    {
        body.putLong(0, index, ByteOrder.LITTLE_ENDIAN);
        body.putShort(MAJOR_OFFSET, (short)major, ByteOrder.LITTLE_ENDIAN);
        body.putShort(MINOR_OFFSET, (short)minor, ByteOrder.LITTLE_ENDIAN);
    }

    static int versionMajor(final RecordView row)
    {
        check(VERSION_LENGTH == row.bodyLength(), "version", row.bodyLength());
        return row.buffer().getShort(row.bodyOffset() + MAJOR_OFFSET, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
    }

    static int versionMinor(final RecordView row)
    {
        return row.buffer().getShort(row.bodyOffset() + MINOR_OFFSET, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
    }

    private static void putMemberHead(
        final MutableDirectBuffer body, final long index, final long storeId, final int flags)
    {
        body.putLong(0, index, ByteOrder.LITTLE_ENDIAN);
        body.putLong(MEMBER_STORE_ID_OFFSET, storeId, ByteOrder.LITTLE_ENDIAN);
        body.putByte(MEMBER_FLAGS_OFFSET, (byte)flags);
        body.putByte(MEMBER_FORMAT_OFFSET, MEMBER_FORMAT);
        body.putShort(MEMBER_RESERVED_OFFSET, (short)0);
    }

    private static void check(final boolean holds, final String what, final int length)
    {
        if (!holds)
        {
            throw new IllegalStateException("malformed system row: " + what + " of length " + length);
        }
    }
}
