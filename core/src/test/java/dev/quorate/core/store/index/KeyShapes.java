package dev.quorate.core.store.index;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Keys as clients make them, and as nobody should. */
enum KeyShapes
{
    SHORT
    {
        @Override
        byte[] key(final SplittableRandom random)
        {
            final byte[] key = new byte[random.nextInt(4)];
            for (int i = 0; i < key.length; i++)
            {
                key[i] = (byte)(random.nextInt(12) * 23);
            }
            return key;
        }
    },
    KUBERNETES
    {
        @Override
        byte[] key(final SplittableRandom random)
        {
            return kubernetes(random.nextInt(4000));
        }
    },
    BINARY
    {
        @Override
        byte[] key(final SplittableRandom random)
        {
            final byte[] key = new byte[random.nextInt(40)];
            random.nextBytes(key);
            return key;
        }
    },
    ZEROS
    {
        @Override
        byte[] key(final SplittableRandom random)
        {
            final byte[] key = new byte[random.nextInt(200)];
            if (key.length > 0 && random.nextBoolean())
            {
                key[key.length - 1] = (byte)random.nextInt(3);
            }
            return key;
        }
    },
    LONG_PREFIX
    {
        @Override
        byte[] key(final SplittableRandom random)
        {
            final byte[] key = new byte[random.nextInt(3) == 0 ? 3000 : 900 + random.nextInt(4)];
            Arrays.fill(key, (byte)'p');
            key[key.length - 1] = (byte)random.nextInt(256);
            key[random.nextInt(8) == 0 ? random.nextInt(key.length) : key.length - 2] = (byte)random.nextInt(256);
            return key;
        }
    },
    MIXED_WITH_GIANTS
    {
        @Override
        byte[] key(final SplittableRandom random)
        {
            if (random.nextInt(60) != 0)
            {
                return (random.nextBoolean() ? SHORT : KUBERNETES).key(random);
            }
            final byte[] key = new byte[9_000 + random.nextInt(random.nextInt(10) == 0 ? 1_500_000 : 80_000)];
            Arrays.fill(key, (byte)(random.nextInt(4) * 31));
            key[random.nextInt(key.length)] = (byte)random.nextInt(256);
            return key;
        }
    };

    abstract byte[] key(SplittableRandom random);

    static byte[] kubernetes(final int number)
    {
        final int mixed = number * 0x9E3779B1;
        return ("/registry/pods/namespace-" + (mixed >>> 26) + "/deployment-" + (mixed >>> 20 & 63) + '-' +
            Integer.toHexString(mixed) + "-x" + number).getBytes(StandardCharsets.US_ASCII);
    }
}
