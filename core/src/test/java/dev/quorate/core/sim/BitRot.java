package dev.quorate.core.sim;

import dev.quorate.core.log.LogImage;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Damages a file of a member that does not run, as a device does that forgets: a bit, some bits side by side, or a
 * sector of nonsense. Every kind of file is hit, log and records more often than others.
 */
final class BitRot
{
    private static final int SECTOR = 512;
    private static final int TRIES = 20;
    private static final int SLOT_LENGTH = 4096;
    private static final String TERM = "term";
    private static final String LOG = "log";
    private static final String STORE = "store";
    private static final String SEGMENT = "segment";
    private static final int WEIGHT = 3;

    private final SimulatedRng rng;

    BitRot(final SimulatedRng rng)
    {
        this.rng = rng;
    }

    /**
     * @param disk     at rest.
     * @param appended position up to which the log was written.
     * @return what was damaged, null if nothing was.
     */
    String damage(final SimulatedDisk disk, final long appended)
    {
        final LogImage image = new LogImage(disk, LOG, TERM, appended);
        final TreeMap<String, List<String>> kinds = kindsOf(disk);
        final List<List<String>> all = new ArrayList<>(kinds.values());
        // most of what a member knows is in these
        for (final String kind : new String[]{LOG, SEGMENT})
        {
            for (int i = 0; i < WEIGHT && kinds.containsKey(kind); i++)
            {
                all.add(kinds.get(kind));
            }
        }
        for (int i = 0; i < TRIES; i++)
        {
            final List<String> files = all.get(rng.nextInt(all.size()));
            final String path = files.get(rng.nextInt(files.size()));
            final int length = (int)disk.length(path);
            if (length > 0)
            {
                final int span = rng.nextInt(3) > 0 ? 1 : rng.nextInt(2) == 0 ? 8 : Math.min(length, SECTOR);
                // most of a file is room, and what matters lies at its begin
                final int within = rng.nextInt(2) == 0 ? length : Math.min(length, 2 * SLOT_LENGTH);
                final int offset = rng.nextInt(Math.max(1, within - span + 1));
                if (isFair(image, path, offset, span))
                {
                    flip(disk, path, offset, span);
                    return path + " at offset " + offset + ", " + span + " bytes";
                }
            }
        }
        return null;
    }

    private void flip(final SimulatedDisk disk, final String path, final int offset, final int span)
    {
        for (int at = offset; at < offset + span; at++)
        {
            final long bit = 8L * at + rng.nextInt(8);
            if (span == 1 || rng.nextInt(2) == 0)
            {
                disk.flipBit(path, bit);
            }
        }
    }

    /** Damage that nobody could tell from a write that power cut off is none of what a member can notice. */
    private static boolean isFair(final LogImage image, final String path, final int offset, final int span)
    {
        boolean isFair = true;
        for (int at = offset; at < offset + span; at++)
        {
            final boolean isOneSlot = at / SLOT_LENGTH == offset / SLOT_LENGTH;
            isFair &= path.equals(TERM) ? isOneSlot :
                !path.startsWith(LOG) || image.isJudgeable(path, at);
        }
        return isFair;
    }

    private static TreeMap<String, List<String>> kindsOf(final SimulatedDisk disk)
    {
        final TreeMap<String, List<String>> kinds = new TreeMap<>();
        kinds.put(TERM, List.of(TERM));
        for (final String name : disk.list(LOG))
        {
            kinds.computeIfAbsent(LOG, (kind) -> new ArrayList<>()).add(LOG + "/" + name);
        }
        for (final String name : disk.list(STORE))
        {
            final int dash = name.indexOf('-');
            kinds.computeIfAbsent(dash < 0 ? name : name.substring(0, dash), (kind) -> new ArrayList<>())
                .add(STORE + "/" + name);
        }
        return kinds;
    }
}
