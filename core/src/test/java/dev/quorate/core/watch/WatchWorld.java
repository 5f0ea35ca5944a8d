package dev.quorate.core.watch;

import dev.quorate.core.ring.LoopRings;
import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.RingMessages;
import dev.quorate.core.seam.ManualClock;
import dev.quorate.core.seam.SimulatedDisk;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.store.Store;
import dev.quorate.core.store.StoreContext;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A store, the watch agent and its event loops, all on the test's thread, with the history as a model.
 */
final class WatchWorld
{
    static final String SINGLE = "";
    static final String FROM_KEY = "\0";

    /** One event as it was written. */
    record Event(long revision, int sub, String key, boolean isDelete, long lp)
    {
        boolean isAfter(final long otherRevision, final int otherSub)
        {
            return revision > otherRevision || revision == otherRevision && sub > otherSub;
        }
    }

    final List<Event> events = new ArrayList<>();
    final List<ClientLoop> loops = new ArrayList<>();
    final NodeState nodeState = new NodeState();
    final WatchContext context = new WatchContext();
    final long seed;
    Store store;
    /** Another member's store, which gets the same entries; null if there is none. */
    Store mirror;
    boolean isReplaced;
    WatchAgent agent;
    int ringCapacity = 4096;
    int loopCount = 1;
    private final ManualClock clock = new ManualClock(Long.MAX_VALUE - 5_000_000);
    private final UnsafeBuffer keyBuffer = new UnsafeBuffer(new byte[0]);
    private final UnsafeBuffer valueBuffer = new UnsafeBuffer(new byte[16]);
    private final UnsafeBuffer command = new UnsafeBuffer(new byte[1024]);
    private int subRevision;
    private long ticket;
    private long granted;

    WatchWorld(final long seed)
    {
        this.seed = seed;
        context.progressNotifyIntervalNs(100_000_000).initialCredit(1024).recordsPerTurn(64);
    }

    WatchWorld open()
    {
        store = newStore();
        final LoopRings[] rings = new LoopRings[loopCount];
        for (int i = 0; i < loopCount; i++)
        {
            rings[i] = new LoopRings(i, 64 * 1024, ringCapacity);
            loops.add(new ClientLoop(this, rings[i]));
        }
        agent = new WatchAgent(context.store(store).loops(rings).nodeState(nodeState).clock(clock)
            .rng(new SimulatedRng(seed)).conclude());
        return this;
    }

    Store newStore()
    {
        final SimulatedDisk disk = new SimulatedDisk(new SimulatedRng(seed));
        disk.plain();
        return Store.open(new StoreContext().disk(disk).clock(clock).clusterId(1).storeId(2)
            .tailBufferLength(4096).tailBufferCount(3).sliceBytes(4096).ringLength(64).snapshotCount(20)
            .maxIndexBytes(16L << 20)
            .answers(() -> ++ticket, this::grantedTicket));
    }

    void begin()
    {
        begin(store);
        if (null != mirror)
        {
            begin(mirror);
        }
        subRevision = 0;
    }

    void put(final String key)
    {
        final long lp = store.bound();
        put(store, key);
        if (null != mirror)
        {
            put(mirror, key);
        }
        events.add(new Event(store.revision(), subRevision++, key, false, lp));
    }

    boolean delete(final String key)
    {
        final long lp = store.bound();
        final boolean isDeleted = delete(store, key);
        if (null != mirror)
        {
            delete(mirror, key);
        }
        if (isDeleted)
        {
            events.add(new Event(store.revision(), subRevision++, key, true, lp));
        }
        return isDeleted;
    }

    void end()
    {
        store.end();
        if (null != mirror)
        {
            mirror.end();
        }
    }

    void publish()
    {
        store.publish();
        if (null != mirror)
        {
            mirror.publish();
        }
    }

    void endAndPublish()
    {
        end();
        publish();
    }

    /** From here on entries reach the other member only, until its store is installed here. */
    Store fallBehindMirror()
    {
        final Store behind = store;
        store = mirror;
        mirror = null;
        isReplaced = true;
        return behind;
    }

    /** Puts all keys in one revision. */
    void putEntry(final String... keys)
    {
        begin();
        for (final String key : keys)
        {
            put(key);
        }
        endAndPublish();
    }

    void deleteEntry(final String key)
    {
        begin();
        delete(key);
        endAndPublish();
    }

    void compactEntry(final long revision)
    {
        begin();
        store.compact(revision);
        if (null != mirror)
        {
            mirror.compact(revision);
        }
        endAndPublish();
    }

    void housekeeping(final Store on)
    {
        clock.nowNs += 1_000;
        on.doWork();
        on.housekeeping().doWork();
    }

    void elapse(final long ns)
    {
        clock.nowNs += ns;
    }

    ClientLoop loop()
    {
        return loops.get(0);
    }

    /** Turns of the agent until it finds nothing to do, all loops draining and giving credit. */
    void settle()
    {
        for (int idle = 0, turns = 0; idle < 3; turns++)
        {
            int work = agent.doWork();
            for (final ClientLoop loop : loops)
            {
                work += loop.drain(Integer.MAX_VALUE);
                work += loop.giveCredit();
            }
            idle = 0 == work ? idle + 1 : 0;
            if (turns > 200_000)
            {
                throw new IllegalStateException("the agent does not come to rest");
            }
        }
    }

    void create(
        final LoopRings rings,
        final long streamId,
        final long watchId,
        final long start,
        final int flags,
        final String key,
        final String end)
    {
        final byte[] keyBytes = bytes(key);
        final byte[] endBytes = bytes(end);
        command.putLong(0, streamId);
        command.putLong(8, watchId);
        command.putLong(16, start);
        command.putLong(24, flags);
        command.putInt(32, keyBytes.length);
        command.putBytes(36, keyBytes);
        command.putInt(36 + keyBytes.length, endBytes.length);
        command.putBytes(40 + keyBytes.length, endBytes);
        write(rings, RingMessages.WATCH_CREATE, 40 + keyBytes.length + endBytes.length);
    }

    void tell(final LoopRings rings, final int type, final long streamId, final long argument)
    {
        command.putLong(0, streamId);
        command.putLong(8, argument);
        write(rings, type, 16);
    }

    static byte[] bytes(final String text)
    {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private void write(final LoopRings rings, final int type, final int length)
    {
        if (!rings.toWatch().write(type, command, 0, length))
        {
            throw new IllegalStateException("ring to the watch agent is full");
        }
    }

    private void begin(final Store on)
    {
        while (on.isBackPressured())
        {
            housekeeping(on);
        }
        on.begin(on.raftIndex() + 1, 1);
    }

    private void put(final Store on, final String key)
    {
        keyBuffer.wrap(bytes(key));
        on.put(keyBuffer, 0, keyBuffer.capacity(), valueBuffer, 0, valueBuffer.capacity(), 0);
    }

    private boolean delete(final Store on, final String key)
    {
        keyBuffer.wrap(bytes(key));
        return on.delete(keyBuffer, 0, keyBuffer.capacity());
    }

    /** All answers of all loops are built at some moment after the ticket was drawn. */
    private long grantedTicket()
    {
        if (isDrained())
        {
            granted = ticket;
        }
        return granted;
    }

    private boolean isDrained()
    {
        for (final ClientLoop loop : loops)
        {
            if (loop.rings.fromWatch().size() > 0)
            {
                return false;
            }
        }
        return true;
    }
}
