package dev.quorate.core.store;

/**
 * Which files are rewritten next: those with much garbage, oldest first, neighbours together while their survivors are
 * few. Owned by housekeeping.
 */
final class RewritePlan
{
    private static final int DEAD_PERCENT = 50;
    private static final int DEAD_PERCENT_WHEN_FULL = 25;
    private static final long BURST_BYTES = 4L << 20;

    private final FileTable files;
    private final Published published;
    private final StoreContext context;
    private boolean isWhole;
    private long belowLp;
    private long startNs;
    private long copiedBytes;
    private long skippedLp;
    private int rewritten;
    private boolean isOneByOne;
    private int first;
    private int count;

    RewritePlan(final FileTable files, final Published published, final StoreContext context)
    {
        this.files = files;
        this.published = published;
        this.context = context;
    }

    void start(final boolean whole, final long compactBound, final long nowNs)
    {
        isWhole = whole;
        belowLp = compactBound;
        startNs = nowNs;
        copiedBytes = 0;
        isOneByOne = false;
        again();
    }

    /** Looks at every file anew, also at those that were skipped. */
    void again()
    {
        skippedLp = 0;
        rewritten = 0;
    }

    boolean isWhole()
    {
        return isWhole;
    }

    int first()
    {
        return first;
    }

    int count()
    {
        return count;
    }

    void copied(final int bytes)
    {
        copiedBytes += Math.max(0, bytes);
    }

    boolean isInBudget(final long nowNs)
    {
        final double allowed = (double)context.rewriteBytesPerSecond() * (nowNs - startNs) / 1e9;
        return isWhole || copiedBytes <= BURST_BYTES + allowed;
    }

    /** There is no room for the present run: its files are tried one by one, and a single one is left for later. */
    void noRoom()
    {
        if (count > 1)
        {
            isOneByOne = true;
        }
        else
        {
            skippedLp = files.sealed.get(first).endLp;
        }
    }

    /** The present run was rewritten. */
    void completed()
    {
        rewritten++;
    }

    /** True if a run was skipped since all files were looked at. */
    boolean hasSkipped()
    {
        return skippedLp > 0;
    }

    /** True if others were rewritten meanwhile, which makes room. */
    boolean isWorthAnotherPass()
    {
        return hasSkipped() && rewritten > 0;
    }

    /**
     * Finds the next run.
     *
     * @param survivorsMax bytes that a run of several files may leave.
     * @return false if nothing is due.
     */
    boolean choose(final long survivorsMax)
    {
        long bytes = 0;
        long dead = 0;
        for (int i = 0; i < files.sealed.size(); i++)
        {
            bytes += files.sealed.get(i).recordBytes;
            dead += files.sealed.get(i).deadBytes;
        }
        final int percent = dead * 100 > bytes * DEAD_PERCENT_WHEN_FULL ? DEAD_PERCENT_WHEN_FULL : DEAD_PERCENT;
        for (first = 0; first < files.sealed.size(); first++)
        {
            if (isDue(files.sealed.get(first), percent))
            {
                extend(percent, isOneByOne ? 0 : survivorsMax);
                return true;
            }
        }
        return false;
    }

    private void extend(final int percent, final long survivorsMax)
    {
        final long baseLp = files.sealed.get(first).baseLp;
        long survivors = 0;
        count = 0;
        while (first + count < files.sealed.size())
        {
            final StoreFile file = files.sealed.get(first + count);
            survivors += file.recordBytes - file.deadBytes;
            if (count > 0 && (!isDue(file, percent) || survivors > survivorsMax ||
                file.endLp - baseLp > SegmentFile.SPAN_MAX))
            {
                break;
            }
            count++;
        }
    }

    private boolean isDue(final StoreFile file, final int percent)
    {
        if (file.baseLp < skippedLp || file.endLp > published.durableLp.getPlain() || 0 == file.deadCount)
        {
            return false;
        }
        return isWhole || file.baseLp < belowLp && file.deadBytes * 100 >= file.recordBytes * percent;
    }
}
