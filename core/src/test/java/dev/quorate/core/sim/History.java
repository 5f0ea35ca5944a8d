package dev.quorate.core.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * All operations of all clients, and what a client may know at any time.
 */
final class History
{
    final List<Operation> operations = new ArrayList<>();
    final List<Long> leases = new ArrayList<>();
    private long floor = 1;
    private long compactFloor;
    private long nextLease = 1;
    private int completed;

    Operation invoke(final int client, final Request request, final long nowNs)
    {
        final Operation operation = new Operation(operations.size(), client, request, floor, compactFloor, nowNs);
        operations.add(operation);
        return operation;
    }

    void returned(final Operation operation)
    {
        completed++;
        if (!operation.isOk())
        {
            return;
        }
        final boolean isLinearizable = switch (operation.request)
        {
            case Request.Range range -> !range.isSerializable();
            case Request.HashKv ignored -> false;
            case Request.KeepAlive ignored -> false;
            default -> true;
        };
        if (isLinearizable)
        {
            floor = Math.max(floor, operation.response.revision);
        }
        if (operation.request instanceof Request.Compact compact)
        {
            compactFloor = Math.max(compactFloor, compact.revision());
        }
        if (operation.request instanceof Request.Grant grant)
        {
            leases.add(grant.id());
        }
        else if (operation.request instanceof Request.Revoke revoke)
        {
            leases.remove(revoke.id());
        }
    }

    /** @return highest revision that a linearizable answer has shown. */
    long floor()
    {
        return floor;
    }

    int completed()
    {
        return completed;
    }

    long newLease()
    {
        return nextLease++;
    }
}
