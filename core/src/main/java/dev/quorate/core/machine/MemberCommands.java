package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.codec.command.ConfigChangeDecoder;
import dev.quorate.core.codec.command.MemberPublishDecoder;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.store.RecordDescriptor;
import dev.quorate.core.store.RecordView;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.SystemScan;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the member directory and the cluster version. Changes are rare and may allocate.
 */
final class MemberCommands
{
    private static final UnsafeBuffer VERSION_KEY = new UnsafeBuffer("version".getBytes(StandardCharsets.US_ASCII));

    private final Store store;
    private final Directories directories;
    private final NodeState state;
    private final MemberDirectory bootstrap;
    private final ConfigChangeDecoder change = new ConfigChangeDecoder();
    private final MemberPublishDecoder publication = new MemberPublishDecoder();
    private final UnsafeBuffer key = new UnsafeBuffer(new byte[SystemRows.ID_KEY_LENGTH]);
    private final ExpandableArrayBuffer body = new ExpandableArrayBuffer();
    private MemberDirectory directory = MemberDirectory.EMPTY;

    MemberCommands(final MachineContext context)
    {
        this.store = context.store();
        this.directories = context.directories();
        this.state = context.nodeState();
        this.bootstrap = context.bootstrap();
    }

    void recover()
    {
        if (0 == store.raftIndex())
        {
            publish(bootstrap);
            return;
        }
        final List<Member> members = new ArrayList<>();
        final LongArrayList removed = new LongArrayList();
        final RecordView row = new RecordView();
        long lastChange = 0;
        final SystemScan scan = store.scanSystem(RecordDescriptor.MEMBER);
        while (scan.next())
        {
            final long id = SystemRows.id(scan.key(), scan.keyOffset(), scan.keyLength());
            scan.record(row);
            if (SystemRows.isRemovedMember(row))
            {
                removed.addLong(id);
            }
            else
            {
                members.add(SystemRows.member(id, row));
            }
            lastChange = Math.max(lastChange, SystemRows.changeIndex(row));
        }
        int major = 0;
        int minor = 0;
        if (store.findSystem(RecordDescriptor.CLUSTER, VERSION_KEY, 0, VERSION_KEY.capacity(), row))
        {
            major = SystemRows.versionMajor(row);
            minor = SystemRows.versionMinor(row);
            lastChange = Math.max(lastChange, SystemRows.changeIndex(row));
        }
        publish(new MemberDirectory(members, removed, major, minor, lastChange));
    }

    /**
     * The first entry of the log begins: what the cluster was founded with becomes part of the state.
     */
    void onFirstEntry()
    {
        for (final Member member : bootstrap.members())
        {
            putRow(member, 0);
        }
    }

    EtcdError applyChange(final CommandReader reader, final long index)
    {
        change.wrap(reader.buffer(), reader.position(), reader.blockLength(), reader.version());
        final long id = change.targetMemberId();
        final int kind = change.kind();
        final int length = change.peerUrlsLength();
        final int offset = change.limit() + ConfigChangeDecoder.peerUrlsHeaderLength();
        final List<String> peerUrls = Urls.read(reader.buffer(), offset, length, reader);
        reader.moveTo(offset + length);
        return switch (kind)
        {
            case ConfigChangeKind.ADD_VOTER -> add(new Member(id, "", peerUrls, List.of(), false, 0), index);
            case ConfigChangeKind.ADD_LEARNER -> add(new Member(id, "", peerUrls, List.of(), true, 0), index);
            case ConfigChangeKind.PROMOTE -> promote(id, index);
            case ConfigChangeKind.REMOVE -> remove(id, index);
            case ConfigChangeKind.UPDATE -> update(id, peerUrls, index);
            default -> throw reader.malformed("kind of configuration change " + kind);
        };
    }

    /**
     * A member tells its name and client URLs. The first publication binds its store id; another store under the same
     * id is refused until the member was removed and added again.
     */
    EtcdError applyPublication(final CommandReader reader, final long index)
    {
        final DirectBuffer buffer = reader.buffer();
        publication.wrap(buffer, reader.position(), reader.blockLength(), reader.version());
        final long id = publication.targetMemberId();
        final long storeId = publication.storeId();
        final int nameLength = publication.nameLength();
        final int nameAt = publication.limit() + MemberPublishDecoder.nameHeaderLength();
        final String name = Urls.readText(buffer, nameAt, nameLength, reader);
        publication.skipName();
        final int urlsLength = publication.clientUrlsLength();
        final int urlsAt = publication.limit() + MemberPublishDecoder.clientUrlsHeaderLength();
        final List<String> clientUrls = Urls.read(buffer, urlsAt, urlsLength, reader);
        reader.moveTo(urlsAt + urlsLength);

        final Member member = directory.member(id);
        if (null == member)
        {
            return EtcdError.MEMBER_NOT_FOUND;
        }
        if (0 != member.storeId() && member.storeId() != storeId)
        {
            return EtcdError.MEMBER_EXISTS;
        }
        final Member published = member.published(name, clientUrls, storeId);
        if (!published.equals(member))
        {
            replace(published, index);
        }
        return EtcdError.NONE;
    }

    void applyVersion(final int major, final int minor, final long index)
    {
        if (directory.versionMajor() == major && directory.versionMinor() == minor)
        {
            return;
        }
        SystemRows.putVersion(body, index, major, minor);
        store.putSystem(RecordDescriptor.CLUSTER, VERSION_KEY, 0, VERSION_KEY.capacity(),
            body, 0, SystemRows.VERSION_LENGTH);
        publish(directory.withVersion(major, minor, index));
    }

    private EtcdError add(final Member member, final long index)
    {
        if (0 == member.id())
        {
            return EtcdError.MEMBER_NOT_FOUND;
        }
        final EtcdError error = directory.checkAdd(member.id(), member.peerUrls());
        if (EtcdError.NONE == error)
        {
            replace(member, index);
        }
        return error;
    }

    private EtcdError promote(final long id, final long index)
    {
        final EtcdError error = directory.checkPromote(id);
        if (EtcdError.NONE == error)
        {
            replace(directory.member(id).promoted(), index);
        }
        return error;
    }

    private EtcdError update(final long id, final List<String> peerUrls, final long index)
    {
        final EtcdError error = directory.checkUpdate(id, peerUrls);
        if (EtcdError.NONE == error)
        {
            replace(directory.member(id).reachedAt(peerUrls), index);
        }
        return error;
    }

    private EtcdError remove(final long id, final long index)
    {
        final EtcdError error = directory.checkExists(id);
        if (EtcdError.NONE == error)
        {
            SystemRows.putId(key, id);
            final int length = SystemRows.putRemovedMember(body, index);
            store.putSystem(RecordDescriptor.MEMBER, key, 0, key.capacity(), body, 0, length);
            publish(directory.without(id, index));
        }
        return error;
    }

    private void replace(final Member member, final long index)
    {
        putRow(member, index);
        publish(directory.with(member, index));
    }

    private void putRow(final Member member, final long index)
    {
        SystemRows.putId(key, member.id());
        final int length = SystemRows.putMember(body, member, index);
        store.putSystem(RecordDescriptor.MEMBER, key, 0, key.capacity(), body, 0, length);
    }

    private void publish(final MemberDirectory changed)
    {
        directory = changed;
        directories.members(changed);
        state.set(NodeState.Value.CLUSTER_VERSION,
            (long)changed.versionMajor() << Integer.SIZE | changed.versionMinor());
    }

    @Override
    public String toString()
    {
        return "MemberCommands{directory=" + directory + '}';
    }
}
