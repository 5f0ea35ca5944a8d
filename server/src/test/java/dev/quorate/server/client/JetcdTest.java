package dev.quorate.server.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.server.process.MemberProcess;
import dev.quorate.server.process.Processes;
import dev.quorate.server.process.Program;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.maintenance.StatusResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The Java client that others use, against one member.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JetcdTest
{
    private static final long DEADLINE_S = 30;

    @RegisterExtension
    static final Processes PROCESSES = new Processes();

    private Client client;
    private List<MemberProcess> members;

    /**
     * @return the members to speak to, serving.
     */
    List<MemberProcess> members()
    {
        return List.of(PROCESSES.single(Program.quorate()));
    }

    @BeforeAll
    void start()
    {
        members = members();
        client = Client.builder()
            .endpoints(members.stream().map(MemberProcess::clientUrl).toArray(String[]::new)).build();
    }

    @AfterAll
    void stop()
    {
        client.close();
    }

    @Test
    void putsGetsDeletesAndCompacts() throws Exception
    {
        await(client.getKVClient().put(bytes("kv/a"), bytes("1")));
        await(client.getKVClient().put(bytes("kv/b"), bytes("2")));
        final GetResponse all = await(client.getKVClient().get(
            bytes("kv/"), GetOption.builder().isPrefix(true).withSortOrder(GetOption.SortOrder.DESCEND)
                .withSortField(GetOption.SortTarget.KEY).build()));
        assertEquals(2, all.getCount());
        assertEquals("kv/b", all.getKvs().getFirst().getKey().toString());
        assertEquals(1, await(client.getKVClient().delete(bytes("kv/a"))).getDeleted());
        await(client.getKVClient().compact(all.getHeader().getRevision()));
        final ExecutionException error = assertThrows(
            ExecutionException.class,
            () -> await(client.getKVClient().get(bytes("kv/"), GetOption.builder().withRevision(1).build())));
        assertTrue(error.getMessage().contains("required revision has been compacted"), error.getMessage());
    }

    @Test
    void takesTheBranchThatTheComparesSay() throws Exception
    {
        await(client.getKVClient().put(bytes("txn/a"), bytes("1")));
        final TxnResponse taken = await(client.getKVClient().txn()
            .If(new Cmp(bytes("txn/a"), Cmp.Op.EQUAL, CmpTarget.value(bytes("1"))))
            .Then(Op.put(bytes("txn/a"), bytes("2"), PutOption.DEFAULT))
            .Else(Op.get(bytes("txn/a"), GetOption.DEFAULT))
            .commit());
        assertTrue(taken.isSucceeded());
        final TxnResponse other = await(client.getKVClient().txn()
            .If(new Cmp(bytes("txn/a"), Cmp.Op.EQUAL, CmpTarget.value(bytes("1"))))
            .Then(Op.put(bytes("txn/a"), bytes("3"), PutOption.DEFAULT))
            .Else(Op.get(bytes("txn/a"), GetOption.DEFAULT))
            .commit());
        assertFalse(other.isSucceeded());
        assertEquals("2", other.getGetResponses().getFirst().getKvs().getFirst().getValue().toString());
    }

    @Test
    void watchesAPrefix() throws Exception
    {
        final BlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();
        final long revision = await(client.getKVClient().put(bytes("watch/a"), bytes("1"))).getHeader().getRevision();
        try (Watch.Watcher watcher = client.getWatchClient().watch(
            bytes("watch/"), WatchOption.builder().isPrefix(true).withRevision(revision).withPrevKV(true).build(),
            (response) -> events.addAll(response.getEvents())))
        {
            assertFalse(watcher.isClosed());
            assertEquals(WatchEvent.EventType.PUT, events.poll(DEADLINE_S, TimeUnit.SECONDS).getEventType());
            await(client.getKVClient().delete(bytes("watch/a")));
            final WatchEvent removed = events.poll(DEADLINE_S, TimeUnit.SECONDS);
            assertEquals(WatchEvent.EventType.DELETE, removed.getEventType());
            assertEquals("1", removed.getPrevKV().getValue().toString());
        }
    }

    @Test
    void grantsKeepsAliveAndRevokesALease() throws Exception
    {
        final long id = await(client.getLeaseClient().grant(60)).getID();
        await(client.getKVClient().put(bytes("lease/a"), bytes("1"), PutOption.builder().withLeaseId(id).build()));
        assertEquals(60, await(client.getLeaseClient().keepAliveOnce(id)).getTTL());
        assertEquals(1, await(client.getLeaseClient().timeToLive(
            id, LeaseOption.builder().withAttachedKeys().build())).getKeys().size());
        await(client.getLeaseClient().revoke(id));
        assertEquals(0, await(client.getKVClient().get(bytes("lease/a"))).getCount());
    }

    @Test
    void listsMembersAndTellsStatus() throws Exception
    {
        assertEquals(members.size(), await(client.getClusterClient().listMember()).getMembers().size());
        assertEquals(0, await(client.getMaintenanceClient().listAlarms()).getAlarms().size());
        for (final MemberProcess member : members)
        {
            final StatusResponse status = await(client.getMaintenanceClient().statusMember(member.clientUrl()));
            assertEquals("3.7.1", status.getVersion());
            assertTrue(0 != status.getLeader() && status.getDbSize() > 0, status.toString());
        }
    }

    @Test
    void refusesLocksThatAreNotServedYet()
    {
        final ExecutionException error = assertThrows(
            ExecutionException.class, () -> await(client.getLockClient().lock(bytes("lock"), 0)));
        assertTrue(error.getMessage().contains("UNIMPLEMENTED"), error.getMessage());
    }

    private static <T> T await(final CompletableFuture<T> future) throws Exception
    {
        return future.get(DEADLINE_S, TimeUnit.SECONDS);
    }

    private static ByteSequence bytes(final String text)
    {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }
}
