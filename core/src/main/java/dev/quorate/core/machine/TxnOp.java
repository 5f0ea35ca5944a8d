package dev.quorate.core.machine;

import dev.quorate.core.codec.command.TxnDecoder;

/**
 * Flyweight over a Txn: how much follows it and where. The compares come first, then the success branch, then the
 * failure branch.
 */
final class TxnOp
{
    private final TxnDecoder decoder = new TxnDecoder();
    private int compareCount;
    private int comparesAt;
    private int successCount;
    private int successAt;
    private int failureCount;
    private int failureAt;
    private int end;

    /**
     * Reads the message whose header was read and moves the reader to its compares.
     */
    void read(final CommandReader reader)
    {
        decoder.wrap(reader.buffer(), reader.position(), reader.blockLength(), reader.version());
        reader.moveTo(reader.position() + reader.blockLength());
        comparesAt = reader.position();
        compareCount = count(reader, decoder.compareCount());
        successCount = count(reader, decoder.successCount());
        failureCount = count(reader, decoder.failureCount());
        successAt = endOf(reader, comparesAt, decoder.compareLength());
        failureAt = endOf(reader, successAt, decoder.successLength());
        end = endOf(reader, failureAt, decoder.failureLength());
    }

    int compareCount()
    {
        return compareCount;
    }

    int comparesAt()
    {
        return comparesAt;
    }

    int failureAt()
    {
        return failureAt;
    }

    int branchAt(final boolean isSuccess)
    {
        return isSuccess ? successAt : failureAt;
    }

    int branchCount(final boolean isSuccess)
    {
        return isSuccess ? successCount : failureCount;
    }

    int end()
    {
        return end;
    }

    private static int count(final CommandReader reader, final long count)
    {
        if (count > reader.end() - reader.position())
        {
            throw reader.malformed("count " + count);
        }
        return (int)count;
    }

    private static int endOf(final CommandReader reader, final int from, final long length)
    {
        if (length > reader.end() - from)
        {
            throw reader.malformed("branch of length " + length);
        }
        return from + (int)length;
    }

    @Override
    public String toString()
    {
        return "TxnOp{compareCount=" + compareCount + ", successCount=" + successCount +
            ", failureCount=" + failureCount + ", end=" + end + '}';
    }
}
