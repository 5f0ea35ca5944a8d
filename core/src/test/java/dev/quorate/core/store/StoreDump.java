package dev.quorate.core.store;

import dev.quorate.core.store.index.IndexCursor;
import dev.quorate.core.store.index.KeyIndex;
import dev.quorate.core.store.index.RowWalker;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayList;
import java.util.List;

/**
 * What a store holds in memory, as lines that can be compared: rows with all columns, lease tree, system rows, bounds
 * of revisions; and, once a compaction has settled, which records live.
 */
final class StoreDump
{
    private final Store store;
    private final StoreParts parts;
    private final List<String> lines = new ArrayList<>();

    private StoreDump(final Store store)
    {
        this.store = store;
        this.parts = store.housekeeping().parts();
    }

    /** Rows, trees and bounds. */
    static List<String> of(final Store store)
    {
        final StoreDump dump = new StoreDump(store);
        dump.lines.add("raft index " + store.raftIndex() + ", revision " + store.revision() + ", compacted " +
            store.compactRevision() + ", end " + store.bound() + ", hash " + store.streamHash() + ", alive " +
            store.liveKeys() + " of " + dump.parts.trees.keys.size());
        dump.rows();
        dump.words("lease", dump.parts.trees.leases);
        dump.words("system", dump.parts.trees.system);
        dump.bounds();
        return dump.lines;
    }

    /** Records of the files that are neither dead nor gone, once everything is written out. */
    static List<String> recordsOf(final Store store)
    {
        final StoreDump dump = new StoreDump(store);
        final CompactionMark marked = dump.parts.marked;
        dump.lines.add("marked " + marked.revision + " to " + marked.bound);
        for (final StoreFile file : dump.parts.files.sealed)
        {
            dump.records(file);
        }
        if (null != dump.parts.files.active)
        {
            dump.records(dump.parts.files.active);
        }
        return dump.lines;
    }

    private void records(final StoreFile file)
    {
        for (int i = 0; i < file.records; i++)
        {
            if (!file.isDead(i))
            {
                lines.add("record " + file.lpOf(i));
            }
        }
    }

    private void rows()
    {
        final RowWalker rows = parts.trees.keys.newWalker();
        rows.seek(new UnsafeBuffer(new byte[0]), 0, 0);
        while (rows.next())
        {
            final boolean isTombstone = 0 != (rows.flags() & KeyIndex.FLAG_TOMBSTONE);
            // nobody asks when a key began that is deleted in every state which can be read
            final boolean isCreateKept = !isTombstone || rows.modRevision() > store.compactRevision();
            lines.add(text(rows.key(), rows.keyLength()) + ": lp " + rows.lp() + " flags " + rows.flags() +
                " create " + (isCreateKept ? rows.createRevision() : 0) + " mod " + rows.modRevision() +
                " version " + rows.version() + " frame " + rows.frameLength() + " ordinal " + rows.chainOrdinal() +
                " lease " + rows.lease() + " skip " + rows.skipLp());
        }
    }

    private void words(final String name, final KeyIndex index)
    {
        lines.add(name + " rows " + index.size());
        final IndexCursor cursor = index.newCursor();
        cursor.seek(new UnsafeBuffer(new byte[0]), 0, 0);
        while (cursor.next())
        {
            lines.add(name + " " + text(cursor.key(), cursor.keyLength()) + ": " + cursor.word());
        }
    }

    private void bounds()
    {
        final RevisionLocator locator = new RevisionLocator(
            parts.directory, parts.ring, parts.published, new RecordReader(parts.directory));
        for (long revision = Math.max(1, store.compactRevision()); revision <= store.revision(); revision++)
        {
            lines.add("bound " + revision + ": " + locator.boundOf(revision, store.revision()));
        }
    }

    private static String text(final DirectBuffer buffer, final int length)
    {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++)
        {
            final int value = buffer.getByte(i) & 0xFF;
            text.append(value > 32 && value < 127 ? String.valueOf((char)value) : "\\" + value);
        }
        return text.toString();
    }
}
