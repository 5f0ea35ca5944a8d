package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.wire.WireWriter;

/**
 * One range while it runs: a reader, a buffer for the response, and how far it has come.
 */
final class RangeTask
{
    /** Compactions that may overtake a read of the newest state before its client is told to come later. */
    static final int MAX_STARTS = 8;

    private final Headers headers;
    private final WireWriter writer;
    private final StateReader reader;
    private final RangeExecutor executor;
    private final RangeRequest request = new RangeRequest();
    private UnaryCall call;
    private boolean isPinned;
    private int starts;

    RangeTask(
        final SessionContext context, final Headers headers, final WireWriter writer, final PageCounts pages)
    {
        this.headers = headers;
        this.writer = writer;
        reader = context.state().newReader();
        executor = new RangeExecutor(context, pages);
    }

    /** @return false if the call has ended already. */
    boolean begin(final UnaryCall ofCall)
    {
        call = ofCall;
        request.reset().merge(call.buffer, call.offset, call.length);
        starts = 0;
        return start();
    }

    UnaryCall call()
    {
        return call;
    }

    /** Runs a slice. @return true if the call has ended. */
    boolean run(final long untilNs)
    {
        if (call.isDone)
        {
            return true;
        }
        while (executor.step(untilNs))
        {
            if (!reader.isOvertaken())
            {
                executor.answered();
                call.complete(writer);
                return true;
            }
            unpin();
            final EtcdError error = overtaken(request.revision, starts);
            if (Calls.endedBy(call, error) || !start())
            {
                return true;
            }
        }
        return false;
    }

    void end()
    {
        unpin();
        writer.shrink();
    }

    /** @return why a read that a compaction has overtaken ends, or no error if it is to start again. */
    static EtcdError overtaken(final long revision, final int starts)
    {
        if (revision > 0)
        {
            return EtcdError.COMPACTED;
        }
        return starts < MAX_STARTS ? EtcdError.NONE : EtcdError.TOO_MANY_REQUESTS;
    }

    /** Pins a revision; 0 and below mean the newest. */
    static EtcdError pin(final StateReader reader, final long revision)
    {
        if (revision <= 0)
        {
            reader.pinLatest();
            return EtcdError.NONE;
        }
        return switch (reader.pinAt(revision))
        {
            case StateReader.OK -> EtcdError.NONE;
            case StateReader.COMPACTED -> EtcdError.COMPACTED;
            default -> EtcdError.FUTURE_REVISION;
        };
    }

    /** @return false if the call has ended already. */
    private boolean start()
    {
        starts++;
        if (Calls.endedBy(call, pin(reader, request.revision)))
        {
            return false;
        }
        isPinned = true;
        writer.reset();
        headers.write(writer, reader.currentRevision());
        executor.begin(reader, request, call.buffer, writer);
        return true;
    }

    private void unpin()
    {
        if (isPinned)
        {
            reader.unpin();
            isPinned = false;
        }
    }
}
