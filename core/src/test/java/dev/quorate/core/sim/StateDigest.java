package dev.quorate.core.sim;

import dev.quorate.core.raft.RaftCore;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A hash over all that a message may change in a member: every field of consensus, what is bound to each peer, the end
 * of the log, and what waits for answers of peers.
 */
final class StateDigest
{
    private static final int LONGEST_ARRAY = 64;
    /** Fields that hold something during one call only. */
    private static final Set<String> SCRATCH = Set.of("reached", "reachedCount");
    private static final String CONSENSUS = RaftCore.class.getPackageName() + '.';
    private static final String[] OF_PEER = {
        "memberId", "storeId", "bootId", "incomingSession", "incomingEpoch", "heartbeatSentNs",
        "forwardSequenceHeard", "entryAssembly.received", "entryAssembly.key", "forwardAssembly.received",
        "forwardAssembly.key"};
    private static final String[] OF_NODE = {
        "events.leaderHeardNs", "intake.heldCount", "intake.failedCount", "reads.waitingCount", "reads.sent",
        "leases.head", "leases.tail", "transfers.isPending", "snapshots.unsent", "snapshotRings.toHousekeeping"};

    private final Inside inside = new Inside();
    private final Map<Class<?>, List<Field>> fields = new HashMap<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private long hash;

    long of(final SimulatedMember member)
    {
        hash = 17;
        seen.clear();
        final Object consensus = member.node.consensus();
        add(member.node.consensus().raft());
        add(member.node.log().appendedPosition());
        add(member.node.log().lastIndex());
        for (final Object peer : (Collection<?>)inside.get(consensus, "registry.peers"))
        {
            for (final String path : OF_PEER)
            {
                add(inside.get(peer, path));
            }
        }
        for (final String path : OF_NODE)
        {
            add(inside.get(consensus, path));
        }
        return hash;
    }

    private void add(final Object value)
    {
        if (value == null)
        {
            mix(1);
        }
        else if (value instanceof Number || value instanceof Boolean || value instanceof String)
        {
            mix(value.hashCode());
        }
        else if (value instanceof Enum<?> constant)
        {
            mix(constant.ordinal());
        }
        else if (value instanceof long[] array)
        {
            // longer ones are queues, whose counts and positions tell
            for (int i = 0; i < array.length && array.length <= LONGEST_ARRAY; i++)
            {
                mix(array[i]);
            }
        }
        else if (value instanceof Collection<?> collection)
        {
            collection.forEach(this::add);
        }
        else if (value instanceof org.agrona.concurrent.ringbuffer.RingBuffer ring)
        {
            mix(ring.producerPosition());
        }
        else if (seen.add(value))
        {
            addParts(value);
        }
    }

    private void addParts(final Object value)
    {
        if (value.getClass().isArray())
        {
            for (int i = 0, length = Array.getLength(value); i < length; i++)
            {
                add(Array.get(value, i));
            }
        }
        else if (value.getClass().getName().startsWith(CONSENSUS))
        {
            for (final Field field : fields.computeIfAbsent(value.getClass(), StateDigest::fieldsOf))
            {
                try
                {
                    add(field.get(value));
                }
                catch (final IllegalAccessException ex)
                {
                    throw new AssertionError(ex);
                }
            }
        }
    }

    private void mix(final long value)
    {
        hash = Long.rotateLeft((hash ^ value) * 0xBF58476D1CE4E5B9L, 29);
    }

    private static List<Field> fieldsOf(final Class<?> type)
    {
        final List<Field> found = new ArrayList<>();
        for (Class<?> at = type; at != Object.class; at = at.getSuperclass())
        {
            for (final Field field : at.getDeclaredFields())
            {
                if (!Modifier.isStatic(field.getModifiers()) && !SCRATCH.contains(field.getName()))
                {
                    field.setAccessible(true);
                    found.add(field);
                }
            }
        }
        return found;
    }
}
