package dev.quorate.core.store;

/** The cold half of the store: files, marks, compaction, hashes. */
public final class HousekeepingStore
{
    HousekeepingStore()
    {
    }

    /** One bounded turn. @return how much was done, 0 if nothing. */
    public int doWork()
    {
        throw new IllegalStateException("store is not open");
    }
}
