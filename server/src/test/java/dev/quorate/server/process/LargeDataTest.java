package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.CompactionRequest;
import dev.quorate.gateway.proto.etcdserverpb.DeleteRangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeResponse;
import dev.quorate.gateway.proto.etcdserverpb.RequestOp;
import dev.quorate.gateway.proto.etcdserverpb.StatusRequest;
import dev.quorate.gateway.proto.etcdserverpb.StatusResponse;
import dev.quorate.gateway.proto.etcdserverpb.TxnRequest;
import dev.quorate.gateway.proto.mvccpb.KeyValue;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Far more data than heap and direct memory: 2,000,000 keys of 64 bytes with values of 1 KiB behind 256 MiB of heap.
 * What is on the heap does not grow with them, and the thread that decides and applies never waits for the disk to
 * read, also when nothing of the data is in memory. Needs about 6 GB of disk while it runs.
 * {@code -Dquorate.large.keys} makes it smaller.
 */
class LargeDataTest
{
    private static final int KEYS = Integer.getInteger("quorate.large.keys", 2_000_000);
    private static final int KEY_LENGTH = 64;
    private static final int VALUE_LENGTH = 1024;
    private static final int TXN_PUTS = 128;
    private static final int PAGE = 1000;
    private static final int IN_FLIGHT = 8;
    private static final int GETS = 20_000;
    private static final int READS_PER_COUNT = 100;
    /** Relatively prime to the number of keys, so that keys are written in an order unlike their own. */
    private static final long STRIDE = 1_299_709;
    private static final int SIGTERM_EXIT = 143;
    private static final Duration DEADLINE = Duration.ofMinutes(10);
    private static final String CORE = "core";
    /** Pages of the program itself may come from the disk; one old record touched per update would be thousands. */
    private static final int FAULTS_MAX = 16;
    /** What is on the heap behind a collection, at most. */
    private static final int HEAP_MAX_MB = 96;
    /** Ten times what a client would notice. */
    private static final long READ_MAX_NS = TimeUnit.SECONDS.toNanos(10);
    private static final Pattern COLLECTED = Pattern.compile("Pause .* \\d+M->(\\d+)M\\(");
    private static final ByteString PREFIX = ByteString.copyFromUtf8("/registry/pods/");
    private static final ByteString PREFIX_END = ByteString.copyFromUtf8("/registry/pods0");

    @RegisterExtension
    final Processes processes = new Processes();

    private MemberProcess member;

    @Test
    void dataSetLargerThanTheHeapIsLoadedReadListedCompactedAndRestarted() throws IOException
    {
        member = processes.single(
            Program.quorate("-Xmx256m", "-XX:MaxDirectMemorySize=512m", "-Xlog:gc"),
            "--quota-backend-bytes", Long.toString(16L << 30));
        timed("load", () -> load(0, KEYS, 0));
        timed("random gets", () -> randomGets(0));
        timed("full paged list", () -> listAll(KEYS));
        final long before = status().getDbSizeInUse();
        timed("update of a tenth, deletion of a tenth, compaction", () ->
        {
            load(0, KEYS / 10, 1);
            deleteTenth();
            compact();
        });
        assertTrue(status().getDbSizeInUse() < before - before / 20, before + " and " + status());
        assertEquals(KEYS - KEYS / 10, count());
        restart("start after SIGTERM", true, false);
        restart("start after SIGKILL, with a checkpoint", false, false);
        restart("start after SIGKILL, without a checkpoint", false, true);
        timed("random gets", () -> randomGets(1));
        writeOverColdData();
        timed("random gets", () -> randomGets(1));
        deleteHalfAtOnce();
        assertFlatHeap();
    }

    /** Nothing of the store is in memory; updates need the index alone. */
    private void writeOverColdData() throws IOException
    {
        member.kill();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(member.data().resolve("store"), "segment-*"))
        {
            for (final Path file : files)
            {
                run("dd", "if=" + file, "of=/dev/null", "iflag=nocache", "count=0", "status=none");
            }
        }
        member.start().awaitHealthy();
        final long before = member.majorFaults(CORE);
        timed("update of a tenth, none of it in memory", () -> load(0, KEYS / 10, 1));
        final long faults = member.majorFaults(CORE) - before;
        tell("core thread waited %d times for a page", faults);
        assertTrue(faults <= FAULTS_MAX, faults + " pages were read from the disk for the core thread");
    }

    /** One call deletes a million keys: the member answers meanwhile, and nobody sees a part of it. */
    private void deleteHalfAtOnce()
    {
        final KVGrpc.KVStub kv = KVGrpc.newStub(member.channel());
        final ByteString end = key(KEYS / 2);
        final long before = count();
        final long doomed = count(end, false);
        assertTrue(doomed > KEYS / 3);
        final Flight flight = new Flight();
        final long startNs = System.nanoTime();
        kv.deleteRange(
            DeleteRangeRequest.newBuilder().setKey(PREFIX).setRangeEnd(end).build(),
            flight.takeLate((response) -> assertEquals(doomed, response.getDeleted())));
        long longestNs = 0;
        int reads = 0;
        for (long seen = before; seen == before; reads++)
        {
            final long readNs = System.nanoTime();
            KVGrpc.newBlockingStub(member.channel()).range(
                RangeRequest.newBuilder().setKey(key(KEYS - 1)).setSerializable(true).build());
            longestNs = Math.max(longestNs, System.nanoTime() - readNs);
            if (0 == reads % READS_PER_COUNT)
            {
                seen = count(PREFIX_END, true);
                assertTrue(seen == before || seen == before - doomed, seen + " seen of " + before + " less " + doomed);
            }
            assertTrue(readNs - startNs < DEADLINE.toNanos(), "the keys are still there");
        }
        flight.land();
        tell("deletion of %d keys by one call: %.1f s, %d reads meanwhile, the longest %.0f ms", doomed,
            (System.nanoTime() - startNs) / 1e9, reads, longestNs / 1e6);
        assertEquals(before - doomed, count());
        assertTrue(longestNs < READ_MAX_NS, "a read took " + longestNs + " ns");
    }

    private void assertFlatHeap()
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
        assertTrue(collections > 10 && most < HEAP_MAX_MB, most + " MiB after " + collections + " collections");
    }

    private static void run(final String... words) throws IOException
    {
        try
        {
            assertEquals(0, new ProcessBuilder(words).inheritIO().start().waitFor(), String.join(" ", words));
        }
        catch (final InterruptedException ex)
        {
            throw new IllegalStateException(ex);
        }
    }

    /** Each write is acknowledged; every 128 keys are one transaction. */
    private void load(final int from, final int to, final int generation)
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
            kv.txn(txn.build(), flight.take((response) -> assertTrue(response.getSucceeded())));
        }
        flight.land();
    }

    private void randomGets(final int generation)
    {
        final KVGrpc.KVStub kv = KVGrpc.newStub(member.channel());
        final SplittableRandom random = new SplittableRandom(7);
        final Flight flight = new Flight();
        for (int i = 0; i < GETS; i++)
        {
            // after the tenth that was updated and before the one that was deleted, or anywhere
            final int place = generation == 0 ? random.nextInt(KEYS) : random.nextInt(KEYS - KEYS / 10);
            final int number = number(place);
            final ByteString expected = value(number, place < KEYS / 10 ? generation : 0);
            kv.range(RangeRequest.newBuilder().setKey(key(number)).build(), flight.take((response) ->
            {
                assertEquals(1, response.getKvsCount());
                assertEquals(expected, response.getKvs(0).getValue());
            }));
        }
        flight.land();
    }

    private void listAll(final int expected)
    {
        final KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(member.channel());
        ByteString from = PREFIX;
        ByteString last = ByteString.EMPTY;
        int found = 0;
        boolean isMore = true;
        while (isMore)
        {
            final RangeResponse page = kv.withDeadlineAfter(60, TimeUnit.SECONDS).range(RangeRequest.newBuilder()
                .setKey(from).setRangeEnd(PREFIX_END).setLimit(PAGE).build());
            assertEquals(expected - found, page.getCount());
            for (final KeyValue kv1 : page.getKvsList())
            {
                assertTrue(ByteString.unsignedLexicographicalComparator().compare(last, kv1.getKey()) < 0);
                assertEquals(VALUE_LENGTH, kv1.getValue().size());
                last = kv1.getKey();
                found++;
            }
            from = last.concat(ByteString.copyFrom(new byte[1]));
            isMore = page.getMore();
        }
        assertEquals(expected, found);
    }

    /** The last tenth, key by key as they were written. */
    private void deleteTenth()
    {
        final KVGrpc.KVStub kv = KVGrpc.newStub(member.channel());
        final Flight flight = new Flight();
        for (int first = KEYS - KEYS / 10; first < KEYS; first += TXN_PUTS)
        {
            final TxnRequest.Builder txn = TxnRequest.newBuilder();
            for (int i = first; i < Math.min(KEYS, first + TXN_PUTS); i++)
            {
                txn.addSuccess(RequestOp.newBuilder().setRequestDeleteRange(
                    DeleteRangeRequest.newBuilder().setKey(key(number(i)))));
            }
            kv.txn(txn.build(), flight.take((response) -> assertTrue(response.getSucceeded())));
        }
        flight.land();
    }

    private void compact()
    {
        final KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(member.channel());
        final long revision = kv.range(RangeRequest.newBuilder().setKey(PREFIX).build()).getHeader().getRevision();
        kv.withDeadlineAfter(DEADLINE.toSeconds(), TimeUnit.SECONDS)
            .compact(CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build());
    }

    private void restart(final String what, final boolean isClean, final boolean isByScan) throws IOException
    {
        if (isClean)
        {
            final long startNs = System.nanoTime();
            assertEquals(SIGTERM_EXIT, member.terminate());
            tell("end after SIGTERM: %.1f s", (System.nanoTime() - startNs) / 1e9);
        }
        else
        {
            member.kill();
        }
        final boolean hadCheckpoint = hasCheckpoint(isByScan);
        assertTrue(hadCheckpoint, "no checkpoint of the index");
        final long startNs = System.nanoTime();
        member.start().awaitHealthy();
        tell("%s: %.1f s, %.1f s of processors; %s", what,
            (System.nanoTime() - startNs) / 1e9, member.processorTime().toMillis() / 1e3, recoveryLine());
        assertEquals(KEYS - KEYS / 10, count());
    }

    private boolean hasCheckpoint(final boolean isToBeDeleted) throws IOException
    {
        boolean isFound = false;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(member.data().resolve("store"), "index-*"))
        {
            for (final Path file : files)
            {
                isFound = true;
                if (isToBeDeleted)
                {
                    Files.delete(file);
                }
            }
        }
        return isFound;
    }

    private String recoveryLine()
    {
        return member.output().lines().filter((line) -> line.contains("recovered log and store"))
            .reduce((earlier, later) -> later).orElse("");
    }

    private long count()
    {
        return count(PREFIX_END, false);
    }

    private long count(final ByteString end, final boolean isSerializable)
    {
        return KVGrpc.newBlockingStub(member.channel()).withDeadlineAfter(60, TimeUnit.SECONDS)
            .range(RangeRequest.newBuilder().setKey(PREFIX).setRangeEnd(end).setCountOnly(true)
                .setSerializable(isSerializable).build())
            .getCount();
    }

    private StatusResponse status()
    {
        return MaintenanceGrpc.newBlockingStub(member.channel()).status(StatusRequest.getDefaultInstance());
    }

    private void timed(final String what, final Runnable work)
    {
        final long startNs = System.nanoTime();
        final long startCpu = member.processorTime().toMillis();
        work.run();
        tell("%s: %.1f s, %.1f s of processors, %d MiB in files, %d MiB in use",
            what, (System.nanoTime() - startNs) / 1e9, (member.processorTime().toMillis() - startCpu) / 1e3,
            status().getDbSize() >> 20, status().getDbSizeInUse() >> 20);
    }

    private static void tell(final String format, final Object... values)
    {
        System.out.println("large data: " + String.format(Locale.ROOT, format, values));
    }

    private static int number(final int place)
    {
        return (int)(place * STRIDE % KEYS);
    }

    private static ByteString key(final int number)
    {
        final StringBuilder key = new StringBuilder(KEY_LENGTH).append("/registry/pods/namespace-");
        digits(key, number / (KEYS / 100 + 1), 3);
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

    private static void digits(final StringBuilder to, final int number, final int count)
    {
        for (int power = (int)Math.pow(10, count - 1); power > 0; power /= 10)
        {
            to.append((char)('0' + number / power % 10));
        }
    }

    private static ByteString value(final int number, final int generation)
    {
        final byte[] value = new byte[VALUE_LENGTH];
        new SplittableRandom(number * 31L + generation).nextBytes(value);
        return ByteString.copyFrom(value);
    }

    /** Calls that are under way, a few at a time; the first that fails ends the test. */
    private static final class Flight
    {
        private final Semaphore free = new Semaphore(IN_FLIGHT);
        private final AtomicReference<Throwable> failure = new AtomicReference<>();

        <T> StreamObserver<T> take(final Consumer<T> check)
        {
            acquire(1);
            return new StreamObserver<>()
            {
                @Override
                public void onNext(final T response)
                {
                    try
                    {
                        check.accept(response);
                    }
                    catch (final RuntimeException | AssertionError ex)
                    {
                        failure.compareAndSet(null, ex);
                    }
                }

                @Override
                public void onError(final Throwable ex)
                {
                    failure.compareAndSet(null, ex);
                    free.release();
                }

                @Override
                public void onCompleted()
                {
                    free.release();
                }
            };
        }

        /** Of a call that may take longer than the member waits for it: then it is carried out all the same. */
        <T> StreamObserver<T> takeLate(final Consumer<T> check)
        {
            final StreamObserver<T> inTime = take(check);
            return new StreamObserver<>()
            {
                @Override
                public void onNext(final T response)
                {
                    inTime.onNext(response);
                }

                @Override
                public void onError(final Throwable ex)
                {
                    if (String.valueOf(ex.getMessage()).contains("timed out"))
                    {
                        inTime.onCompleted();
                    }
                    else
                    {
                        inTime.onError(ex);
                    }
                }

                @Override
                public void onCompleted()
                {
                    inTime.onCompleted();
                }
            };
        }

        void land()
        {
            acquire(IN_FLIGHT);
            free.release(IN_FLIGHT);
        }

        private void acquire(final int calls)
        {
            try
            {
                assertTrue(free.tryAcquire(calls, DEADLINE.toSeconds(), TimeUnit.SECONDS), "no answer in time");
            }
            catch (final InterruptedException ex)
            {
                throw new IllegalStateException(ex);
            }
            if (null != failure.get())
            {
                throw new AssertionError("a call failed", failure.get());
            }
        }
    }
}
