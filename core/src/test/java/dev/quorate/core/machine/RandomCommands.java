package dev.quorate.core.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Random commands over few keys, leases and revisions, so that they meet: most take effect, some are refused.
 */
public final class RandomCommands
{
    private static final int MOST_OPS = 4;
    private static final int MOST_DEPTH = 3;

    private final SplittableRandom random;

    /**
     * @param seed of the sequence.
     */
    public RandomCommands(final long seed)
    {
        random = new SplittableRandom(seed);
    }

    /**
     * @param revision current revision.
     * @return the next command.
     */
    public Command next(final long revision)
    {
        final int dice = random.nextInt(100);
        if (dice < 35)
        {
            return put();
        }
        if (dice < 47)
        {
            return delete();
        }
        if (dice < 77)
        {
            return txn(0, revision);
        }
        if (dice < 82)
        {
            return new Command.Compact(revision - random.nextLong(-2, 12));
        }
        if (dice < 90)
        {
            return new Command.Grant(random.nextInt(6) - 1, random.nextInt(20) == 0 ? 9_000_000_001L :
                random.nextInt(-1, 100));
        }
        if (dice < 96)
        {
            return new Command.Revoke(lease(), random.nextInt(4) == 0 ? random.nextInt(1, 4) : 0);
        }
        if (dice < 98)
        {
            return new Command.Alarm(random.nextInt(4), random.nextInt(2) - 1, random.nextInt(3));
        }
        return random.nextBoolean() ? new Command.Noop() : new Command.Alarm(2, random.nextInt(2) - 1, 1);
    }

    /**
     * @param bound exclusive.
     * @return a number from 0.
     */
    public int below(final int bound)
    {
        return random.nextInt(bound);
    }

    private Command.Op op(final int depth, final long revision)
    {
        final int dice = random.nextInt(100);
        if (dice < 40)
        {
            return put();
        }
        if (dice < 60)
        {
            return delete();
        }
        if (dice < 85 || depth == MOST_DEPTH)
        {
            return new Command.Range(random.nextInt(3) == 0 ? revision - random.nextLong(-1, 8) : 0);
        }
        return txn(depth + 1, revision);
    }

    private Command.Txn txn(final int depth, final long revision)
    {
        final List<Command.Compare> compares = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--)
        {
            compares.add(new Command.Compare(key(), end(), random.nextInt(6), random.nextInt(5),
                random.nextBoolean() ? random.nextInt(4) : revision - random.nextLong(5), value()));
        }
        return new Command.Txn(compares, ops(depth, revision), ops(depth, revision));
    }

    private List<Command.Op> ops(final int depth, final long revision)
    {
        final List<Command.Op> ops = new ArrayList<>();
        for (int i = random.nextInt(MOST_OPS); i > 0; i--)
        {
            ops.add(op(depth, revision));
        }
        return ops;
    }

    private Command.Put put()
    {
        final boolean ignoreValue = random.nextInt(8) == 0;
        final boolean ignoreLease = random.nextInt(8) == 0;
        return new Command.Put(key(), ignoreValue ? "" : value(),
            ignoreLease || random.nextBoolean() ? 0 : lease(), ignoreValue, ignoreLease);
    }

    private Command.Delete delete()
    {
        return new Command.Delete(key(), end());
    }

    private String key()
    {
        final String key = String.valueOf((char)('a' + random.nextInt(8)));
        return random.nextInt(4) == 0 ? key + (char)random.nextInt(256) : key;
    }

    private String end()
    {
        return switch (random.nextInt(6))
        {
            case 0 -> "\0";
            case 1, 2 -> key();
            default -> "";
        };
    }

    private String value()
    {
        return random.nextInt(6) == 0 ? "" : "v" + random.nextInt(4) + (char)random.nextInt(256);
    }

    private long lease()
    {
        return random.nextInt(6) - 1;
    }
}
