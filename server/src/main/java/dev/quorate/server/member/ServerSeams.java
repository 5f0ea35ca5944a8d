package dev.quorate.server.member;

import dev.quorate.core.seam.Clock;
import dev.quorate.core.seam.Rng;

import java.util.SplittableRandom;

/**
 * Real time and real randomness.
 */
final class ServerSeams
{
    /** The clocks of the host. */
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

    private ServerSeams()
    {
    }

    /**
     * @return a new source, for one thread.
     */
    static Rng rng()
    {
        final SplittableRandom random = new SplittableRandom(new java.security.SecureRandom().nextLong());
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
