package dev.quorate.core.store;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What a compaction writes depends on the log alone, not on whether the member was started again. */
class RevisionBoundTest
{
    @Test
    void compactionAtARevisionWithSystemRowsBehindItsLastKeyIsTheSameAfterARestart()
    {
        assertEquals(hashAfterCompaction(false), hashAfterCompaction(true));
    }

    private static long hashAfterCompaction(final boolean isRestarted)
    {
        final StoreWorld world = new StoreWorld(3).open();
        world.begin();
        world.put("a", "1");
        world.putSystem(RecordDescriptor.LEASE, new byte[]{1}, new byte[]{2});
        world.endAndPublish();
        world.begin();
        world.delete("a");
        world.deleteSystem(RecordDescriptor.LEASE, new byte[]{1});
        world.endAndPublish();
        world.putEntry("b", "1");
        world.force();
        if (isRestarted)
        {
            world.restart();
        }
        world.begin();
        world.store.compact(3);
        world.endAndPublish();
        final long hash = world.store.streamHash();
        world.store.close();
        return hash;
    }
}
