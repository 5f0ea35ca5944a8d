package dev.quorate.core.store;

import dev.quorate.core.store.index.EpochRegistry;
import dev.quorate.core.store.index.ReaderSlot;

/**
 * Keeps files and buffers in place while the apply thread reads old records; taken at the first such read of an entry
 * or
 * slice. Nothing that apply refers to can die meanwhile, so no revision is held.
 */
final class WriterPin
{
    private final ReaderSlot slot;
    private boolean isPinned;

    WriterPin(final ReaderSlot slot)
    {
        this.slot = slot;
    }

    void pin()
    {
        if (!isPinned)
        {
            isPinned = true;
            slot.pin(EpochRegistry.IDLE);
        }
    }

    void unpin()
    {
        if (isPinned)
        {
            isPinned = false;
            slot.unpin();
        }
    }
}
