package dev.quorate.server.differential;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/**
 * Sends each request to both servers and holds their answers against each other.
 */
final class Comparison
{
    private static final int TRAIL_LENGTH = 25;

    private final Side etcd;
    private final Side quorate;
    private final Deque<String> trail = new ArrayDeque<>();
    private long operations;

    Comparison(final Side etcd, final Side quorate)
    {
        this.etcd = etcd;
        this.quorate = quorate;
    }

    /**
     * @return etcd's outcome, which ours equals.
     */
    <Q extends Message, A extends Message> Outcome call(final MethodDescriptor<Q, A> method, final Q request)
    {
        return call(method, request, request);
    }

    /**
     * The same with a request to each, for those that name an id that the server chose.
     */
    <Q extends Message, A extends Message> Outcome call(
        final MethodDescriptor<Q, A> method, final Q toEtcd, final Q toQuorate)
    {
        final CompletableFuture<Outcome> first = etcd.call(method, toEtcd);
        final CompletableFuture<Outcome> second = quorate.call(method, toQuorate);
        return compare(method.getBareMethodName(), toEtcd, first.join(), second.join());
    }

    Outcome compare(final String what, final Message request, final Outcome ofEtcd, final Outcome ofQuorate)
    {
        operations++;
        final Rule.Pair pair = new Rule.Pair(request, ofEtcd, ofQuorate);
        for (final Rule rule : Rule.values())
        {
            rule.apply(pair);
        }
        remember(what + " " + Outcome.shown(request) + "\n      -> " + ofEtcd);
        if (!pair.isEqual())
        {
            throw fail("answers differ:\n  etcd    " + pair.outcomeOfEtcd() + "\n  quorate " + pair.outcomeOfQuorate() +
                "\n  before the rules:\n  etcd    " + ofEtcd + "\n  quorate " + ofQuorate);
        }
        return ofEtcd;
    }

    AssertionError fail(final String what)
    {
        return new AssertionError(
            "operation " + operations + ": " + what + "\nthe last operations:\n  " + String.join("\n  ", trail));
    }

    long operations()
    {
        return operations;
    }

    Side etcd()
    {
        return etcd;
    }

    Side quorate()
    {
        return quorate;
    }

    private void remember(final String operation)
    {
        trail.add(operation);
        if (trail.size() > TRAIL_LENGTH)
        {
            trail.remove();
        }
    }
}
