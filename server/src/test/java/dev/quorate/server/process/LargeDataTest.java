package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.CompactionRequest;
import dev.quorate.gateway.proto.etcdserverpb.DeleteRangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.KVGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeResponse;
import dev.quorate.gateway.proto.etcdserverpb.RequestOp;
import dev.quorate.gateway.proto.etcdserverpb.StatusRequest;
import dev.quorate.gateway.proto.etcdserverpb.StatusResponse;
import dev.quorate.gateway.proto.etcdserverpb.TxnRequest;
import dev.quorate.gateway.proto.mvccpb.KeyValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Far more data than heap and direct memory: 2,000,000 keys of 64 bytes with values of 1 KiB behind 256 MiB of heap.
 * What is on the heap does not grow with them, and the thread that decides and applies never waits for the disk to
 * read, also when nothing of the data is in memory. Needs about 6 GB of disk while it runs.
 * {@code -Dquorate.large.keys} makes it smaller.
 */
class LargeDataTest
{
    private static final int KEYS = Integer.getInteger("quorate.large.keys", 2_000_000);
    private static final int VALUE_LENGTH = 1024;
    private static final int PAGE = 1000;
    private static final int GETS = 20_000;
    private static final int READS_PER_COUNT = 100;
    private static final int SIGTERM_EXIT = 143;
    private static final Duration DEADLINE = Duration.ofMinutes(10);
    private static final String CORE = "core";
    /** Pages of the program itself may come from the disk; one old record touched per update would be thousands. */
    private static final int FAULTS_MAX = 16;
    /** What is on the heap behind a collection, at most. */
    private static final int HEAP_MAX_MB = 96;
    /** Ten times what a client would notice. */
    private static final long READ_MAX_NS = TimeUnit.SECONDS.toNanos(10);

    @RegisterExtension
    final Processes processes = new Processes();

    private MemberProcess member;
    private BulkData data;

    @Test
    void dataSetLargerThanTheHeapIsLoadedReadListedCompactedAndRestarted() throws IOException
    {
        member = processes.single(
            Program.quorate("-Xmx256m", "-XX:MaxDirectMemorySize=512m", "-Xlog:gc"),
            "--quota-backend-bytes", Long.toString(16L << 30));
        data = new BulkData("large data", member, KEYS, VALUE_LENGTH);
        data.timed("load", () -> data.load(0, KEYS, 0));
        data.timed("random gets", () -> randomGets(0));
        data.timed("full paged list", () -> listAll(KEYS));
        final long before = status().getDbSizeInUse();
        data.timed("update of a tenth, deletion of a tenth, compaction", () ->
        {
            data.load(0, KEYS / 10, 1);
            deleteTenth();
            compact();
        });
        assertTrue(status().getDbSizeInUse() < before - before / 20, before + " and " + status());
        assertEquals(KEYS - KEYS / 10, data.count());
        restart("start after SIGTERM", true, false);
        restart("start after SIGKILL, with a checkpoint", false, false);
        restart("start after SIGKILL, without a checkpoint", false, true);
        data.timed("random gets", () -> randomGets(1));
        writeOverColdData();
        data.timed("random gets", () -> randomGets(1));
        deleteHalfAtOnce();
        data.assertFlatHeap(HEAP_MAX_MB);
    }

    /** Nothing of the store is in memory; updates need the index alone. */
    private void writeOverColdData() throws IOException
    {
        member.kill();
        data.dropPageCache();
        member.start().awaitHealthy();
        final long before = member.majorFaults(CORE);
        data.timed("update of a tenth, none of it in memory", () -> data.load(0, KEYS / 10, 1));
        final long faults = member.majorFaults(CORE) - before;
        data.tell("core thread waited %d times for a page", faults);
        assertTrue(faults <= FAULTS_MAX, faults + " pages were read from the disk for the core thread");
    }

    /** One call deletes a million keys: the member answers meanwhile, and nobody sees a part of it. */
    private void deleteHalfAtOnce()
    {
        final KVGrpc.KVStub kv = KVGrpc.newStub(member.channel());
        final ByteString end = data.key(KEYS / 2);
        final long before = data.count();
        final long doomed = data.count(end, false, 0);
        assertTrue(doomed > KEYS / 3);
        final Flight flight = new Flight();
        final long startNs = System.nanoTime();
        kv.deleteRange(
            DeleteRangeRequest.newBuilder().setKey(BulkData.PREFIX).setRangeEnd(end).build(),
            flight.takeLate((response) -> assertEquals(doomed, response.getDeleted())));
        long longestNs = 0;
        int reads = 0;
        for (long seen = before; seen == before; reads++)
        {
            final long readNs = System.nanoTime();
            KVGrpc.newBlockingStub(member.channel()).range(
                RangeRequest.newBuilder().setKey(data.key(KEYS - 1)).setSerializable(true).build());
            longestNs = Math.max(longestNs, System.nanoTime() - readNs);
            if (0 == reads % READS_PER_COUNT)
            {
                seen = data.count(BulkData.PREFIX_END, true, 0);
                assertTrue(seen == before || seen == before - doomed, seen + " seen of " + before + " less " + doomed);
            }
            assertTrue(readNs - startNs < DEADLINE.toNanos(), "the keys are still there");
        }
        flight.land();
        data.tell("deletion of %d keys by one call: %.1f s, %d reads meanwhile, the longest %.0f ms", doomed,
            (System.nanoTime() - startNs) / 1e9, reads, longestNs / 1e6);
        assertEquals(before - doomed, data.count());
        assertTrue(longestNs < READ_MAX_NS, "a read took " + longestNs + " ns");
    }

    private void randomGets(final int generation)
    {
        final SplittableRandom random = new SplittableRandom(7);
        final Flight flight = new Flight();
        for (int i = 0; i < GETS; i++)
        {
            // after the tenth that was updated and before the one that was deleted, or anywhere
            final int place = generation == 0 ? random.nextInt(KEYS) : random.nextInt(KEYS - KEYS / 10);
            data.get(flight, place, 0, place < KEYS / 10 ? generation : 0);
        }
        flight.land();
    }

    private void listAll(final int expected)
    {
        final KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(member.channel());
        ByteString from = BulkData.PREFIX;
        ByteString last = ByteString.EMPTY;
        int found = 0;
        boolean isMore = true;
        while (isMore)
        {
            final RangeResponse page = kv.withDeadlineAfter(60, TimeUnit.SECONDS).range(RangeRequest.newBuilder()
                .setKey(from).setRangeEnd(BulkData.PREFIX_END).setLimit(PAGE).build());
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
        for (int first = KEYS - KEYS / 10; first < KEYS; first += BulkData.TXN_PUTS)
        {
            final TxnRequest.Builder txn = TxnRequest.newBuilder();
            for (int i = first; i < Math.min(KEYS, first + BulkData.TXN_PUTS); i++)
            {
                txn.addSuccess(RequestOp.newBuilder().setRequestDeleteRange(
                    DeleteRangeRequest.newBuilder().setKey(data.key(data.number(i)))));
            }
            kv.txn(txn.build(), flight.take((response) -> assertTrue(response.getSucceeded())));
        }
        flight.land();
    }

    private void compact()
    {
        final KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(member.channel());
        final long revision = Kv.revision(member);
        kv.withDeadlineAfter(DEADLINE.toSeconds(), TimeUnit.SECONDS)
            .compact(CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build());
    }

    private void restart(final String what, final boolean isClean, final boolean isByScan) throws IOException
    {
        if (isClean)
        {
            final long startNs = System.nanoTime();
            assertEquals(SIGTERM_EXIT, member.terminate());
            data.tell("end after SIGTERM: %.1f s", (System.nanoTime() - startNs) / 1e9);
        }
        else
        {
            member.kill();
        }
        final boolean hadCheckpoint = hasCheckpoint(isByScan);
        assertTrue(hadCheckpoint, "no checkpoint of the index");
        final long startNs = System.nanoTime();
        member.start().awaitHealthy();
        data.tell("%s: %.1f s, %.1f s of processors; %s", what,
            (System.nanoTime() - startNs) / 1e9, member.processorTime().toMillis() / 1e3, recoveryLine());
        assertEquals(KEYS - KEYS / 10, data.count());
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

    private StatusResponse status()
    {
        return MaintenanceGrpc.newBlockingStub(member.channel()).status(StatusRequest.getDefaultInstance());
    }
}
