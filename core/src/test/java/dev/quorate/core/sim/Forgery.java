package dev.quorate.core.sim;

import dev.quorate.core.codec.peer.AppendEncoder;
import dev.quorate.core.codec.peer.AppendResponseEncoder;
import dev.quorate.core.codec.peer.EntryChunkDecoder;
import dev.quorate.core.codec.peer.EntryChunkEncoder;
import dev.quorate.core.codec.peer.ForwardDecoder;
import dev.quorate.core.codec.peer.ForwardEncoder;
import dev.quorate.core.codec.peer.HeartbeatEncoder;
import dev.quorate.core.codec.peer.HeartbeatResponseEncoder;
import dev.quorate.core.codec.peer.HelloAnswerEncoder;
import dev.quorate.core.codec.peer.HelloDecoder;
import dev.quorate.core.codec.peer.HelloEncoder;
import dev.quorate.core.codec.peer.HelloRequestEncoder;
import dev.quorate.core.codec.peer.MessageHeaderDecoder;
import dev.quorate.core.codec.peer.ReadIndexResponseEncoder;
import dev.quorate.core.codec.peer.SnapshotOfferEncoder;
import dev.quorate.core.codec.peer.SnapshotStatusEncoder;
import dev.quorate.core.codec.peer.VoteRequestEncoder;
import dev.quorate.core.seam.SimulatedRng;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What is wrong with a message that must be dropped: each makes one out of a message that was right.
 */
enum Forgery
{
    /** Meant for another member, as when an address was given to this one. */
    ANOTHER_RECEIVER(false, false),
    /** Another member says that it sent it, on a session that is not its own. */
    ANOTHER_SENDER(false, false),
    /** Its end is missing. */
    CUT_SHORT(false, false),
    /** Of no length that a member sends, an index or round that nobody can have reached, or for another boot. */
    IMPOSSIBLE_NUMBER(false, false),
    /** Nobody said hello on its session. */
    UNBOUND_SESSION(false, true),
    /** A hello of another cluster. */
    ANOTHER_CLUSTER(true, true),
    /** A hello of the same member with another disk. */
    ANOTHER_STORE(true, true),
    /** A hello of a boot that ended, and messages behind it. */
    OLD_BOOT(true, true);

    static final Forgery[] VALUES = values();
    private static final int HEADER_LENGTH = MessageHeaderDecoder.ENCODED_LENGTH;
    private static final int FROM_OFFSET = HEADER_LENGTH;
    private static final int TO_OFFSET = HEADER_LENGTH + Long.BYTES;
    private static final long FAR = 1L << 40;

    /** Made of a hello. */
    final boolean isHello;
    final boolean isOnNewSession;

    Forgery(final boolean isHello, final boolean isOnNewSession)
    {
        this.isHello = isHello;
        this.isOnNewSession = isOnNewSession;
    }

    /**
     * @param right     message.
     * @param knownBoot of its sender that the receiver has heard, 0 for none.
     * @param term      of the receiver.
     * @param lastIndex of the receiver.
     * @param rng       to choose by.
     * @return the wrong message; null if this one cannot be made wrong in this way.
     */
    byte[] forge(
        final byte[] right, final long knownBoot, final long term, final long lastIndex, final SimulatedRng rng)
    {
        final byte[] wrong = right.clone();
        final UnsafeBuffer buffer = new UnsafeBuffer(wrong);
        return switch (this)
        {
            case ANOTHER_RECEIVER ->
            {
                buffer.putLong(TO_OFFSET, buffer.getLong(TO_OFFSET) ^ 1L << 20);
                yield wrong;
            }
            case ANOTHER_SENDER ->
            {
                buffer.putLong(FROM_OFFSET, buffer.getLong(FROM_OFFSET) ^ 1L << 20);
                yield wrong;
            }
            case CUT_SHORT -> Arrays.copyOf(wrong, wrong.length - 1 - rng.nextInt(Math.min(16, wrong.length - 1)));
            case UNBOUND_SESSION ->
                HelloDecoder.TEMPLATE_ID == new MessageHeaderDecoder().wrap(buffer, 0).templateId() ? null : wrong;
            case IMPOSSIBLE_NUMBER -> impossible(buffer, term, lastIndex, rng) ? wrong : null;
            default -> hello(buffer, knownBoot, rng) ? wrong : null;
        };
    }

    private boolean hello(final UnsafeBuffer buffer, final long knownBoot, final SimulatedRng rng)
    {
        final HelloDecoder right = new HelloDecoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderDecoder());
        final HelloEncoder wrong = new HelloEncoder().wrap(buffer, HEADER_LENGTH);
        if (this == ANOTHER_CLUSTER)
        {
            wrong.clusterId(right.clusterId() ^ 1);
            return true;
        }
        if (this == ANOTHER_STORE)
        {
            wrong.storeId(right.storeId() ^ 1).bootId(knownBoot + rng.nextInt(2));
            return knownBoot > 0;
        }
        wrong.bootId(knownBoot - 1).epoch(FAR);
        return knownBoot > 1;
    }

    /** What a receiver answers although the term is over changes nothing either, but is no drop. */
    private static boolean impossible(
        final UnsafeBuffer buffer, final long term, final long lastIndex, final SimulatedRng rng)
    {
        final long below = -1 - rng.nextLong(FAR);
        switch (new MessageHeaderDecoder().wrap(buffer, 0).templateId())
        {
            case VoteRequestEncoder.TEMPLATE_ID -> new VoteRequestEncoder().wrap(buffer, HEADER_LENGTH)
                .lastLogIndex(below);
            case AppendResponseEncoder.TEMPLATE_ID -> new AppendResponseEncoder().wrap(buffer, HEADER_LENGTH)
                .term(term)
                .success((short)rng.nextInt(2))
                .matchIndex(rng.nextInt(4) == 0 ? below : lastIndex + 1 + rng.nextLong(1 + rng.nextLong(FAR)));
            case HeartbeatEncoder.TEMPLATE_ID -> new HeartbeatEncoder().wrap(buffer, HEADER_LENGTH)
                .commitIndex(below);
            case HeartbeatResponseEncoder.TEMPLATE_ID -> new HeartbeatResponseEncoder().wrap(buffer, HEADER_LENGTH)
                .term(term)
                .readRound(rng.nextInt(4) == 0 ? below : FAR + rng.nextLong(FAR));
            case AppendEncoder.TEMPLATE_ID -> impossibleAppend(buffer, rng);
            case EntryChunkEncoder.TEMPLATE_ID -> new EntryChunkEncoder().wrap(buffer, HEADER_LENGTH)
                .index(new EntryChunkDecoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderDecoder()).index() + 1);
            case ForwardEncoder.TEMPLATE_ID -> new ForwardEncoder().wrap(buffer, HEADER_LENGTH)
                .toBootId(new ForwardDecoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderDecoder()).toBootId() ^ 1)
                .sequence(FAR);
            case ReadIndexResponseEncoder.TEMPLATE_ID -> new ReadIndexResponseEncoder().wrap(buffer, HEADER_LENGTH)
                .index(below);
            case SnapshotOfferEncoder.TEMPLATE_ID -> new SnapshotOfferEncoder().wrap(buffer, HEADER_LENGTH)
                .index(below);
            case SnapshotStatusEncoder.TEMPLATE_ID -> new SnapshotStatusEncoder().wrap(buffer, HEADER_LENGTH)
                .index(below);
            case HelloEncoder.TEMPLATE_ID -> new HelloEncoder().wrap(buffer, HEADER_LENGTH).bootId(0);
            case HelloAnswerEncoder.TEMPLATE_ID -> new HelloAnswerEncoder().wrap(buffer, HEADER_LENGTH).epoch(FAR);
            case HelloRequestEncoder.TEMPLATE_ID -> new HelloRequestEncoder().wrap(buffer, HEADER_LENGTH)
                .streamClass((short)7);
            default ->
            {
                return false;
            }
        }
        return true;
    }

    private static void impossibleAppend(final UnsafeBuffer buffer, final SimulatedRng rng)
    {
        final AppendEncoder append = new AppendEncoder().wrap(buffer, HEADER_LENGTH);
        final int tail = HEADER_LENGTH + AppendEncoder.BLOCK_LENGTH;
        switch (rng.nextInt(buffer.capacity() > tail ? 4 : 3))
        {
            case 0 -> append.prevIndex(-1 - rng.nextLong(FAR));
            case 1 -> append.prevTerm(FAR);
            case 2 -> append.entryCount(buffer.getInt(HEADER_LENGTH + AppendEncoder.entryCountEncodingOffset(),
                ByteOrder.LITTLE_ENDIAN) + 1);
            default ->
            {
                final int at = tail + rng.nextInt(buffer.capacity() - tail);
                buffer.putByte(at, (byte)(buffer.getByte(at) ^ 1 << rng.nextInt(8)));
            }
        }
    }
}
