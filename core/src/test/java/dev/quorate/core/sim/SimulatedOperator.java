package dev.quorate.core.sim;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.machine.Member;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.wire.WireReader;
import dev.quorate.core.wire.WireWriter;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Replaces one member after the other, as an operator does whose machine is lost or given back: remove it, add one at
 * the same address, as a voter or as a learner that is promoted, and start it with an empty disk.
 */
final class SimulatedOperator
{
    private static final long PATIENCE_NS = 2 * SimulationSettings.SECOND;
    private static final long RETRY_NS = 200_000_000L;
    private static final int NOBODY = -1;

    /** Hears when a disk is gone, and when another member begins at its place. */
    interface Observer
    {
        /** The member of this id is gone with its disk. */
        void onLost(SimulatedMember member);

        /** The place is taken by a new member. */
        void onReplaced(SimulatedMember member);
    }

    private final VirtualTime time;
    private final SimulationSettings settings;
    private final SimulatedRng rng;
    private final SimulatedMember[] members;
    private final CommittedLog committed;
    private final FaultInjector faults;
    private final Observer observer;
    private int place = NOBODY;
    private long oldId;
    private long newId;
    private boolean isLearner;
    private boolean isCalm;
    private final List<Call> calls = new ArrayList<>();
    long chores;
    long replacements;
    long promotions;

    SimulatedOperator(
        final VirtualTime time,
        final SimulationSettings settings,
        final SimulatedRng rng,
        final SimulatedMember[] members,
        final CommittedLog committed,
        final FaultInjector faults,
        final Observer observer)
    {
        this.time = time;
        this.settings = settings;
        this.rng = rng;
        this.members = members;
        this.committed = committed;
        this.faults = faults;
        this.observer = observer;
    }

    void start()
    {
        if (settings.replaceEveryNs > 0)
        {
            time.after(settings.replaceEveryNs / 2 + rng.nextLong(settings.replaceEveryNs), this::begin);
        }
        if (settings.choreEveryNs > 0)
        {
            time.after(settings.choreEveryNs, this::chore);
        }
    }

    /** What was begun is brought to its end, and nothing new is begun. */
    void calm()
    {
        isCalm = true;
    }

    boolean isIdle()
    {
        return place == NOBODY;
    }

    void onMemberDown(final int member)
    {
        for (int i = calls.size() - 1; i >= 0; i--)
        {
            if (calls.get(i).at == members[member])
            {
                calls.get(i).end(GrpcCode.UNAVAILABLE, "", new byte[0]);
            }
        }
    }

    /** Moves leadership, mostly in vain as only the leader can, or defragments. */
    private void chore()
    {
        if (isCalm)
        {
            return;
        }
        final boolean isMove = rng.nextInt(3) > 0;
        final long target = members[rng.nextInt(members.length)].memberId;
        call(isMove ? Method.MOVE_LEADER : Method.DEFRAGMENT,
            (writer) -> writer.varint(1, isMove ? target : 0),
            (ended) ->
            {
                chores += ended.code == GrpcCode.OK ? 1 : 0;
                time.after(rng.nextLong(settings.choreEveryNs), this::chore);
            });
    }

    private void begin()
    {
        if (isCalm)
        {
            return;
        }
        time.after(settings.replaceEveryNs / 2 + rng.nextLong(settings.replaceEveryNs), this::begin);
        boolean isWhole = isIdle();
        for (final SimulatedMember member : members)
        {
            isWhole &= member.isUp;
        }
        if (!isWhole)
        {
            return;
        }
        // two that are gone are more than a cluster of three bears: one with damage that is not found yet goes first
        final int any = rng.nextInt(members.length);
        // the last but one has to run until the other one has heard of its removal
        final boolean isLostFirst = members.length > 2 && rng.nextInt(3) > 0;
        replace(faults.rotten() == FaultInjector.NOBODY ? any : faults.rotten(), isLostFirst);
    }

    /** A member has found its files damaged and ended: another one takes its place as soon as there is time. */
    void onDamaged(final SimulatedMember member)
    {
        if (isIdle())
        {
            replace(member.index, true);
        }
        else if (place != member.index)
        {
            throw new IllegalStateException("damage in one member while another is replaced: " + this);
        }
    }

    private void replace(final int at, final boolean isLostFirst)
    {
        place = at;
        isLearner = rng.nextInt(2) == 0;
        oldId = members[place].memberId;
        if (isLostFirst)
        {
            lose();
        }
        remove();
    }

    private void lose()
    {
        final SimulatedMember member = members[place];
        if (faults.claim(member))
        {
            if (member.isUp)
            {
                member.stop();
            }
            observer.onLost(member);
        }
    }

    private void remove()
    {
        call(Method.MEMBER_REMOVE, (writer) -> writer.varint(1, oldId), (ended) ->
        {
            if (ended.code == GrpcCode.OK || EtcdError.MEMBER_NOT_FOUND.message().equals(ended.text))
            {
                // one that runs may find out by itself, or disturb the others for a while
                time.after(1 + rng.nextInt(1_000_000_000), () ->
                {
                    lose();
                    add();
                });
            }
            else
            {
                time.after(RETRY_NS, this::remove);
            }
        });
    }

    private void add()
    {
        call(Method.MEMBER_ADD, this::writeMember, (ended) ->
        {
            if (ended.code == GrpcCode.OK)
            {
                newId = idAtPlace(ended.response);
                join();
            }
            else
            {
                time.after(RETRY_NS, this::find);
            }
        });
    }

    /** An addition without an answer may have taken effect. One of two that is to be started cannot confirm that. */
    private void find()
    {
        call(Method.MEMBER_LIST, (writer) -> writer.bool(1, members.length > 2), (ended) ->
        {
            newId = ended.code == GrpcCode.OK ? idAtPlace(ended.response) : 0;
            if (newId != 0)
            {
                join();
            }
            else
            {
                time.after(RETRY_NS, ended.code == GrpcCode.OK ? this::add : this::find);
            }
        });
    }

    private void join()
    {
        final SimulatedMember member = members[place];
        final List<Member> known = new ArrayList<>();
        for (final SimulatedMember other : members)
        {
            known.add(Member.ofUrls(other == member ? newId : other.memberId, false, url(other.index)));
        }
        observer.onReplaced(member);
        member.replace(newId, known);
        faults.release(member);
        replacements++;
        final long index = committed.size();
        time.after(RETRY_NS, isLearner ? this::promote : () -> awaitCaughtUp(index));
    }

    private void promote()
    {
        call(Method.MEMBER_PROMOTE, (writer) -> writer.varint(1, newId), (ended) ->
        {
            if (ended.code == GrpcCode.OK || EtcdError.MEMBER_NOT_LEARNER.message().equals(ended.text))
            {
                promotions++;
                awaitCaughtUp(committed.size());
            }
            else
            {
                time.after(RETRY_NS, this::promote);
            }
        });
    }

    private void awaitCaughtUp(final long index)
    {
        final SimulatedMember member = members[place];
        if (member.isUp && member.state.get(NodeState.Value.APPLIED_INDEX) >= index)
        {
            place = NOBODY;
        }
        else
        {
            time.after(RETRY_NS, () -> awaitCaughtUp(index));
        }
    }

    private void writeMember(final WireWriter writer)
    {
        Proto.text(writer, 1, url(place));
        writer.bool(2, isLearner);
    }

    private static String url(final int index)
    {
        return "http://m" + index + ":2380";
    }

    /** The id of the member at the place, 0 for none. Responses that add or list have members in fields 2 and 3. */
    private long idAtPlace(final byte[] response)
    {
        final WireReader reader = new WireReader().wrap(new UnsafeBuffer(response), 0, response.length);
        while (reader.next())
        {
            final int field = reader.tag() >>> 3;
            if (field == 2 || field == 3)
            {
                final WireReader member =
                    new WireReader().wrap(reader.buffer(), reader.valueOffset(), reader.valueLength());
                long id = 0;
                boolean isThere = false;
                while (member.next())
                {
                    id = member.tag() == 1 << 3 ? member.number() : id;
                    isThere |= member.tag() == (3 << 3 | 2) && url(place).equals(member.buffer()
                        .getStringWithoutLengthAscii(member.valueOffset(), member.valueLength()));
                }
                if (isThere && id != oldId)
                {
                    return id;
                }
            }
        }
        return 0;
    }

    private void call(final Method method, final Consumer<WireWriter> request, final Consumer<Call> whenEnded)
    {
        final SimulatedMember at = members[rng.nextInt(members.length)];
        final int loop = rng.nextInt(SimulatedMember.LOOPS);
        final boolean isAway = !at.isUp || at.index == place && isIdOld(at) ||
            at.pausedUntilNs(SimulatedMember.FIRST_LOOP + loop) > time.nowNs();
        if (isAway)
        {
            time.after(1 + rng.nextInt(50_000_000), () -> call(method, request, whenEnded));
            return;
        }
        final Call begun = new Call(at, whenEnded);
        calls.add(begun);
        at.onLoop(() ->
        {
            begun.call = at.ports[loop].open(method, false, begun);
            if (!begun.isEnded)
            {
                final byte[] bytes = Proto.message(request);
                begun.call.onMessage(new UnsafeBuffer(bytes), 0, bytes.length);
            }
            if (!begun.isEnded)
            {
                begun.call.onHalfClose();
            }
        });
        at.wake(SimulatedMember.FIRST_LOOP + loop);
        time.after(PATIENCE_NS, () ->
        {
            if (!begun.isEnded)
            {
                if (at.isUp && at.boots == begun.boot)
                {
                    at.onLoop(begun.call::onCancel);
                }
                begun.end(GrpcCode.DEADLINE_EXCEEDED, "", new byte[0]);
            }
        });
    }

    private boolean isIdOld(final SimulatedMember member)
    {
        return member.memberId == oldId;
    }

    @Override
    public String toString()
    {
        return "operator at m" + place + " replaces " + Long.toHexString(oldId) + " by " + Long.toHexString(newId) +
            (isLearner ? " as a learner" : "") + ", calls=" + calls.size();
    }

    /** One call under way. */
    private final class Call implements Answer
    {
        final SimulatedMember at;
        final long boot;
        private final Consumer<Call> whenEnded;
        ClientCall call;
        boolean isEnded;
        GrpcCode code;
        String text;
        byte[] response = new byte[0];

        Call(final SimulatedMember at, final Consumer<Call> whenEnded)
        {
            this.at = at;
            this.boot = at.boots;
            this.whenEnded = whenEnded;
        }

        void end(final GrpcCode endCode, final String endText, final byte[] endResponse)
        {
            if (!isEnded)
            {
                isEnded = true;
                code = endCode;
                text = endText;
                response = endResponse;
                calls.remove(this);
                time.after(1, () -> whenEnded.accept(this));
            }
        }

        @Override
        public boolean isReady()
        {
            return true;
        }

        @Override
        public void message(final DirectBuffer buffer, final int offset, final int length)
        {
            response = new byte[length];
            buffer.getBytes(offset, response);
        }

        @Override
        public void complete()
        {
            end(GrpcCode.OK, "", response);
        }

        @Override
        public void fail(final GrpcCode failCode, final String description)
        {
            end(failCode, description, response);
        }
    }
}
