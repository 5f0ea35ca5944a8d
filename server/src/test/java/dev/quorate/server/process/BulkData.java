package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RequestOp;
import dev.quorate.gateway.proto.etcdserverpb.TxnRequest;

import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.io.IOException;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Millions of keys of 64 bytes in one member, written in generations: every key and value follows from its number and
 * generation, so that each answer can be checked without keeping anything.
 */
final class BulkData
{
    /** Puts of a transaction. */
    static final int TXN_PUTS = 128;
    static final ByteString PREFIX = ByteString.copyFromUtf8("/registry/pods/");
    static final ByteString PREFIX_END = ByteString.copyFromUtf8("/registry/pods0");

    private static final int KEY_LENGTH = 64;
    /** Relatively prime to the number of keys, so that keys are written in an order unlike their own. */
    private static final long STRIDE = 1_299_709;
    private static final int COLLECTIONS_MIN = 10;
    private static final Pattern COLLECTED = Pattern.compile("Pause .* \\d+M->(\\d+)M\\(");

    private final String name;
    private final MemberProcess member;
    private final int keys;
    private final int valueLength;

    /**
     * @param name        of the data, for what is told.
     * @param member      that holds it; started with {@code -Xlog:gc}.
     * @param keys        number of keys.
     * @param valueLength of each value, bytes.
     */
    BulkData(final String name, final MemberProcess member, final int keys, final int valueLength)
    {
        this.name = name;
        this.member = member;
        this.keys = keys;
        this.valueLength = valueLength;
    }

    /**
     * Writes keys by their places; each write is acknowledged.
     *
     * @param from       place of the first key.
     * @param to         place behind the last one.
     * @param generation of the values.
     */
    void load(final int from, final int to, final int generation)
    {
        load(from, to, generation, new long[transactions(to)]);
    }

    /**
     * Writes keys by their places; each write is acknowledged.
     *
     * @param from       place of the first key.
     * @param to         place behind the last one.
     * @param generation of the values.
     * @param revisions  takes the revision of each transaction, by the place of its first key.
     */
    void load(final int from, final int to, final int generation, final long[] revisions)
    {
        final KVGrpc.KVStub kv = KVGrpc.newStub(member.channel());
        final Flight flight = new Flight();
        for (int first = from; first < to; first += TXN_PUTS)
        {
            final TxnRequest.Builder txn = TxnRequest.newBuilder();
            for (int i = first; i < Math.min(to, first + TXN_PUTS); i++)
            {
                final int number = number(i);
                txn.addSuccess(RequestOp.newBuilder().setRequestPut(
                    PutRequest.newBuilder().setKey(key(number)).setValue(value(number, generation))));
            }
            final int transaction = first / TXN_PUTS;
            kv.txn(txn.build(), flight.take((response) ->
            {
                assertTrue(response.getSucceeded());
                revisions[transaction] = response.getHeader().getRevision();
            }));
        }
        flight.land();
    }

    /**
     * Reads a key, its value to be that of a generation.
     *
     * @param flight     of the call.
     * @param place      of the key.
     * @param revision   to read at, 0 for the newest.
     * @param generation that is expected there.
     */
    void get(final Flight flight, final int place, final long revision, final int generation)
    {
        final int number = number(place);
        final ByteString expected = value(number, generation);
        KVGrpc.newStub(member.channel()).range(
            RangeRequest.newBuilder().setKey(key(number)).setRevision(revision).build(), flight.take((response) ->
            {
                assertEquals(1, response.getKvsCount());
                assertEquals(expected, response.getKvs(0).getValue(), "place " + place + " at " + revision);
            }));
    }

    /**
     * @return number of all keys.
     */
    long count()
    {
        return count(PREFIX_END, false, 0);
    }

    /**
     * @param end            exclusive end of the keys to count.
     * @param isSerializable true to be answered without asking the quorum.
     * @param revision       to count at, 0 for the newest.
     * @return number of keys up to there.
     */
    long count(final ByteString end, final boolean isSerializable, final long revision)
    {
        return KVGrpc.newBlockingStub(member.channel()).withDeadlineAfter(60, TimeUnit.SECONDS)
            .range(RangeRequest.newBuilder().setKey(PREFIX).setRangeEnd(end).setCountOnly(true)
                .setSerializable(isSerializable).setRevision(revision).build())
            .getCount();
    }

    /**
     * Runs a phase of a test and tells what it took.
     *
     * @param what is done.
     * @param work to do.
     */
    void timed(final String what, final Runnable work)
    {
        final long startNs = System.nanoTime();
        final long startCpu = member.processorTime().toMillis();
        work.run();
        tell("%s: %.1f s, %.1f s of processors, %d MiB in files, %d MiB in use",
            what, (System.nanoTime() - startNs) / 1e9, (member.processorTime().toMillis() - startCpu) / 1e3,
            Kv.status(member).getDbSize() >> 20, Kv.status(member).getDbSizeInUse() >> 20);
    }

    /**
     * Tells something about the run.
     *
     * @param format of it.
     * @param values in it.
     */
    void tell(final String format, final Object... values)
    {
        System.out.println(name + ": " + String.format(Locale.ROOT, format, values));
    }

    /**
     * Takes the store's files out of the page cache, as far as nobody has them mapped.
     */
    void dropPageCache() throws IOException
    {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(member.data().resolve("store"), "segment-*"))
        {
            for (final Path file : files)
            {
                Processes.run("dd", "if=" + file, "of=/dev/null", "iflag=nocache", "count=0", "status=none");
            }
        }
    }

    /**
     * What is on the heap does not grow with the data.
     *
     * @param mostMb that a collection may have left.
     */
    void assertFlatHeap(final int mostMb)
    {
        final Matcher collected = COLLECTED.matcher(member.output());
        int most = 0;
        int collections = 0;
        while (collected.find())
        {
            most = Math.max(most, Integer.parseInt(collected.group(1)));
            collections++;
        }
        tell("heap behind a collection: at most %d MiB, %d collections", most, collections);
        assertTrue(collections > COLLECTIONS_MIN && most < mostMb, most + " MiB after " + collections + " collections");
    }

    /**
     * @param place in the order in which keys are written.
     * @return number of the key, in the order of the keys.
     */
    int number(final int place)
    {
        return (int)(place * STRIDE % keys);
    }

    /**
     * @param number of a key.
     * @return the key.
     */
    ByteString key(final int number)
    {
        final StringBuilder key = new StringBuilder(KEY_LENGTH).append("/registry/pods/namespace-");
        digits(key, number / (keys / 100 + 1), 3);
        key.append("/deployment-");
        digits(key, number, 7);
        key.append('-');
        long hash = number * 0x9E3779B97F4A7C15L;
        while (key.length() < KEY_LENGTH)
        {
            key.append((char)('a' + (int)(hash >>> 60)));
            hash *= 0xBF58476D1CE4E5B9L;
        }
        return ByteString.copyFrom(key.toString(), StandardCharsets.US_ASCII);
    }

    /**
     * @param places of keys.
     * @return how many transactions write them.
     */
    static int transactions(final int places)
    {
        return (places + TXN_PUTS - 1) / TXN_PUTS;
    }

    private ByteString value(final int number, final int generation)
    {
        final byte[] value = new byte[valueLength];
        new SplittableRandom(number * 31L + generation).nextBytes(value);
        return UnsafeByteOperations.unsafeWrap(value);
    }

    private static void digits(final StringBuilder to, final int number, final int count)
    {
        for (int power = (int)Math.pow(10, count - 1); power > 0; power /= 10)
        {
            to.append((char)('0' + number / power % 10));
        }
    }
}
