package dev.quorate.core.store;

import org.agrona.DirectBuffer;

/** Scan of the writer, apply thread. */
public final class LeaseScan
{
    LeaseScan()
    {
    }

    /** @return false at the end. */
    public boolean next()
    {
        throw new IllegalStateException("store is not open");
    }

    /** @return buffer with the key, valid until next(). */
    public DirectBuffer key()
    {
        throw new IllegalStateException("store is not open");
    }

    /** @return where it begins. */
    public int keyOffset()
    {
        throw new IllegalStateException("store is not open");
    }

    /** @return its length, bytes. */
    public int keyLength()
    {
        throw new IllegalStateException("store is not open");
    }

}
