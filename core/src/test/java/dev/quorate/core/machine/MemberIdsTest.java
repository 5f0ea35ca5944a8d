package dev.quorate.core.machine;

import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

class MemberIdsTest
{
    @Test
    void oneMemberHasTheKnownIds()
    {
        final long member = MemberIds.memberId(List.of("http://localhost:2380"), "etcd-cluster");

        assertEquals(0x8e9e05c52164694dL, member);
        assertEquals(0xcdf818194e3a8c32L, MemberIds.clusterId(List.of(member)));
    }

    @Test
    void threeMembersHaveTheKnownIdsInAnyOrder()
    {
        final long first = MemberIds.memberId(List.of("http://127.0.0.1:2380"), "tkn");
        final long second = MemberIds.memberId(List.of("http://127.0.0.1:2480"), "tkn");
        final long third = MemberIds.memberId(List.of("http://127.0.0.1:2580"), "tkn");

        assertEquals(0xed398ac0e0cb95aL, first);
        assertEquals(0x435568f303edb74aL, second);
        assertEquals(0xa89fcf172b05fd36L, third);
        assertEquals(0x17f06cc9347a844aL, MemberIds.clusterId(List.of(third, first, second)));
    }

    @Test
    void anIdDependsOnTheUrlsAndTheTimeButNotOnTheirOrder()
    {
        final List<String> urls = List.of("http://a:1", "http://b:2");

        assertEquals(
            MemberIds.addedMemberId(urls, 100), MemberIds.addedMemberId(List.of("http://b:2", "http://a:1"), 100));
        assertNotEquals(MemberIds.addedMemberId(urls, 100), MemberIds.addedMemberId(urls, 101));
        assertEquals(MemberIds.memberId(urls, "100"), MemberIds.addedMemberId(urls, 100));
    }
}
