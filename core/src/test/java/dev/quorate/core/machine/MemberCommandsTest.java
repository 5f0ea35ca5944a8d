package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.ring.NodeState;
import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class MemberCommandsTest
{
    private static final MemberDirectory FOUNDERS = MemberDirectory.ofMembers(List.of(
        Member.ofUrls(-2, false, "http://b:2380"), Member.ofUrls(1, false, "http://a:2380", "http://aa:2380")));

    private final TestMachine machine = new TestMachine(16, FOUNDERS, ApplyQuota.UNLIMITED);

    @Test
    void foundersAreThereBeforeTheFirstEntryAndAfterARestart()
    {
        assertEquals(List.of(1L, -2L), ids(machine.directories.members()));
        machine.apply(new Command.Noop());

        final TestMachine reopened = machine.reopen(16);
        assertEquals(FOUNDERS.members(), reopened.directories.members().members());
        assertEquals(0, reopened.directories.members().lastChangeIndex());
    }

    @Test
    void membersComeGrowAndGoForEver()
    {
        assertEquals(EtcdError.NONE, change(ConfigChangeKind.ADD_LEARNER, 7, "http://c:2380\nhttp://cc:2380"));
        assertEquals(new Member(7, "", List.of("http://c:2380", "http://cc:2380"), List.of(), true, 0), member(7));
        assertEquals(2, machine.directories.members().voterCount());

        assertEquals(EtcdError.NONE, change(ConfigChangeKind.UPDATE, 7, "http://d:2380"));
        assertTrue(member(7).isLearner());
        assertEquals(List.of("http://d:2380"), member(7).peerUrls());

        assertEquals(EtcdError.NONE, change(ConfigChangeKind.PROMOTE, 7, ""));
        assertFalse(member(7).isLearner());
        assertEquals(EtcdError.MEMBER_NOT_LEARNER, change(ConfigChangeKind.PROMOTE, 7, ""));

        assertEquals(EtcdError.NONE, change(ConfigChangeKind.REMOVE, 7, ""));
        assertTrue(machine.directories.members().isRemoved(7));
        final long lastChange = machine.machine.appliedIndex();
        assertEquals(lastChange, machine.directories.members().lastChangeIndex());
        for (final int kind : new int[]{ConfigChangeKind.ADD_VOTER, ConfigChangeKind.ADD_LEARNER,
            ConfigChangeKind.PROMOTE, ConfigChangeKind.REMOVE, ConfigChangeKind.UPDATE})
        {
            assertEquals(EtcdError.MEMBER_NOT_FOUND, change(kind, 7, "http://e:2380"), "kind " + kind);
        }
        assertEquals(lastChange, machine.directories.members().lastChangeIndex());
        assertEquals(1, machine.store.revision());
    }

    @Test
    void idsAndUrlsAreUnique()
    {
        assertEquals(EtcdError.MEMBER_EXISTS, change(ConfigChangeKind.ADD_VOTER, 1, "http://x:1"));
        assertEquals(EtcdError.PEER_URL_EXISTS, change(ConfigChangeKind.ADD_VOTER, 9, "http://x:1\nhttp://aa:2380"));
        assertEquals(EtcdError.PEER_URL_EXISTS, change(ConfigChangeKind.UPDATE, -2, "http://a:2380"));
        assertEquals(EtcdError.NONE, change(ConfigChangeKind.UPDATE, 1, "http://a:2380"));
        assertEquals(EtcdError.NONE, change(ConfigChangeKind.ADD_VOTER, 9, "http://aa:2380"));
    }

    @Test
    void aStoreIsBoundToItsMemberUntilThatIsRemoved()
    {
        assertFalse(member(1).isStarted());
        assertEquals(EtcdError.NONE, machine.errorOf(new Command.Publish(1, 50, "one", "http://c:2379\nhttp://d:1")));
        assertEquals(new Member(1, "one", List.of("http://a:2380", "http://aa:2380"),
            List.of("http://c:2379", "http://d:1"), false, 50), member(1));
        assertEquals(EtcdError.NONE, machine.errorOf(new Command.Publish(1, 50, "uno", "http://c:2379")));
        assertEquals("uno", member(1).name());
        assertEquals(EtcdError.MEMBER_EXISTS, machine.errorOf(new Command.Publish(1, 51, "evil", "http://e:1")));
        assertEquals("uno", member(1).name());
        assertEquals(EtcdError.MEMBER_NOT_FOUND, machine.errorOf(new Command.Publish(3, 51, "x", "http://e:1")));
    }

    @Test
    void publishingTheSameAgainWritesNothing()
    {
        machine.apply(new Command.Publish(1, 50, "one", "http://c:2379"));
        final long bound = machine.store.bound();
        machine.apply(new Command.Publish(1, 50, "one", "http://c:2379"));
        assertEquals(bound, machine.store.bound());
        machine.apply(new Command.Publish(1, 50, "two", "http://c:2379"));
        assertNotEquals(bound, machine.store.bound());
    }

    @Test
    void versionAndMembersSurviveARestart()
    {
        machine.apply(new Command.Publish(1, 50, "one", "http://c:2379"));
        change(ConfigChangeKind.REMOVE, -2, "");
        machine.apply(new Command.Version(3, 7));
        assertTrue(machine.directories.members().hasClusterVersion());
        assertEquals(3L << 32 | 7, machine.state.get(NodeState.Value.CLUSTER_VERSION));
        machine.apply(new Command.Alarm(1, 1, AlarmTable.NOSPACE));
        machine.apply(new Command.Grant(-9, 77));

        final TestMachine reopened = machine.reopen(16);
        assertEquals(machine.directories.members().toString(), reopened.directories.members().toString());
        assertTrue(reopened.directories.members().isRemoved(-2));
        assertEquals(3L << 32 | 7, reopened.state.get(NodeState.Value.CLUSTER_VERSION));
        assertEquals(1, reopened.state.get(NodeState.Value.ALARM_NOSPACE));
        assertEquals(machine.leases, reopened.leases);
        assertEquals(EtcdError.NO_SPACE, reopened.errorOf(Command.put("a", "1")));
        assertEquals(EtcdError.MEMBER_NOT_FOUND, reopened.errorOf(new Command.Change(0, -2, "http://z:1")));
    }

    @Test
    void aKindOfChangeNobodyKnowsHalts()
    {
        assertThrows(IllegalStateException.class, () -> change(5, 1, ""));
    }

    private EtcdError change(final int kind, final long id, final String urls)
    {
        return machine.errorOf(new Command.Change(kind, id, urls));
    }

    private Member member(final long id)
    {
        return machine.directories.members().member(id);
    }

    private static List<Long> ids(final MemberDirectory directory)
    {
        return directory.members().stream().map(Member::id).toList();
    }
}
