package dev.quorate.server.member;

import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Rng;

import java.security.SecureRandom;
import java.util.SplittableRandom;

/**
 * Real time and real randomness. The clocks may be read by any thread.
 */
public final class ServerSeams
{
    /** The clocks of the host. */
    public static final Clock CLOCK = new Clock()
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

    private ServerSeams()
    {
    }

    /**
     * @return a new source, for one thread.
     */
    public static Rng rng()
    {
        return rng(new SecureRandom().nextLong());
    }

    /**
     * @param seed of the source.
     * @return a new source with the same numbers for the same seed, for one thread.
     */
    public static Rng rng(final long seed)
    {
        final SplittableRandom random = new SplittableRandom(seed);
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
}
