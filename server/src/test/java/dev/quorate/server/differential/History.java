package dev.quorate.server.differential;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.WatchCreateRequest;
import dev.quorate.gateway.proto.etcdserverpb.WatchRequest;
import dev.quorate.gateway.proto.mvccpb.Event;
import dev.quorate.server.process.Await;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Everything that happened, as a watcher of etcd's whole keyspace sees it; tells how much another watcher must see.
 */
final class History
{
    static final ByteString FROM_KEY = ByteString.copyFrom(new byte[1]);

    private final WatchSide watch;
    private final long id;

    History(final Side etcd)
    {
        watch = new WatchSide(etcd);
        watch.send(WatchRequest.newBuilder().setCreateRequest(WatchCreateRequest.newBuilder()
            .setKey(FROM_KEY).setRangeEnd(FROM_KEY).setStartRevision(1)).build());
        id = watch.awaitCreated().getWatchId();
    }

    /**
     * Waits until everything up to a revision is known.
     */
    void await(final long revision)
    {
        Await.until("etcd's events up to revision " + revision, Duration.ofSeconds(Side.DEADLINE_S), () ->
            1 == revision || watch.lastRevision(id) >= revision);
    }

    /**
     * @return how many events a watcher that began at a revision has to have received by now.
     */
    int expected(final WatchCreateRequest create, final long start)
    {
        int count = 0;
        for (final Event event : watch.events(id))
        {
            if (event.getKv().getModRevision() >= start && isIn(create, event.getKv().getKey()) &&
                !isFiltered(create, event))
            {
                count++;
            }
        }
        return count;
    }

    /**
     * @return true if one key was deleted and put by the transaction of a revision.
     */
    boolean isDeletedAndPutAt(final long revision)
    {
        final Set<ByteString> deleted = new HashSet<>();
        for (final Event event : watch.events(id))
        {
            if (event.getKv().getModRevision() == revision)
            {
                if (Event.EventType.DELETE == event.getType())
                {
                    deleted.add(event.getKv().getKey());
                }
                else if (deleted.contains(event.getKv().getKey()))
                {
                    return true;
                }
            }
        }
        return false;
    }

    void close()
    {
        watch.close();
    }

    private static boolean isFiltered(final WatchCreateRequest create, final Event event)
    {
        final WatchCreateRequest.FilterType filter = Event.EventType.PUT == event.getType() ?
            WatchCreateRequest.FilterType.NOPUT : WatchCreateRequest.FilterType.NODELETE;
        return create.getFiltersList().contains(filter);
    }

    private static boolean isIn(final WatchCreateRequest create, final ByteString key)
    {
        final ByteString first = create.getKey().isEmpty() ? FROM_KEY : create.getKey();
        final ByteString end = create.getRangeEnd();
        if (end.isEmpty())
        {
            return first.equals(key);
        }
        return compare(first, key) <= 0 && (FROM_KEY.equals(end) || compare(key, end) < 0);
    }

    private static int compare(final ByteString first, final ByteString second)
    {
        return ByteString.unsignedLexicographicalComparator().compare(first, second);
    }
}
