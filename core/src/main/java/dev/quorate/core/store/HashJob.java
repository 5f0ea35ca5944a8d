package dev.quorate.core.store;

/** Slot in which one thread asks housekeeping for hashes. */
public final class HashJob
{
    HashJob()
    {
    }

    /** Asks for HashKV at a revision, 0 for the newest. */
    public void submitHashKv(final long revision)
    {
        throw new IllegalStateException("store is not open");
    }

    /** @return true once the answer is there; it stays until the next submit. */
    public boolean isDone()
    {
        throw new IllegalStateException("store is not open");
    }

    /** @return StoreReader.OK, COMPACTED or FUTURE. */
    public int status()
    {
        throw new IllegalStateException("store is not open");
    }

    /** @return CRC-32C as u32. */
    public int hash()
    {
        throw new IllegalStateException("store is not open");
    }

    /** @return compact revision the hash stands on, -1 if none. */
    public long compactRevision()
    {
        throw new IllegalStateException("store is not open");
    }

    /** @return revision hashed. */
    public long hashRevision()
    {
        throw new IllegalStateException("store is not open");
    }

    /** @return newest visible revision when the hash was taken. */
    public long currentRevision()
    {
        throw new IllegalStateException("store is not open");
    }
}
