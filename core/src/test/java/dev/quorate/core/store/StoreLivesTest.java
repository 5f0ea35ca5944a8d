package dev.quorate.core.store;

import dev.quorate.core.mutant.Edit;
import dev.quorate.core.mutant.MutantLoader;
import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

/** Members that live differently write the same stream and answer the same hashes. */
class StoreLivesTest
{
    private static final long SEEDS = 6;

    @Test
    void bufferSizesCleaningPaceRestartsAndSnapshotsDoNotShowInTheStream() throws Exception
    {
        assertNull(StoreLives.firstDifference(1, SEEDS));
    }

    @Test
    void memberWhoseStreamShowsWhetherItHasPurgedIsFound() throws Exception
    {
        assertNotNull(MutantLoader.of(List.of(new Edit(
            "store/KeyLink.java",
            "isFound && !(index.isTombstone() && index.modRevision() < compactRevision);",
            "isFound;"))).loadClass(StoreLives.class.getName())
            .getMethod("firstDifference", long.class, long.class).invoke(null, 1, SEEDS));
    }
}
