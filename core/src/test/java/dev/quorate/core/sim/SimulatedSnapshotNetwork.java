package dev.quorate.core.sim;

import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.seam.SnapshotLink;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Carries snapshots between the members: sessions that end and lose a suffix, of which stragglers arrive behind those
 * of the next one, and, beyond what a link may do, chunks twice or with a bit turned over. It reaches whom the network
 * of the other messages reaches.
 */
final class SimulatedSnapshotNetwork
{
    private static final long RETRY_NS = 20_000_000L;

    /** Hears of each session between two members that begins to carry something. */
    interface Tap
    {
        void onTransfer(int from, int to);
    }

    private record Chunk(Session session, long number, byte[] bytes)
    {
    }

    private final VirtualTime time;
    private final SimulationSettings settings;
    private final SimulatedRng rng;
    private final SimulatedNetwork network;
    private final int count;
    private final Channel[] channels;
    private final Link[] links;
    private Tap tap = (from, to) -> {};
    private boolean isCalm;
    long chunks;
    long lostSessions;
    long damaged;

    SimulatedSnapshotNetwork(
        final VirtualTime time,
        final SimulationSettings settings,
        final SimulatedRng rng,
        final SimulatedNetwork network,
        final int count)
    {
        this.time = time;
        this.settings = settings;
        this.rng = rng;
        this.network = network;
        this.count = count;
        links = new Link[count];
        channels = new Channel[count * count];
        for (int i = 0; i < channels.length; i++)
        {
            channels[i] = new Channel(i / count, i % count);
        }
    }

    void tap(final Tap value)
    {
        tap = value;
    }

    /**
     * A member starts, anew if it ran before.
     *
     * @param member index of it.
     * @return its link.
     */
    SnapshotLink open(final int member)
    {
        links[member] = new Link(member);
        return links[member];
    }

    /** A member is gone; what it sent may still arrive. */
    void crash(final int member)
    {
        links[member] = null;
        for (final Channel channel : channels)
        {
            if (channel.from == member)
            {
                channel.close();
            }
            else if (channel.to == member && channel.session != null)
            {
                channel.session.lostFrom = 0;
                channel.noticeLater();
            }
        }
    }

    /** From now on nothing is lost, late, damaged or repeated. */
    void calm()
    {
        isCalm = true;
    }

    private boolean happens(final int oneIn)
    {
        return !isCalm && oneIn > 0 && rng.nextInt(oneIn) == 0;
    }

    /** One session of a channel. */
    private static final class Session
    {
        long sent;
        long delivered;
        long lostFrom = Long.MAX_VALUE;
        long lateNs;
        long lastArrivalNs;
        int underWay;
        boolean isEnded;
    }

    /** One direction between two members. */
    private final class Channel
    {
        final int from;
        final int to;
        final ArrayDeque<Chunk> held = new ArrayDeque<>();
        Session session;
        boolean isWanted;
        boolean isConnecting;

        Channel(final int from, final int to)
        {
            this.from = from;
            this.to = to;
        }

        void open()
        {
            isWanted = true;
            if (session == null && !isConnecting)
            {
                isConnecting = true;
                time.after(1_000_000 + rng.nextInt(40_000_000), this::connect);
            }
        }

        void close()
        {
            isWanted = false;
            end();
        }

        private void connect()
        {
            isConnecting = false;
            if (!isWanted || session != null)
            {
                return;
            }
            if (links[from] != null && links[to] != null && !network.isBlocked(from, to))
            {
                session = new Session();
            }
            else
            {
                open();
            }
        }

        int offer(final byte[] bytes)
        {
            final Session present = session;
            if (present == null)
            {
                return SnapshotLink.NOT_CONNECTED;
            }
            if (present.underWay + bytes.length > settings.windowLength)
            {
                return SnapshotLink.BACK_PRESSURED;
            }
            if (present.sent == 0)
            {
                tap.onTransfer(from, to);
            }
            chunks++;
            present.underWay += bytes.length;
            final Chunk chunk = new Chunk(present, present.sent++, bytes);
            // never at the same moment: what happens then happens in any order, and a session keeps its own
            present.lastArrivalNs = settings.snapshotChunkNs + Math.max(present.lastArrivalNs + 1,
                time.nowNs() + settings.networkMinNs + rng.nextInt(settings.networkSpreadNs));
            time.at(present.lastArrivalNs, () -> arrive(chunk, false));
            if (happens(settings.snapshotSessionLossOneIn))
            {
                end();
            }
            return SnapshotLink.ACCEPTED;
        }

        private void arrive(final Chunk chunk, final boolean isLate)
        {
            final Session of = chunk.session;
            if (of.isEnded && !isLate && of.lateNs > 0)
            {
                time.after(of.lateNs, () -> arrive(chunk, true));
            }
            else if (network.isBlocked(from, to) || !held.isEmpty())
            {
                held.add(chunk);
                if (held.size() == 1)
                {
                    time.after(RETRY_NS, this::release);
                    noticeLater();
                }
            }
            else
            {
                deliver(chunk);
            }
        }

        private void release()
        {
            if (network.isBlocked(from, to))
            {
                time.after(RETRY_NS, this::release);
                return;
            }
            while (!held.isEmpty())
            {
                deliver(held.poll());
            }
        }

        private void deliver(final Chunk chunk)
        {
            chunk.session.underWay -= chunk.bytes.length;
            if (chunk.number >= chunk.session.lostFrom || links[to] == null)
            {
                return;
            }
            chunk.session.delivered = chunk.number + 1;
            if (happens(settings.chunkDamageOneIn))
            {
                damaged++;
                final byte[] bytes = chunk.bytes.clone();
                bytes[rng.nextInt(bytes.length)] ^= (byte)(1 << rng.nextInt(8));
                links[to].inbox.add(bytes);
            }
            else
            {
                links[to].inbox.add(chunk.bytes);
            }
            if (happens(settings.duplicateOneIn))
            {
                links[to].inbox.add(chunk.bytes);
            }
        }

        /** The receiver is gone or cannot be reached: the sender's side notices that some time, or never. */
        void noticeLater()
        {
            final Session of = session;
            time.after(rng.nextLong(3 * settings.electionTimeoutNs), () ->
            {
                if (of != null && of == session && (links[to] == null || network.isBlocked(from, to)))
                {
                    end();
                }
                else if (of != null && of == session && of.lostFrom != Long.MAX_VALUE)
                {
                    // a receiver that came back: to the sender it is the same session, with a gap in it
                    of.lostFrom = Long.MAX_VALUE;
                }
            });
        }

        /** The session ends: of what is under way a suffix is lost, and the others may arrive late. */
        void end()
        {
            final Session ended = session;
            session = null;
            if (ended != null)
            {
                lostSessions++;
                ended.isEnded = true;
                final long pending = ended.sent - ended.delivered;
                ended.lostFrom = Math.min(
                    ended.lostFrom, ended.delivered + (pending > 0 ? rng.nextLong(pending + 1) : 0));
                ended.lateNs = rng.nextInt(2) == 0 ? 0 : rng.nextLong(settings.electionTimeoutNs);
            }
            if (isWanted)
            {
                open();
            }
        }
    }

    /** One member's link, for one boot. */
    private final class Link implements SnapshotLink
    {
        private final int self;
        private final ArrayDeque<byte[]> inbox = new ArrayDeque<>();
        private final Map<Long, Channel> outgoing = new HashMap<>();

        Link(final int self)
        {
            this.self = self;
        }

        @Override
        public void open(final long memberId, final String endpoint)
        {
            if (this == links[self])
            {
                final Channel channel = channels[self * count + SimulatedNetwork.indexOf(endpoint)];
                outgoing.put(memberId, channel);
                channel.open();
            }
        }

        @Override
        public void close(final long memberId)
        {
            final Channel channel = outgoing.remove(memberId);
            if (this == links[self] && channel != null && !outgoing.containsValue(channel))
            {
                channel.close();
            }
        }

        @Override
        public int offer(final long memberId, final DirectBuffer buffer, final int offset, final int length)
        {
            if (length <= 0 || length > MAX_MESSAGE_LENGTH)
            {
                throw new IllegalArgumentException("message of " + length + " bytes");
            }
            final byte[] bytes = new byte[length];
            buffer.getBytes(offset, bytes);
            final Channel channel = outgoing.get(memberId);
            return channel == null ? NOT_CONNECTED : channel.offer(bytes);
        }

        @Override
        public int poll(final Handler handler, final int limit)
        {
            int count = 0;
            while (count < limit && !inbox.isEmpty())
            {
                final byte[] bytes = inbox.poll();
                handler.onMessage(new UnsafeBuffer(bytes), 0, bytes.length);
                count++;
            }
            return count;
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
