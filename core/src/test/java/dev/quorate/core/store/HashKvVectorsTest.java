package dev.quorate.core.store;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

/** The published vectors of etcd's HashKV. */
class HashKvVectorsTest
{
    private static final long[][] LONG_VECTOR = {
        {4082599214L, -1, 35}, {2279933401L, 35, 106}, {3284231217L, 106, 177}, {126286495L, 177, 248},
        {900108730L, 248, 319}, {2475485232L, 319, 390}, {1226296507L, 390, 461}, {2503661030L, 461, 532},
        {4155130747L, 532, 603}, {106915399L, 603, 674}, {406914006L, 674, 745}, {1882211381L, 745, 816},
        {806177088L, 816, 887}, {664311366L, 887, 958}, {1496914449L, 958, 1029}, {2434525091L, 1029, 1100},
        {3988652253L, 1100, 1171}, {1122462288L, 1171, 1242}, {724436716L, 1242, 1883}};
    private static final String[] NAMES = {"alice", "bob", "celine", "dominik", "eve", "frederica", "gorge"};

    private final StoreWorld world = new StoreWorld(1).plain().open();

    @Test
    void emptyStoreHashesTheBucketName()
    {
        assertHash(1084519789L, -1, 1, world.hashKv(0));
        assertHash(1084519789L, -1, -5, world.hashKv(-5));
    }

    @Test
    void putsAndDeletionsOfOneKey()
    {
        world.putEntry("foo", "bar");
        assertHash(3305255506L, -1, 2, world.hashKv(0));
        world.putEntry("foo", "baz");
        assertHash(2020292994L, -1, 3, world.hashKv(0));
        world.deleteEntry("foo");
        assertHash(3153096970L, -1, 4, world.hashKv(0));
        assertHash(3305255506L, -1, 2, world.hashKv(2));
        assertEquals(StoreReader.FUTURE, world.hashKv(5).status());
        world.compactEntry(4);
        assertEquals(StoreReader.COMPACTED, world.hashKv(3).status());
    }

    @Test
    void theHashOfACompactionAnswersForItsRevisionAloneAndAlsoOnceThatIsCompacted()
    {
        world.putEntry("foo", "bar");
        world.putEntry("foo", "baz");
        world.compactEntry(3);
        world.settleCompaction();
        assertHash(2020292994L, -1, 3, world.hashKv(3));
        // the newest revision is the same one, but it is hashed as it is now: without what was compacted
        final HashJob newest = world.hashKv(0);
        assertEquals(3, newest.compactRevision());
        assertNotEquals((int)2020292994L, newest.hash());

        world.putEntry("foo", "bay");
        world.compactEntry(4);
        world.settleCompaction();
        assertHash(2020292994L, -1, 3, world.hashKv(3));
        assertEquals(StoreReader.COMPACTED, world.hashKv(2).status());
        world.force();
        world.restart();
        assertEquals(StoreReader.COMPACTED, world.hashKv(3).status());
    }

    @Test
    void theHashOfACompactionAtZeroAnswersForTheNewestRevisionAsInEtcd()
    {
        world.putEntry("foo", "bar");
        world.compactEntry(0);
        world.settleCompaction();
        assertHash(1084519789L, -1, 0, world.hashKv(0));
        assertHash(3305255506L, 0, 2, world.hashKv(2));
    }

    @Test
    void longVectorWithCompactionsWhosePhysicalWorkIsDone()
    {
        runLongVector(false);
    }

    @Test
    void longVectorWithRestartsBetweenCompactions()
    {
        runLongVector(true);
    }

    private void runLongVector(final boolean isRestarting)
    {
        final long[][] found = new long[LONG_VECTOR.length][];
        int vectors = 0;
        long r = 0;
        for (; r < 1210; r += 71)
        {
            puts(r, r + 71);
            final HashJob job = world.hashKv(r + 35);
            found[vectors++] = triple(job);
            world.compactEntry(r + 35);
            world.settleCompaction();
            if (isRestarting)
            {
                world.force();
                world.restart();
            }
            else
            {
                // the hash kept by the compaction is that on top of the one before
                assertEquals(Arrays.toString(found[vectors - 1]), Arrays.toString(triple(world.hashKv(r + 35))));
            }
        }
        puts(r, r + 1210);
        found[vectors++] = triple(world.hashKv(r + 605));
        assertEquals(Arrays.deepToString(LONG_VECTOR), Arrays.deepToString(found));
    }

    private void puts(final long from, final long to)
    {
        for (long i = from; i <= to; i++)
        {
            final String key = 30 == i % 142 ? "zenek" : 30 == i % 71 ? "xavery" : NAMES[(int)(i % 7)];
            world.putEntry(key, Long.toString(i));
        }
    }

    private static long[] triple(final HashJob job)
    {
        return new long[]{job.hash() & 0xFFFF_FFFFL, job.compactRevision(), job.hashRevision()};
    }

    private static void assertHash(final long hash, final long compact, final long revision, final HashJob job)
    {
        assertEquals(StoreReader.OK, job.status());
        assertEquals(
            Arrays.toString(new long[]{hash, compact, revision}), Arrays.toString(triple(job)));
    }
}
