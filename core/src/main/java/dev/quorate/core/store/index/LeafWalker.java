package dev.quorate.core.store.index;

import org.agrona.MutableDirectBuffer;

/**
 * Walks the leaves of an index in key order and copies them as they are, for checkpoints. The index may be written
 * meanwhile: an image may then show some values of a row before a change and others after it, each of them whole, and
 * whoever uses the image must set every row anew that changed since the walk began. Between two slices the pin may end;
 * the walk goes on behind the last key that it passed, even if leaves were split or merged there, so that the images
 * hold every key that was there all the time exactly once.
 * <p>
 * Owner: one thread, whose slot is pinned from {@link #resume()} to the last use of the image.
 */
public final class LeafWalker
{
    private static final int INITIAL_KEY_CAPACITY = 256;

    private final TreePath path;
    private final ReaderSlot slot;

    private byte[] lastKey = new byte[INITIAL_KEY_CAPACITY];
    private int lastLength;
    private boolean hasPassed;
    private boolean isEntered;
    private int skip;

    LeafWalker(final TreePath path, final ReaderSlot slot)
    {
        this.path = path;
        this.slot = slot;
    }

    /**
     * Goes before the first leaf.
     */
    public void restart()
    {
        hasPassed = false;
        lastLength = 0;
        isEntered = false;
    }

    /**
     * To be called after each pin, before {@link #next()}.
     */
    public void resume()
    {
        if (!slot.isPinned())
        {
            throw new IllegalStateException("leaves are walked without a pin: " + slot);
        }
        isEntered = false;
    }

    /**
     * Goes to the next leaf that holds a key behind the last one passed.
     *
     * @return false if there is none.
     */
    public boolean next()
    {
        if (!isEntered)
        {
            isEntered = true;
            path.descend(lastKey, Memory.ARRAY_BASE, lastLength);
            skip = hasPassed ? passedOf(path.leaf) : 0;
            if (skip < Node.count(path.leaf))
            {
                return true;
            }
        }
        skip = 0;
        while (path.descendNext())
        {
            if (Node.count(path.leaf) > 0)
            {
                return true;
            }
        }
        return false;
    }

    /**
     * @return bytes of the leaf's image.
     */
    public int length()
    {
        return Node.sizeBytes(path.leaf);
    }

    /**
     * @return rows of the leaf.
     */
    public int rows()
    {
        return Node.count(path.leaf);
    }

    /**
     * @return how many rows of the leaf, its first ones, have been passed before and do not count.
     */
    public int skip()
    {
        return skip;
    }

    /**
     * Copies the leaf and passes it.
     *
     * @param target of the image.
     * @param offset in the target, where {@link #length()} bytes are free.
     * @return the highest position of a record that a word of the image names, -1 if it has no word.
     */
    public long copy(final MutableDirectBuffer target, final int offset)
    {
        final long leaf = path.leaf;
        final int length = length();
        target.boundsCheck(offset, length);
        final Object base = target.byteArray();
        final long place = target.addressOffset() + offset;
        final int count = Node.count(leaf);
        Memory.copy(null, leaf, base, place, length);
        long highest = -1;
        for (int i = 0; i < count; i++)
        {
            // once more, each whole: the word tells the highest position; pairs with the release in KeyIndex.update
            final long word = Memory.i64Acquire(Node.slot(leaf, i));
            target.putLong(offset + Node.SLOTS + (i << 3), word);
            highest = Math.max(highest, Row.lp(word));
        }
        pass(leaf, count - 1);
        return highest;
    }

    /**
     * @return the last key passed, its first {@link #lastKeyLength()} bytes; valid until the next copy.
     */
    public byte[] lastKey()
    {
        return lastKey;
    }

    /**
     * @return bytes of the last key passed.
     */
    public int lastKeyLength()
    {
        return lastLength;
    }

    private int passedOf(final long leaf)
    {
        final int found = Node.search(leaf, lastKey, Memory.ARRAY_BASE, lastLength);
        return found >= 0 ? found + 1 : ~found;
    }

    private void pass(final long leaf, final int index)
    {
        final int prefixLength = Node.prefixLength(leaf);
        final long prefix = Node.prefix(leaf);
        final int from = Node.keyOffset(leaf, index);
        final int rest = Node.keyOffset(leaf, index + 1) - from;
        lastLength = prefixLength + rest;
        if (lastKey.length < lastLength)
        {
            lastKey = new byte[Math.max(lastLength, lastKey.length << 1)];
        }
        Memory.copy(null, prefix, lastKey, Memory.ARRAY_BASE, prefixLength);
        Memory.copy(null, prefix + prefixLength + from, lastKey, Memory.ARRAY_BASE + prefixLength, rest);
        hasPassed = true;
    }
}
