package dev.quorate.core.node;

import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.RingMessages;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * Results of applied entries, and marks between them, that wait until what they show is published, in the order of
 * application. A loop's ring that has no room keeps its results, and those behind them, here: apply pauses meanwhile,
 * so the stage stays bounded by one turn.
 * <p>
 * Owned by the apply thread.
 */
final class ResultStage
{
    private static final int LENGTH_FIELD = 8;
    private static final int TYPE_SHIFT = 16;
    private static final int LOOP_MASK = 0xFFFF;

    private final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer(256 * 1024);
    private final LoopRings[] loops;
    private final boolean[] isTouched;
    private int head;
    private int tail;

    ResultStage(final LoopRings[] loops)
    {
        this.loops = loops;
        this.isTouched = new boolean[loops.length];
    }

    /**
     * Keeps a message.
     *
     * @param type   {@link RingMessages#RESULT} or a mark between results.
     * @param loopId of the loop that asked.
     * @param source holding the message.
     * @param offset of it.
     * @param length of it, bytes.
     */
    void add(final int type, final int loopId, final DirectBuffer source, final int offset, final int length)
    {
        buffer.putInt(tail, type << TYPE_SHIFT | loopId);
        buffer.putInt(tail + 4, length);
        buffer.putBytes(tail + LENGTH_FIELD, source, offset, length);
        tail += LENGTH_FIELD + ((length + 7) & ~7);
    }

    /**
     * Delivers what can be delivered.
     *
     * @return how many results were delivered.
     */
    int flush()
    {
        int count = 0;
        while (head < tail)
        {
            final int loopId = buffer.getInt(head) & LOOP_MASK;
            final int type = buffer.getInt(head) >>> TYPE_SHIFT;
            final int length = buffer.getInt(head + 4);
            if (!loops[loopId].fromApply().write(type, buffer, head + LENGTH_FIELD, length))
            {
                break;
            }
            isTouched[loopId] = true;
            head += LENGTH_FIELD + ((length + 7) & ~7);
            count++;
        }
        if (head == tail)
        {
            head = 0;
            tail = 0;
        }
        return count;
    }

    /**
     * @return true if all results were delivered.
     */
    boolean isEmpty()
    {
        return head == tail;
    }

    /**
     * @return bytes that wait.
     */
    int length()
    {
        return tail - head;
    }

    /**
     * Wakes the loops that got results or whose awaited index is applied.
     *
     * @param appliedIndex published before, with a full fence between.
     */
    void signal(final long appliedIndex)
    {
        for (int i = 0; i < loops.length; i++)
        {
            if (isTouched[i] || loops[i].awaitedIndex() <= appliedIndex)
            {
                isTouched[i] = false;
                loops[i].signalLoop();
            }
        }
    }
}
