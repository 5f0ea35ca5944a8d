package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import org.agrona.collections.LongArrayList;

import java.util.ArrayList;
import java.util.List;

/**
 * The members of the cluster, the ids that are gone for ever and the cluster version, as of one applied entry.
 * Immutable.
 */
public final class MemberDirectory
{
    /** A directory without members. */
    public static final MemberDirectory EMPTY = new MemberDirectory(List.of(), new LongArrayList(), 0, 0, 0);

    private final List<Member> members;
    private final long[] removedIds;
    private final int versionMajor;
    private final int versionMinor;
    private final long lastChangeIndex;

    MemberDirectory(
        final List<Member> members,
        final LongArrayList removedIds,
        final int versionMajor,
        final int versionMinor,
        final long lastChangeIndex)
    {
        final List<Member> sorted = new ArrayList<>(members);
        sorted.sort((a, b) -> Long.compareUnsigned(a.id(), b.id()));
        for (int i = 0; i < sorted.size(); i++)
        {
            final long id = sorted.get(i).id();
            if (0 == id || i > 0 && sorted.get(i - 1).id() == id)
            {
                throw new IllegalArgumentException("member id is 0 or not unique: " + Long.toHexString(id));
            }
        }
        this.members = List.copyOf(sorted);
        this.removedIds = removedIds.toLongArray();
        this.versionMajor = versionMajor;
        this.versionMinor = versionMinor;
        this.lastChangeIndex = lastChangeIndex;
    }

    /**
     * The directory of a new cluster, before its first entry.
     *
     * @param members to begin with.
     * @return the directory.
     */
    public static MemberDirectory ofMembers(final List<Member> members)
    {
        return new MemberDirectory(members, new LongArrayList(), 0, 0, 0);
    }

    /**
     * @return the members, ascending by unsigned id; unmodifiable.
     */
    public List<Member> members()
    {
        return members;
    }

    /**
     * @param id of a member.
     * @return the member, null if there is none with this id.
     */
    public Member member(final long id)
    {
        for (int i = 0; i < members.size(); i++)
        {
            if (members.get(i).id() == id)
            {
                return members.get(i);
            }
        }
        return null;
    }

    /**
     * @param id of a member.
     * @return true if it was removed and must never come back.
     */
    public boolean isRemoved(final long id)
    {
        for (final long removed : removedIds)
        {
            if (removed == id)
            {
                return true;
            }
        }
        return false;
    }

    /**
     * @return ids that were removed, in no particular order; a copy.
     */
    public long[] removedIds()
    {
        return removedIds.clone();
    }

    /**
     * @return true once the cluster version is decided.
     */
    public boolean hasClusterVersion()
    {
        return 0 != versionMajor || 0 != versionMinor;
    }

    /**
     * @return major part of the cluster version, 0 until decided.
     */
    public int versionMajor()
    {
        return versionMajor;
    }

    /**
     * @return minor part of the cluster version.
     */
    public int versionMinor()
    {
        return versionMinor;
    }

    /**
     * @return index of the entry that changed the directory last, 0 for the first.
     */
    public long lastChangeIndex()
    {
        return lastChangeIndex;
    }

    /**
     * @return how many members have a vote.
     */
    public int voterCount()
    {
        int count = 0;
        for (int i = 0; i < members.size(); i++)
        {
            count += members.get(i).isLearner() ? 0 : 1;
        }
        return count;
    }

    MemberDirectory with(final Member member, final long index)
    {
        final List<Member> changed = othersThan(member.id());
        changed.add(member);
        return new MemberDirectory(changed, removed(), versionMajor, versionMinor, index);
    }

    MemberDirectory without(final long id, final long index)
    {
        final LongArrayList removed = removed();
        removed.addLong(id);
        return new MemberDirectory(othersThan(id), removed, versionMajor, versionMinor, index);
    }

    MemberDirectory withVersion(final int major, final int minor, final long index)
    {
        return new MemberDirectory(members, removed(), major, minor, index);
    }

    EtcdError checkAdd(final long id, final List<String> peerUrls)
    {
        if (isRemoved(id))
        {
            return EtcdError.MEMBER_NOT_FOUND;
        }
        if (null != member(id))
        {
            return EtcdError.MEMBER_EXISTS;
        }
        return anotherHasOneOf(id, peerUrls) ? EtcdError.PEER_URL_EXISTS : EtcdError.NONE;
    }

    EtcdError checkPromote(final long id)
    {
        final Member member = member(id);
        if (null == member)
        {
            return EtcdError.MEMBER_NOT_FOUND;
        }
        return member.isLearner() ? EtcdError.NONE : EtcdError.MEMBER_NOT_LEARNER;
    }

    EtcdError checkExists(final long id)
    {
        return null == member(id) ? EtcdError.MEMBER_NOT_FOUND : EtcdError.NONE;
    }

    EtcdError checkUpdate(final long id, final List<String> peerUrls)
    {
        if (null == member(id))
        {
            return EtcdError.MEMBER_NOT_FOUND;
        }
        return anotherHasOneOf(id, peerUrls) ? EtcdError.PEER_URL_EXISTS : EtcdError.NONE;
    }

    private List<Member> othersThan(final long id)
    {
        final List<Member> others = new ArrayList<>();
        for (final Member member : members)
        {
            if (member.id() != id)
            {
                others.add(member);
            }
        }
        return others;
    }

    private LongArrayList removed()
    {
        final LongArrayList removed = new LongArrayList();
        for (final long id : removedIds)
        {
            removed.addLong(id);
        }
        return removed;
    }

    private boolean anotherHasOneOf(final long id, final List<String> peerUrls)
    {
        for (final Member member : members)
        {
            if (member.id() == id)
            {
                continue;
            }
            for (final String url : member.peerUrls())
            {
                if (peerUrls.contains(url))
                {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public String toString()
    {
        return "MemberDirectory{members=" + members + ", removed=" + removedIds.length +
            ", version=" + versionMajor + '.' + versionMinor + ", lastChangeIndex=" + lastChangeIndex + '}';
    }
}
