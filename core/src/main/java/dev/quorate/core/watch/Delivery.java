package dev.quorate.core.watch;

import dev.quorate.core.store.RecordView;

/**
 * Collects events per watcher and sends them as responses: events of one revision stay together, and only one response
 * of a stream is under way at a time. Owned by the watch thread.
 */
final class Delivery
{
    private static final int MAX_REVISIONS_PER_RESPONSE = 1000;
    private static final int MAX_BYTES_PER_RESPONSE = 512 * 1024;

    private final Registry registry;
    private final EventStage stage;
    private long eventsSent;

    Delivery(final Registry registry)
    {
        this.registry = registry;
        this.stage = registry.stage;
    }

    /**
     * Takes one more event for a watcher.
     *
     * @param watcher        that wants it.
     * @param record         of the event.
     * @param headerRevision of the response.
     * @return false if the watcher has fallen behind.
     */
    boolean add(final Watcher watcher, final RecordView record, final long headerRevision)
    {
        final long revision = record.mainRevision();
        final boolean isNewRevision = 0 == watcher.stagedCount ?
            !watcher.isOpen() || revision != watcher.cursor : revision != watcher.lastStagedRevision;
        final boolean isSendDue = isNewRevision ?
            watcher.isOpen() || isResponseFull(watcher) :
            watcher.stagedCount == watcher.stream.port.maxEventsPerMessage;
        if (isSendDue && !send(watcher, headerRevision, !isNewRevision))
        {
            registry.fallBehind(watcher);
            return false;
        }
        if (0 == watcher.stagedCount)
        {
            watcher.firstStagedRevision = revision;
        }
        if (!stage.append(watcher, record.lp()))
        {
            registry.fallBehind(watcher);
            return false;
        }
        watcher.stagedRevisions += isNewRevision ? 1 : 0;
        watcher.lastStagedRevision = revision;
        watcher.lastStagedSubRevision = record.subRevision();
        watcher.stagedBytes += record.keyLength() + record.bodyLength();
        return true;
    }

    /**
     * Sends what is staged, after all events of its revisions are: the response ends here.
     *
     * @param watcher        with staged events or an open response.
     * @param headerRevision of the response.
     * @return false if the watcher has fallen behind.
     */
    boolean finish(final Watcher watcher, final long headerRevision)
    {
        if (!send(watcher, headerRevision, false))
        {
            registry.fallBehind(watcher);
            return false;
        }
        return true;
    }

    /** Events sent so far. */
    long eventsSent()
    {
        return eventsSent;
    }

    private static boolean isResponseFull(final Watcher watcher)
    {
        return watcher.stagedCount >= watcher.stream.port.maxEventsPerMessage ||
            watcher.stagedRevisions >= MAX_REVISIONS_PER_RESPONSE ||
            watcher.stagedBytes >= MAX_BYTES_PER_RESPONSE;
    }

    private boolean send(final Watcher watcher, final long headerRevision, final boolean isContinued)
    {
        final StreamState stream = watcher.stream;
        final boolean isBegun = watcher.isOpen();
        if (!isBegun && (null != stream.open || !stream.hasCredit()) ||
            !stream.port.events(watcher, stage, headerRevision, isContinued))
        {
            return false;
        }
        stream.sent(watcher.stagedCount, watcher.stagedBytes);
        eventsSent += watcher.stagedCount;
        final long lastRevision = watcher.stagedCount > 0 ? watcher.lastStagedRevision : watcher.cursor;
        if (isContinued)
        {
            stream.open = watcher;
            watcher.cursor = lastRevision;
            watcher.sentSubRevision = watcher.lastStagedSubRevision;
        }
        else
        {
            stream.open = null;
            watcher.cursor(lastRevision + 1);
        }
        watcher.hasSentSinceTick = true;
        stage.release(watcher);
        return true;
    }
}
