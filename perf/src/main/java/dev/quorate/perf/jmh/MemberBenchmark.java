package dev.quorate.perf.jmh;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.util.concurrent.TimeUnit;

/**
 * A put and a get through the whole core of one member, with 100,000 keys.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MemberBenchmark
{
    private static final int KEYS = 100_000;

    /** Whether puts are synced; without, what is left is the cost of the code. */
    @Param({"false", "true"})
    public boolean isSynced;

    private MemberInHand member;
    private long number;

    /**
     * Opens and fills the member.
     *
     * @throws Exception if the disk is full or cannot be used.
     */
    @Setup(Level.Trial)
    public void open() throws Exception
    {
        member = new MemberInHand(isSynced);
        final int keys = isSynced ? KEYS / 100 : KEYS;
        for (int i = 0; i < keys; i++)
        {
            member.put(i);
        }
    }

    /**
     * Closes the member and deletes its files.
     */
    @TearDown(Level.Trial)
    public void close()
    {
        member.close();
    }

    /**
     * @return length of the answer.
     */
    @Benchmark
    public int put()
    {
        return member.put(next());
    }

    /**
     * @return length of the answer.
     */
    @Benchmark
    public int serializableGet()
    {
        return member.get(next(), true);
    }

    /**
     * @return length of the answer.
     */
    @Benchmark
    public int linearizableGet()
    {
        return member.get(next(), false);
    }

    private long next()
    {
        number = (number + 7919) % KEYS;
        return number;
    }
}
