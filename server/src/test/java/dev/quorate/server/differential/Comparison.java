package dev.quorate.server.differential;

import com.google.protobuf.Message;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/**
 * Sends each request to both servers at once and holds their answers against each other.
 */
final class Comparison
{
    private static final int TRAIL_LENGTH = 25;

    private final Side etcd;
    private final Side quorate;
    private final Model model;
    private final Deque<Step> trail = new ArrayDeque<>();
    private long operations;

    /** What was asked and answered; brought into words only when something differs. */
    private record Step(String what, Message request, Outcome outcome)
    {
        @Override
        public String toString()
        {
            return what + " " + Outcome.shown(request) + "\n      -> " + outcome;
        }
    }

    Comparison(final Side etcd, final Side quorate, final Model model)
    {
        this.etcd = etcd;
        this.quorate = quorate;
        this.model = model;
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

    <Q extends Message, A extends Message> Outcome call(
        final MethodDescriptor<Q, A> method, final Q request, final Metadata metadata)
    {
        final CompletableFuture<Outcome> first = etcd.call(method, request, metadata);
        final CompletableFuture<Outcome> second = quorate.call(method, request, metadata);
        return compare(method.getBareMethodName() + " with " + metadata, request, first.join(), second.join());
    }

    Outcome compare(final String what, final Message request, final Outcome ofEtcd, final Outcome ofQuorate)
    {
        operations++;
        final RulePair pair = new RulePair(request, ofEtcd, ofQuorate, etcd, model);
        for (final Rule rule : Rule.values())
        {
            rule.apply(pair);
        }
        remember(new Step(what, request, ofEtcd));
        if (!pair.isEqual())
        {
            throw fail("answers differ:\n  etcd    " + pair.outcomeOfEtcd() + "\n  quorate " + pair.outcomeOfQuorate() +
                "\n  before the rules:\n  etcd    " + ofEtcd + "\n  quorate " + ofQuorate);
        }
        return ofEtcd;
    }

    AssertionError fail(final String what)
    {
        return new AssertionError("operation " + operations + ": " + what + "\nthe last operations:\n  " +
            String.join("\n  ", trail.stream().map(Step::toString).toList()));
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

    private void remember(final Step step)
    {
        trail.add(step);
        if (trail.size() > TRAIL_LENGTH)
        {
            trail.remove();
        }
    }
}
