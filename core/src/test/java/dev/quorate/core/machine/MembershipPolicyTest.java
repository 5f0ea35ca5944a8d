package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

import static dev.quorate.core.machine.MembershipPolicy.HEALTH_INTERVAL_NS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class MembershipPolicyTest
{
    private static final long NOW = 100 * HEALTH_INTERVAL_NS;
    private static final long LONG_AGO = NOW - HEALTH_INTERVAL_NS - 1;
    private static final List<String> NEW_URL = List.of("http://new:2380");

    private final TreeMap<Long, Long> activeSince = new TreeMap<>();
    private final PeerActivity activity = (id) -> activeSince.getOrDefault(id, PeerActivity.INACTIVE);
    private final MembershipPolicy strict = new MembershipPolicy(1, true, 1);
    private final MembershipPolicy lax = new MembershipPolicy(1, false, 1);

    @Test
    void aHealthyClusterMayGrow()
    {
        allActive(3);

        assertEquals(EtcdError.NONE, add(strict, voters(3, 3), false));
        assertEquals(EtcdError.NONE, add(strict, voters(3, 3), true));
    }

    @Test
    void aVoterIsRefusedWhileTooFewHaveStarted()
    {
        allActive(4);

        assertEquals(EtcdError.NOT_ENOUGH_STARTED_MEMBERS, add(strict, voters(3, 2), false));
        assertEquals(EtcdError.NOT_ENOUGH_STARTED_MEMBERS, add(strict, voters(2, 1), false));
        assertEquals(EtcdError.NONE, add(strict, voters(2, 1), true));
        assertEquals(EtcdError.NONE, add(lax, voters(2, 1), false));
    }

    @Test
    void oneStartedMemberOfOneMayGrow()
    {
        assertEquals(EtcdError.NOT_ENOUGH_STARTED_MEMBERS, add(strict, voters(1, 0), false));
        assertEquals(EtcdError.NONE, add(strict, voters(1, 1), false));
    }

    @Test
    void nobodyIsAddedWhileTheQuorumOfTheGrownClusterIsNotConnected()
    {
        activeSince.put(2L, LONG_AGO);
        assertEquals(EtcdError.UNHEALTHY, add(strict, voters(3, 3), false));

        activeSince.put(3L, NOW - HEALTH_INTERVAL_NS);
        assertEquals(EtcdError.UNHEALTHY, add(strict, voters(3, 3), true));
        activeSince.put(3L, LONG_AGO);
        assertEquals(EtcdError.NONE, add(strict, voters(3, 3), true));
    }

    @Test
    void idsUrlsAndLearnersAreLimited()
    {
        allActive(3);
        final MemberDirectory directory = voters(3, 3).with(Member.ofUrls(9, true, "http://9:2380"), 5);

        assertEquals(EtcdError.TOO_MANY_LEARNERS, add(strict, directory, true));
        assertEquals(EtcdError.MEMBER_EXISTS,
            strict.checkAdd(9, NEW_URL, false, directory, activity, NOW));
        assertEquals(EtcdError.PEER_URL_EXISTS,
            strict.checkAdd(10, List.of("http://x:1", "http://9:2380"), false, directory, activity, NOW));
        assertEquals(EtcdError.MEMBER_NOT_FOUND,
            strict.checkAdd(9, NEW_URL, false, directory.without(9, 6), activity, NOW));
    }

    @Test
    void removalKeepsAQuorumStartedAndActive()
    {
        allActive(3);
        assertEquals(EtcdError.NONE, strict.checkRemove(2, voters(3, 3), activity, NOW));
        assertEquals(EtcdError.NOT_ENOUGH_STARTED_MEMBERS, strict.checkRemove(1, voters(1, 1), activity, NOW));
        assertEquals(EtcdError.NOT_ENOUGH_STARTED_MEMBERS, strict.checkRemove(2, voters(3, 2), activity, NOW));
        assertEquals(EtcdError.MEMBER_NOT_FOUND, strict.checkRemove(77, voters(3, 3), activity, NOW));

        activeSince.remove(3L);
        assertEquals(EtcdError.UNHEALTHY, strict.checkRemove(2, voters(3, 3), activity, NOW));
        assertEquals(EtcdError.NONE, strict.checkRemove(3, voters(3, 3), activity, NOW));
        assertEquals(EtcdError.NONE, lax.checkRemove(2, voters(3, 3), activity, NOW));
    }

    @Test
    void aLearnerIsRemovedFreely()
    {
        final MemberDirectory directory = voters(1, 1).with(Member.ofUrls(9, true, "http://9:2380"), 5);

        assertEquals(EtcdError.NONE, strict.checkRemove(9, directory, activity, NOW));
    }

    @Test
    void aLearnerIsPromotedOnceItIsNear()
    {
        final MemberDirectory directory = voters(3, 3).with(Member.ofUrls(9, true, "http://9:2380"), 5);

        assertEquals(EtcdError.NONE, strict.checkPromote(9, directory, 90, 100));
        assertEquals(EtcdError.LEARNER_NOT_READY, strict.checkPromote(9, directory, 89, 100));
        assertEquals(EtcdError.MEMBER_NOT_FOUND,
            strict.checkPromote(77, directory, MembershipPolicy.UNKNOWN_MATCH, 100));
        assertEquals(EtcdError.MEMBER_NOT_LEARNER, strict.checkPromote(2, directory, 100, 100));
        assertEquals(EtcdError.NOT_ENOUGH_STARTED_MEMBERS,
            strict.checkPromote(9, voters(3, 1).with(Member.ofUrls(9, true, "http://9:2380"), 5), 100, 100));
    }

    @Test
    void urlsChangeUnlessAnotherMemberHasThem()
    {
        assertEquals(EtcdError.NONE, strict.checkUpdate(1, List.of("http://1:2380"), voters(3, 3)));
        assertEquals(EtcdError.PEER_URL_EXISTS, strict.checkUpdate(1, List.of("http://2:2380"), voters(3, 3)));
        assertEquals(EtcdError.MEMBER_NOT_FOUND, strict.checkUpdate(7, NEW_URL, voters(3, 3)));
    }

    @Test
    void theEntryItselfCanBeChecked()
    {
        allActive(3);

        assertEquals(EtcdError.NONE, checkEntry(ConfigChangeKind.ADD_VOTER, 9, "http://9:2380"));
        assertEquals(EtcdError.PEER_URL_EXISTS, checkEntry(ConfigChangeKind.ADD_LEARNER, 9, "http://2:2380"));
        assertEquals(EtcdError.MEMBER_NOT_LEARNER, checkEntry(ConfigChangeKind.PROMOTE, 2, ""));
        assertEquals(EtcdError.NONE, checkEntry(ConfigChangeKind.REMOVE, 2, ""));
        assertEquals(EtcdError.PEER_URL_EXISTS, checkEntry(ConfigChangeKind.UPDATE, 1, "http://z:1\nhttp://3:2380"));
        assertThrows(IllegalStateException.class, () -> checkEntry(5, 1, ""));
    }

    private EtcdError checkEntry(final int kind, final long id, final String urls)
    {
        final UnsafeBuffer payload = new Commands().encode(1, 1, 1, new Command.Change(kind, id, urls));
        return strict.check(payload, 0, payload.capacity(), voters(3, 3), activity, NOW, 100, 100);
    }

    private EtcdError add(final MembershipPolicy policy, final MemberDirectory directory, final boolean isLearner)
    {
        return policy.checkAdd(50, NEW_URL, isLearner, directory, activity, NOW);
    }

    private void allActive(final int count)
    {
        for (long id = 2; id <= count; id++)
        {
            activeSince.put(id, LONG_AGO);
        }
    }

    private static MemberDirectory voters(final int count, final int started)
    {
        final List<Member> members = new ArrayList<>();
        for (int id = 1; id <= count; id++)
        {
            final Member member = Member.ofUrls(id, false, "http://" + id + ":2380");
            members.add(id <= started ? member.published("m" + id, List.of("http://c" + id), id) : member);
        }
        return MemberDirectory.ofMembers(members);
    }
}
