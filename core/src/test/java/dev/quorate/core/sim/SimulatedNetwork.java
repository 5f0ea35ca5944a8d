package dev.quorate.core.sim;

import dev.quorate.core.seam.PeerLink;
import dev.quorate.core.seam.SimulatedRng;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The network between the members: one channel for each pair, direction and class, with sessions that end and lose a
 * suffix, and, beyond what a link may do, messages twice, late, out of order, not at all, or again after their session.
 */
final class SimulatedNetwork
{
    private static final int HISTORY = 32;

    /** Sees each message that leaves, and each that is heard. */
    interface Tap
    {
        void onSent(int from, int to, DirectBuffer buffer, int length);

        void onHeard(int from, int to, DirectBuffer buffer, int length);
    }

    private record Message(int from, long session, byte[] bytes)
    {
    }

    private final VirtualTime time;
    private final SimulationSettings settings;
    private final SimulatedRng rng;
    private final Tap tap;
    private final int count;
    private final Channel[] channels;
    private final Link[] links;
    private final boolean[] blocked;
    private long sessionCount;
    private boolean isCalm;
    long messages;
    long lostSessions;
    long replays;

    SimulatedNetwork(
        final VirtualTime time,
        final SimulationSettings settings,
        final SimulatedRng rng,
        final int count,
        final Tap tap)
    {
        this.time = time;
        this.settings = settings;
        this.rng = rng;
        this.count = count;
        this.tap = tap;
        links = new Link[count];
        blocked = new boolean[count * count];
        channels = new Channel[count * count * PeerLink.CLASS_COUNT];
        for (int from = 0; from < count; from++)
        {
            for (int to = 0; to < count; to++)
            {
                for (int streamClass = 0; streamClass < PeerLink.CLASS_COUNT; streamClass++)
                {
                    channels[at(from, to, streamClass)] = new Channel(from, to, streamClass);
                }
            }
        }
    }

    /**
     * A member starts, anew if it ran before.
     *
     * @param member index of it.
     * @param wake   wakes its consensus agent.
     * @return its link.
     */
    PeerLink open(final int member, final Runnable wake)
    {
        final Link link = new Link(member, wake);
        links[member] = link;
        for (final Channel channel : channels)
        {
            if (channel.to == member)
            {
                channel.receiverRestarted();
            }
        }
        return link;
    }

    /** A member is gone; what it sent may still arrive. */
    void crash(final int member)
    {
        links[member] = null;
        for (final Channel channel : channels)
        {
            if (channel.from == member)
            {
                channel.senderGone();
            }
            else if (channel.to == member)
            {
                channel.receiverGone();
            }
        }
    }

    void block(final int from, final int to, final boolean isBlocked)
    {
        if (blocked[from * count + to] == isBlocked)
        {
            return;
        }
        blocked[from * count + to] = isBlocked;
        for (int streamClass = 0; streamClass < PeerLink.CLASS_COUNT; streamClass++)
        {
            channels[at(from, to, streamClass)].onBlocked(isBlocked);
        }
    }

    boolean isBlocked(final int from, final int to)
    {
        return blocked[from * count + to];
    }

    /** From now on nothing is lost, late or repeated, and everybody reaches everybody. */
    void calm()
    {
        isCalm = true;
        for (int from = 0; from < count; from++)
        {
            for (int to = 0; to < count; to++)
            {
                block(from, to, false);
            }
        }
    }

    private boolean happens(final int oneIn)
    {
        return !isCalm && oneIn > 0 && rng.nextInt(oneIn) == 0;
    }

    private int at(final int from, final int to, final int streamClass)
    {
        return (from * count + to) * PeerLink.CLASS_COUNT + streamClass;
    }

    /**
     * @param endpoint of a peer, {@code m<index>:2380}.
     * @return its index.
     */
    static int indexOf(final String endpoint)
    {
        return Integer.parseInt(endpoint.substring(1, endpoint.indexOf(':')));
    }

    /** One direction between two members, one class. */
    private final class Channel
    {
        final int from;
        final int to;
        final int streamClass;
        final ArrayDeque<Message> held = new ArrayDeque<>();
        final List<Message> history = new ArrayList<>();
        boolean isWanted;
        boolean isConnecting;
        long outgoing;
        long incoming;
        long generation;
        long lastArrivalNs;
        int underWay;

        Channel(final int from, final int to, final int streamClass)
        {
            this.from = from;
            this.to = to;
            this.streamClass = streamClass;
        }

        void connectLater()
        {
            if (!isConnecting && isWanted)
            {
                isConnecting = true;
                time.after(1_000_000 + rng.nextInt(40_000_000), this::connect);
            }
        }

        private void connect()
        {
            isConnecting = false;
            if (!isWanted || outgoing != 0)
            {
                return;
            }
            if (links[from] == null || links[to] == null || isBlocked(from, to))
            {
                connectLater();
                return;
            }
            outgoing = ++sessionCount;
            incoming = ++sessionCount;
            links[from].wake.run();
        }

        int offer(final byte[] bytes)
        {
            if (outgoing == 0)
            {
                return PeerLink.NOT_CONNECTED;
            }
            if (underWay + bytes.length > settings.windowLength)
            {
                return PeerLink.BACK_PRESSURED;
            }
            messages++;
            tap.onSent(from, to, new UnsafeBuffer(bytes), bytes.length);
            final Message message = new Message(from, incoming, bytes);
            history.add(message);
            if (history.size() > HISTORY)
            {
                history.remove(0);
            }
            if (happens(settings.gapOneIn))
            {
                return PeerLink.ACCEPTED;
            }
            underWay += bytes.length;
            long arrivalNs = time.nowNs() + settings.networkMinNs + rng.nextInt(settings.networkSpreadNs);
            if (happens(settings.spikeOneIn))
            {
                arrivalNs += rng.nextLong(settings.electionTimeoutNs);
            }
            if (!happens(settings.reorderOneIn))
            {
                arrivalNs = Math.max(arrivalNs, lastArrivalNs + 1);
                lastArrivalNs = arrivalNs;
            }
            final long ofGeneration = generation;
            time.at(arrivalNs, () -> arrive(message, ofGeneration));
            if (happens(settings.sessionLossOneIn))
            {
                lostSessions++;
                end();
            }
            return PeerLink.ACCEPTED;
        }

        private void arrive(final Message message, final long ofGeneration)
        {
            if (ofGeneration != generation)
            {
                return;
            }
            if (isBlocked(from, to) || !held.isEmpty())
            {
                held.add(message);
                return;
            }
            deliver(message);
        }

        private void deliver(final Message message)
        {
            final Link target = links[to];
            if (target == null)
            {
                underWay -= message.bytes.length;
                return;
            }
            target.take(streamClass, message);
            if (happens(settings.duplicateOneIn))
            {
                replays++;
                underWay += message.bytes.length;
                target.take(streamClass, message);
            }
            if (happens(settings.replayOneIn) && !history.isEmpty())
            {
                replays++;
                final Message old = history.get(rng.nextInt(history.size()));
                underWay += old.session == incoming ? old.bytes.length : 0;
                target.take(streamClass, old);
            }
        }

        /** The session ends: what is under way is lost, the receiver hears of it some time. */
        void end()
        {
            if (outgoing == 0)
            {
                return;
            }
            final long ended = incoming;
            outgoing = 0;
            lostUnderWay();
            final Link target = links[to];
            if (target != null)
            {
                if (rng.nextInt(2) == 0)
                {
                    target.forget(streamClass, ended);
                }
                time.after(rng.nextLong(settings.electionTimeoutNs), () -> target.sessionDown(streamClass, ended));
            }
            if (links[from] != null)
            {
                links[from].wake.run();
            }
            connectLater();
        }

        private void lostUnderWay()
        {
            generation++;
            held.clear();
            underWay = 0;
            lastArrivalNs = 0;
        }

        void onBlocked(final boolean isBlocked)
        {
            if (isBlocked)
            {
                final long ofSession = outgoing;
                time.after(rng.nextLong(3 * settings.electionTimeoutNs), () ->
                {
                    if (ofSession == outgoing && isBlocked(from, to))
                    {
                        end();
                    }
                });
                return;
            }
            while (!held.isEmpty())
            {
                deliver(held.poll());
            }
        }

        void receiverRestarted()
        {
            // a sender keeps its session across the receiver's restart, if it did not notice
            if (outgoing != 0)
            {
                incoming = ++sessionCount;
                lostUnderWay();
            }
        }

        void receiverGone()
        {
            lostUnderWay();
            final long ofSession = outgoing;
            time.after(rng.nextInt((int)(2 * SimulationSettings.SECOND)), () ->
            {
                if (ofSession == outgoing && links[to] == null)
                {
                    end();
                }
            });
        }

        void senderGone()
        {
            isWanted = false;
            if (rng.nextInt(2) == 0)
            {
                end();
                return;
            }
            // what it sent still arrives, and its end is noticed late
            final long ended = incoming;
            outgoing = 0;
            final Link target = links[to];
            if (target != null)
            {
                time.after(
                    rng.nextLong(2 * settings.electionTimeoutNs), () -> target.sessionDown(streamClass, ended));
            }
        }
    }

    /** One member's link, for one boot. */
    private final class Link implements PeerLink
    {
        private final int self;
        private final Runnable wake;
        private final List<ArrayDeque<Message>> inboxes = List.of(new ArrayDeque<>(), new ArrayDeque<>());
        private final List<ArrayDeque<Long>> ended = List.of(new ArrayDeque<>(), new ArrayDeque<>());
        private final Set<Long> refused = new HashSet<>();
        private final Map<Long, Integer> peers = new HashMap<>();

        Link(final int self, final Runnable wake)
        {
            this.self = self;
            this.wake = wake;
        }

        void take(final int streamClass, final Message message)
        {
            inboxes.get(streamClass).add(message);
            wake.run();
        }

        void forget(final int streamClass, final long session)
        {
            inboxes.get(streamClass).removeIf((message) -> message.session == session);
        }

        void sessionDown(final int streamClass, final long session)
        {
            ended.get(streamClass).add(session);
            wake.run();
        }

        @Override
        public void addPeer(final long memberId, final String endpoint)
        {
            final int to = indexOf(endpoint);
            peers.put(memberId, to);
            for (int streamClass = 0; streamClass < CLASS_COUNT; streamClass++)
            {
                final Channel channel = channels[at(self, to, streamClass)];
                channel.isWanted = true;
                channel.connectLater();
            }
        }

        @Override
        public void removePeer(final long memberId)
        {
            final Integer to = peers.remove(memberId);
            // another member may be reached at the place of this one by now
            if (to != null && !peers.containsValue(to))
            {
                for (int streamClass = 0; streamClass < CLASS_COUNT; streamClass++)
                {
                    final Channel channel = channels[at(self, to, streamClass)];
                    channel.isWanted = false;
                    channel.end();
                }
            }
        }

        @Override
        public int offer(
            final long memberId,
            final int streamClass,
            final DirectBuffer header,
            final int headerOffset,
            final int headerLength,
            final DirectBuffer body,
            final int bodyOffset,
            final int bodyLength)
        {
            final int length = headerLength + bodyLength;
            if (length > MAX_MESSAGE_LENGTH || streamClass == CONTROL && length > MAX_CONTROL_MESSAGE_LENGTH)
            {
                throw new IllegalArgumentException("too long: " + length);
            }
            final byte[] bytes = new byte[length];
            header.getBytes(headerOffset, bytes, 0, headerLength);
            if (bodyLength > 0)
            {
                body.getBytes(bodyOffset, bytes, headerLength, bodyLength);
            }
            final Integer to = peers.get(memberId);
            return to == null ? NOT_CONNECTED : channels[at(self, to, streamClass)].offer(bytes);
        }

        @Override
        public void send()
        {
            // Sent when it was offered.
        }

        @Override
        public long outgoingSession(final long memberId, final int streamClass)
        {
            final Integer to = peers.get(memberId);
            return to == null ? 0 : channels[at(self, to, streamClass)].outgoing;
        }

        @Override
        public int poll(final int streamClass, final Handler handler, final int limit)
        {
            int count = 0;
            final ArrayDeque<Long> sessionsEnded = ended.get(streamClass);
            while (!sessionsEnded.isEmpty())
            {
                handler.onSessionDown(sessionsEnded.poll(), streamClass);
                count++;
            }
            final ArrayDeque<Message> inbox = inboxes.get(streamClass);
            while (count < limit && !inbox.isEmpty())
            {
                final Message message = inbox.poll();
                final Channel channel = channels[at(message.from, self, streamClass)];
                if (channel.incoming == message.session)
                {
                    channel.underWay = Math.max(0, channel.underWay - message.bytes.length);
                }
                if (!refused.contains(message.session))
                {
                    final UnsafeBuffer buffer = new UnsafeBuffer(message.bytes);
                    tap.onHeard(message.from, self, buffer, message.bytes.length);
                    handler.onMessage(message.session, streamClass, buffer, 0, message.bytes.length);
                }
                count++;
            }
            return count;
        }

        @Override
        public void refuse(final long session, final String reason)
        {
            refused.add(session);
        }

        @Override
        public int doWork()
        {
            return 0;
        }

        @Override
        public void close()
        {
            // The crash of the member is told by the simulation.
        }
    }
}
