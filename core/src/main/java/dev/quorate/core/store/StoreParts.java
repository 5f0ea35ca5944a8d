package dev.quorate.core.store;

import dev.quorate.core.store.index.PurgeBatch;

/** What recovery hands to the writer and to housekeeping. Plain holder. */
final class StoreParts
{
    private static final int PURGE_KEYS = 64 * 1024;
    private static final int PURGE_BYTES = 8 * 1024 * 1024;

    final StoreContext context;
    /** Number of the view: grows by one with each snapshot that replaces it. */
    final long number;
    final Published published = new Published();
    final SegmentDirectory directory = new SegmentDirectory();
    final RevisionRing ring;
    final PurgeBatch purgeBatch = new PurgeBatch(PURGE_KEYS, PURGE_BYTES);
    final EntryPosition position = new EntryPosition();
    final FileTable files;
    final DurableMark mark = new DurableMark();
    final CompactionMark marked = new CompactionMark();
    MarkFile markFile;
    Trees trees;
    /** Where recovery began to go over the records: 0, or where the checkpoint of the index began. */
    long rolledFromLp;

    StoreParts(final StoreContext context, final long number)
    {
        this.context = context;
        this.number = number;
        ring = new RevisionRing(context.ringLength());
        trees = new Trees(context.maxIndexBytes());
        files = new FileTable(context, directory, published);
    }

    /** Recovery: the trees are empty again. */
    void resetTrees()
    {
        trees.arena.close();
        trees = new Trees(context.maxIndexBytes());
    }
}
