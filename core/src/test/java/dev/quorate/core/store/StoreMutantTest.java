package dev.quorate.core.store;

import dev.quorate.core.mutant.Edit;
import dev.quorate.core.mutant.MutantLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

/**
 * Threads change places at every step of publishing and reading: readers see exact states, and each way to break the
 * rules of publication is found.
 */
class StoreMutantTest
{
    private static final long SEEDS = 40;
    private static final String AT = "dev.quorate.core.store.Interleaving.at();\n";

    /** Where threads change places: P1 to P6 on the writer's side, R0 to R5 on the readers'. */
    private static final List<Edit> POINTS = List.of(
        new Edit("store/Trees.java", "new IndexArena(epochs, maxBytes)", "new IndexArena(epochs, maxBytes, true)"),
        point("store/Store.java", "        trees.store(\n            key, keyOffset,"),
        point("store/Store.java", "        trees.store(\n            key, offset,"),
        point("store/Store.java", "            ring.put(position.main, keyBound);\n"),
        point("store/Store.java", "            unpublished++;\n"),
        point("store/Store.java", "        // after all index words and ring slots of the revision;"),
        point("store/Store.java", "        if (position.compactRevision != published.compactPoint"),
        point("store/index/KeyIndex.java", "        // after create, so that a reader of the new word sees it;"),
        point("store/index/IndexArena.java", "            heap.free(node, size);\n"),
        point("store/index/TreePath.java", "        // pairs with the release store of a new root or child in"),
        point("store/index/TreePath.java", "            final int child = Node.childOf(node, base, key, length);\n"),
        point("store/index/IndexCursor.java", "        // pairs with the release store in KeyIndex.update"),
        point("store/RecordReader.java", "        final int found = null == segment ? -1 : segment.locate(lp);\n"),
        point("store/StoreReader.java", "            slot.pin(visible);\n"),
        point("store/StoreReader.java", "            if (isReplaced())\n"),
        new Edit("store/StoreReader.java",
            "            if (compacted <= visible)\n",
            "            dev.quorate.core.store.Interleaving.away();\n            if (compacted <= visible)\n"),
        point("store/StoreReader.java", "            lp = aliveLp();\n"));

    record Mutant(String name, List<Edit> edits)
    {
        @Override
        public String toString()
        {
            return name;
        }
    }

    static List<Mutant> mutants()
    {
        return List.of(
            new Mutant("root before the visible revision", List.of(
                new Edit("store/StoreReader.java",
                    "            final long visible = published.visible.getAcquire();\n            " + AT +
                        "            slot.pin(visible);\n",
                    "            slot.pin(published.visible.getAcquire());\n            cursor.holdRoot();\n" +
                        "            " + AT + "            final long visible = published.visible.getAcquire();\n"),
                new Edit("store/index/IndexCursor.java",
                    "    boolean hasColumns()\n",
                    "    public void holdRoot()\n    {\n        path.holdRoot();\n    }\n\n" +
                        "    boolean hasColumns()\n"),
                new Edit("store/index/TreePath.java",
                    "    /** Goes to the leaf in which a key belongs. */\n",
                    "    private long held;\n\n    void holdRoot()\n    {\n" +
                        "        held = Memory.i64Acquire(rootCell);\n    }\n\n"),
                new Edit("store/index/TreePath.java",
                    "        long node = Memory.i64Acquire(rootCell);\n",
                    "        long node = 0 == held ? Memory.i64Acquire(rootCell) : held;\n"))),
            new Mutant("visible revision before a word", List.of(
                new Edit("store/Store.java",
                    "        trees.store(\n            key, keyOffset,",
                    "        ring.put(main, lp + frameLength);\n        published.visible.setRelease(main);\n" +
                        "        " + AT + "        trees.store(\n            key, keyOffset,"))),
            new Mutant("bound after the visible revision", List.of(
                new Edit("store/Store.java", "            ring.put(position.main, keyBound);\n", ""),
                new Edit("store/Store.java",
                    "        if (position.compactRevision != published.compactPoint",
                    "        ring.put(position.main, keyBound);\n" +
                        "        if (position.compactRevision != published.compactPoint"))),
            new Mutant("answer before the visible revision", List.of(
                new Edit("store/Store.java",
                    "        published.visible.setRelease(position.main);\n        " + AT,
                    ""),
                new Edit("store/Store.java",
                    "        int work = tails.reclaim();\n",
                    "        published.visible.setRelease(position.main);\n        int work = tails.reclaim();\n"))),
            // without the fence the stores of a pin may be seen after the loads behind it
            new Mutant("missing fence of the pin", List.of(
                new Edit("store/StoreReader.java", "            slot.pin(visible);\n", ""),
                new Edit("store/StoreReader.java",
                    "                    pinned(visible, visible, found, false, compacted);\n",
                    "                    slot.pin(visible);\n" +
                        "                    pinned(visible, visible, found, false, compacted);\n"))),
            // without the fence the look at the slots may come before the unlinking
            new Mutant("missing fence of the look at the pins", List.of(
                new Edit("store/index/IndexArena.java",
                    "        final long minEpoch = epochs.minEpoch();\n        int freed = 0;\n",
                    "        final long minEpoch = lookedAt;\n        lookedAt = epochs.minEpoch();\n" +
                        "        int freed = 0;\n"),
                new Edit("store/index/IndexArena.java",
                    "    private long lastTag = -1;\n",
                    "    private long lastTag = -1;\n    private long lookedAt;\n"))),
            new Mutant("node freed one epoch early", List.of(
                new Edit("store/index/IndexArena.java",
                    "limboTags[(int)limboHead & limboTags.length - 1] < minEpoch",
                    "limboTags[(int)limboHead & limboTags.length - 1] <= minEpoch"))));
    }

    @Test
    void readersSeeExactStatesWhereverThreadsChangePlaces() throws Exception
    {
        assertNull(firstFailure(POINTS));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void brokenRuleOfPublicationIsFound(final Mutant mutant) throws Exception
    {
        final List<Edit> edits = new ArrayList<>(POINTS);
        edits.addAll(mutant.edits);
        final String failure = firstFailure(edits);
        assertNotNull(failure, () -> mutant + " was not found in " + SEEDS + " seeds");
        System.out.println(
            "planted: " + mutant + ", found by " + failure.substring(0, Math.min(120, failure.length())));
    }

    private static String firstFailure(final List<Edit> edits) throws Exception
    {
        return (String)MutantLoader.of(edits).loadClass(InterleavedRun.class.getName())
            .getMethod("firstFailure", long.class, long.class).invoke(null, 1, SEEDS);
    }

    /** A point before a line. */
    private static Edit point(final String source, final String line)
    {
        final int indent = line.length() - line.stripLeading().length();
        return new Edit(source, line, line.substring(0, indent) + AT + line);
    }
}
