package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.Method;
import dev.quorate.core.machine.ConfigChangeKind;
import dev.quorate.core.machine.Member;
import dev.quorate.core.machine.MemberIds;
import dev.quorate.core.wire.WireReader;
import dev.quorate.core.wire.WireWriter;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The calls of service Cluster. Their headers carry no revision. Rare, so that strings and lists are allowed.
 */
final class ClusterCalls extends CallGroup
{
    private static final int ADDED_MEMBER = 2;
    private static final int ADD_MEMBERS = 3;
    private static final int MEMBERS = 2;

    private final SessionContext context;
    private final SessionParts parts;
    private final WireWriter writer;
    private final WireReader reader = new WireReader();

    ClusterCalls(final SessionContext context, final SessionParts parts)
    {
        this.context = context;
        this.parts = parts;
        writer = parts.writer;
    }

    @Override
    void begin(final UnaryCall call)
    {
        final List<String> urls = new ArrayList<>();
        long first = 0;
        long second = 0;
        final int urlsField = call.method == Method.MEMBER_ADD ? 1 : 2;
        reader.wrap(call.buffer, call.offset, call.length);
        while (reader.next())
        {
            first = reader.tag() == 1 << 3 ? reader.number() : first;
            second = reader.tag() == 2 << 3 ? reader.number() : second;
            if (reader.tag() == ((urlsField << 3) | 2) && hasUrls(call.method))
            {
                reader.requireUtf8();
                urls.add(call.buffer.getStringWithoutLengthUtf8(reader.valueOffset(), reader.valueLength()));
            }
        }
        if (parts.calls.isRefused(call, false))
        {
            return;
        }
        switch (call.method)
        {
            case MEMBER_LIST -> list(call, first != 0);
            case MEMBER_ADD -> add(call, urls, second != 0);
            case MEMBER_REMOVE -> change(call, first, ConfigChangeKind.REMOVE, List.of());
            case MEMBER_UPDATE -> update(call, first, urls);
            case MEMBER_PROMOTE -> change(call, first, ConfigChangeKind.PROMOTE, List.of());
            default -> throw new IllegalStateException("not a call of Cluster: " + call.method);
        }
    }

    @Override
    void onApplied(final UnaryCall call, final AppliedResult result)
    {
        answer(call);
    }

    @Override
    void onReadReady(final UnaryCall call)
    {
        answer(call);
    }

    @Override
    EtcdError timeoutOf(final UnaryCall call)
    {
        return call.method == Method.MEMBER_LIST ? EtcdError.TIMEOUT : parts.calls.proposalTimeout(call.startNs);
    }

    private static boolean hasUrls(final Method method)
    {
        return method == Method.MEMBER_ADD || method == Method.MEMBER_UPDATE;
    }

    private void list(final UnaryCall call, final boolean isLinearizable)
    {
        if (!isLinearizable)
        {
            answer(call);
        }
        else if (parts.calls.isFull())
        {
            call.fail(EtcdError.TOO_MANY_REQUESTS);
        }
        else
        {
            parts.calls.startTimer(call, context.requestTimeoutNs());
            parts.rounds.await(call);
        }
    }

    private void add(final UnaryCall call, final List<String> urls, final boolean isLearner)
    {
        if (!PeerUrls.areValid(urls))
        {
            call.fail(EtcdError.BAD_MEMBER_URLS);
            return;
        }
        final List<String> canonical = PeerUrls.canonical(urls);
        final long id = MemberIds.addedMemberId(canonical, context.clock().epochMillis() / 1_000);
        call.attachment = id;
        change(call, id, isLearner ? ConfigChangeKind.ADD_LEARNER : ConfigChangeKind.ADD_VOTER, canonical);
    }

    /** Any text is taken as it is, as etcd does, unless it is none that can be kept. */
    private void update(final UnaryCall call, final long memberId, final List<String> urls)
    {
        if (PeerUrls.areStorable(urls))
        {
            change(call, memberId, ConfigChangeKind.UPDATE, urls);
        }
        else
        {
            call.fail(EtcdError.BAD_MEMBER_URLS);
        }
    }

    private void change(final UnaryCall call, final long memberId, final int kind, final List<String> urls)
    {
        final StringBuilder joined = new StringBuilder();
        for (int i = 0; i < urls.size(); i++)
        {
            joined.append(i > 0 ? "\n" : "").append(urls.get(i));
        }
        final byte[] bytes = joined.toString().getBytes(StandardCharsets.UTF_8);
        parts.proposals.configChange(call, memberId, kind, new UnsafeBuffer(bytes), bytes.length);
    }

    private void answer(final UnaryCall call)
    {
        final boolean isAdd = call.method == Method.MEMBER_ADD;
        final List<Member> members = context.directories().members().members();
        parts.headers.write(writer.reset(), 0);
        if (isAdd)
        {
            final Member added = context.directories().members().member(call.attachment);
            if (added == null)
            {
                call.fail(EtcdError.MEMBER_NOT_FOUND);
                return;
            }
            write(ADDED_MEMBER, added);
        }
        for (int i = 0; i < members.size(); i++)
        {
            write(isAdd ? ADD_MEMBERS : MEMBERS, members.get(i));
        }
        call.complete(writer);
    }

    private void write(final int field, final Member member)
    {
        final int body = writer.begin(field);
        writer.varint(1, member.id());
        writer.string(2, member.name());
        for (int i = 0; i < member.peerUrls().size(); i++)
        {
            writer.element(3, member.peerUrls().get(i));
        }
        for (int i = 0; i < member.clientUrls().size(); i++)
        {
            writer.element(4, member.clientUrls().get(i));
        }
        writer.bool(5, member.isLearner());
        writer.end(body);
    }
}
