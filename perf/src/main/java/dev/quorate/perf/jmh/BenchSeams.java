package dev.quorate.perf.jmh;

import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.PeerLink;
import dev.quorate.core.seam.Rng;
import org.agrona.DirectBuffer;

import java.util.SplittableRandom;

/**
 * Time, randomness and silence of peers for benchmarks.
 */
final class BenchSeams
{
    /** The system's clocks. */
    static final Clock CLOCK = new Clock()
    {
        @Override
        public long nanoTime()
        {
            return System.nanoTime();
        }

        @Override
        public long epochMillis()
        {
            return System.currentTimeMillis();
        }
    };

    private BenchSeams()
    {
    }

    /**
     * Ends the run: what comes after a fault is no measurement.
     */
    static void halt(final Throwable error)
    {
        error.printStackTrace();
        Runtime.getRuntime().halt(1);
    }

    /**
     * @return the same numbers in each run.
     */
    static Rng rng()
    {
        final SplittableRandom random = new SplittableRandom(42);
        return new Rng()
        {
            @Override
            public long nextLong()
            {
                return random.nextLong();
            }

            @Override
            public int nextInt(final int bound)
            {
                return random.nextInt(bound);
            }
        };
    }

    /**
     * A link without peers.
     */
    static final class NoPeers implements PeerLink
    {
        @Override
        public void addPeer(final long memberId, final String endpoint)
        {
            throw new IllegalStateException("a benchmark's member has no peers");
        }

        @Override
        public void removePeer(final long memberId)
        {
            throw new IllegalStateException("a benchmark's member has no peers");
        }

        @Override
        public int offer(
            final long memberId,
            final int streamClass,
            final DirectBuffer header,
            final int headerOffset,
            final int headerLength,
            final DirectBuffer body,
            final int bodyOffset,
            final int bodyLength)
        {
            return NOT_CONNECTED;
        }

        @Override
        public void send()
        {
            // Nothing is ever sent.
        }

        @Override
        public long outgoingSession(final long memberId, final int streamClass)
        {
            return -1;
        }

        @Override
        public int poll(final int streamClass, final Handler handler, final int limit)
        {
            return 0;
        }

        @Override
        public void refuse(final long session, final String reason)
        {
            throw new IllegalStateException("a benchmark's member has no peers");
        }

        @Override
        public int doWork()
        {
            return 0;
        }

        @Override
        public void close()
        {
            // Nothing is open.
        }
    }
}
