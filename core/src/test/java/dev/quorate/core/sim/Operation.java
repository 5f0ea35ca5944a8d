package dev.quorate.core.sim;

import dev.quorate.core.api.GrpcCode;

/**
 * One call of a client, from its invocation to its answer, with what the client knew at both.
 */
final class Operation
{
    final int id;
    final int client;
    final Request request;
    /** Highest revision that any linearizable answer had shown before this call began. */
    final long floor;
    /** Highest compaction that had been acknowledged before this call began. */
    final long compactFloor;
    final long invokedNs;
    int member;
    long memberId;
    long boot;
    long returnedNs = Long.MAX_VALUE;
    /** Newest revision that was committed when the answer came. */
    long committedRevision;
    /** Newest compaction that was committed when the answer came. */
    long committedCompaction;
    Proto.Response response;
    GrpcCode code;
    String text;

    Operation(
        final int id,
        final int client,
        final Request request,
        final long floor,
        final long compactFloor,
        final long invokedNs)
    {
        this.id = id;
        this.client = client;
        this.request = request;
        this.floor = floor;
        this.compactFloor = compactFloor;
        this.invokedNs = invokedNs;
    }

    boolean isOk()
    {
        return code == GrpcCode.OK && response != null;
    }

    /** @return true if the answer proves that nothing was changed. */
    boolean isRefused()
    {
        return code != null && code != GrpcCode.OK && code != GrpcCode.UNAVAILABLE && code != GrpcCode.CANCELED &&
            code != GrpcCode.DEADLINE_EXCEEDED;
    }

    @Override
    public String toString()
    {
        return "op " + id + " client " + client + " at m" + member + " boot " + boot + " " + request +
            " floor=" + floor + " [" + invokedNs / 1_000 + "us, " +
            (returnedNs == Long.MAX_VALUE ? "-" : returnedNs / 1_000 + "us") + "] " + code + " " +
            (text == null ? "" : text + " ") + response;
    }
}
