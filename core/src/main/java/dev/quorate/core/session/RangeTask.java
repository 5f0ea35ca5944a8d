package dev.quorate.core.session;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.wire.WireWriter;

/**
 * One range while it runs: a reader, a buffer for the response, and how far it has come.
 */
final class RangeTask
{
    private final Headers headers;
    private final WireWriter writer;
    private final StateReader reader;
    private final RangeExecutor executor;
    private final RangeRequest request = new RangeRequest();
    private UnaryCall call;
    private boolean isPinned;

    RangeTask(final SessionContext context, final Headers headers, final WireWriter writer)
    {
        this.headers = headers;
        this.writer = writer;
        reader = context.state().newReader();
        executor = new RangeExecutor(context.clock());
    }

    /** @return false if the call has ended already. */
    boolean begin(final UnaryCall ofCall)
    {
        call = ofCall;
        request.reset().merge(call.buffer, call.offset, call.length);
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
        if (executor.step(untilNs))
        {
            call.complete(writer);
            return true;
        }
        return false;
    }

    void end()
    {
        if (isPinned)
        {
            reader.unpin();
            isPinned = false;
        }
        writer.shrink();
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
}
