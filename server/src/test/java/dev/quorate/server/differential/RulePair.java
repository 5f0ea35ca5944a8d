package dev.quorate.server.differential;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The outcomes of one request at both servers, while rules make them alike.
 */
final class RulePair
{
    private final Message request;
    private final Side etcdSide;
    private final Model model;
    private final Map<Message, Outcome> asked = new HashMap<>();
    private Outcome etcd;
    private Outcome quorate;

    RulePair(
        final Message request, final Outcome etcd, final Outcome quorate, final Side etcdSide, final Model model)
    {
        this.request = request;
        this.etcd = etcd;
        this.quorate = quorate;
        this.etcdSide = etcdSide;
        this.model = model;
    }

    /**
     * Asks etcd more about the same state: no request comes between.
     */
    <Q extends Message, A extends Message> Outcome ask(final MethodDescriptor<Q, A> method, final Q question)
    {
        return asked.computeIfAbsent(question, (key) -> etcdSide.call(method, question).join());
    }

    Model model()
    {
        return model;
    }

    Message request()
    {
        return request;
    }

    Message etcd()
    {
        return etcd.message();
    }

    Message quorate()
    {
        return quorate.message();
    }

    Outcome outcomeOfEtcd()
    {
        return etcd;
    }

    Outcome outcomeOfQuorate()
    {
        return quorate;
    }

    void etcd(final Message message)
    {
        etcd = null == message ? etcd : Outcome.of(message);
    }

    void etcd(final Outcome outcome)
    {
        etcd = outcome;
    }

    void quorate(final Message message)
    {
        quorate = null == message ? quorate : Outcome.of(message);
    }

    boolean are(final Class<? extends Message> type)
    {
        return type.isInstance(etcd.message()) && type.isInstance(quorate.message());
    }

    void both(final Class<? extends Message> type, final Consumer<Message.Builder> change)
    {
        if (are(type))
        {
            final Message.Builder first = etcd().toBuilder();
            final Message.Builder second = quorate().toBuilder();
            change.accept(first);
            change.accept(second);
            etcd(first.build());
            quorate(second.build());
        }
    }

    boolean isEqual()
    {
        return etcd.equals(quorate);
    }
}
