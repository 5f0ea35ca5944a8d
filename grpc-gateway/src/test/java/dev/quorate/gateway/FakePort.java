package dev.quorate.gateway;

import dev.quorate.core.api.Answer;
import dev.quorate.core.api.ClientCall;
import dev.quorate.core.api.ClientPort;
import dev.quorate.core.api.EtcdError;
import dev.quorate.core.api.GrpcCode;
import dev.quorate.core.api.Method;
import dev.quorate.core.seam.Signal;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A port whose answers a test writes: by default every call only records what it hears, and a test answers through
 * {@link #onLoop}. Methods may also be given an answer for the moment of half-close.
 */
final class FakePort implements ClientPort
{
    final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
    private final Map<Method, Consumer<Call>> atHalfClose = new ConcurrentHashMap<>();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private volatile Signal signal = Signal.NONE;
    private volatile long deadlineNs = Long.MAX_VALUE;
    private volatile Runnable atDeadline;
    volatile EtcdError refusalAtOpen;
    volatile Thread owner;

    void signal(final Signal signal)
    {
        this.signal = signal;
    }

    /** Answers calls of a method on the loop's thread when the client has sent everything. */
    FakePort answer(final Method method, final Consumer<Call> answer)
    {
        atHalfClose.put(method, answer);
        return this;
    }

    /** Runs a task in the port's next turn, as agents of the member do through their rings. */
    void onLoop(final Runnable task)
    {
        tasks.add(task);
        signal.signal();
    }

    void deadline(final long deadlineNs, final Runnable task)
    {
        onLoop(() ->
        {
            atDeadline = task;
            this.deadlineNs = deadlineNs;
        });
    }

    Call nextCall() throws InterruptedException
    {
        final Call call = calls.poll(5, TimeUnit.SECONDS);
        if (call == null)
        {
            throw new AssertionError("no call arrived");
        }

        return call;
    }

    @Override
    public ClientCall open(final Method method, final boolean requireLeader, final Answer answer)
    {
        checkOwner();
        final Call call = new Call(method, requireLeader, answer);
        calls.add(call);
        if (refusalAtOpen != null)
        {
            answer.fail(refusalAtOpen);
        }

        return call;
    }

    @Override
    public int doWork()
    {
        checkOwner();
        int work = 0;
        Runnable task = tasks.poll();

        while (task != null)
        {
            task.run();
            work++;
            task = tasks.poll();
        }

        if (deadlineNs != Long.MAX_VALUE && System.nanoTime() >= deadlineNs)
        {
            deadlineNs = Long.MAX_VALUE;
            atDeadline.run();
            work++;
        }

        return work;
    }

    @Override
    public long nextDeadlineNs()
    {
        return deadlineNs;
    }

    private void checkOwner()
    {
        if (owner == null)
        {
            owner = Thread.currentThread();
        }
        else if (owner != Thread.currentThread())
        {
            throw new IllegalStateException("port of " + owner + " used by " + Thread.currentThread());
        }
    }

    /** What one call heard. */
    final class Call implements ClientCall
    {
        final Method method;
        final boolean requireLeader;
        final Answer answer;
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        volatile byte[] request = new byte[0];
        int messagesMax = Integer.MAX_VALUE;
        private int messages;

        Call(final Method method, final boolean requireLeader, final Answer answer)
        {
            this.method = method;
            this.requireLeader = requireLeader;
            this.answer = answer;
        }

        void send(final byte[] message)
        {
            final UnsafeBuffer buffer = new UnsafeBuffer(new byte[message.length + 8]);
            buffer.putBytes(5, message);
            answer.message(buffer, 5, message.length);
        }

        void reply(final byte[] message)
        {
            send(message);
            answer.complete();
        }

        void fail(final GrpcCode code, final String description)
        {
            answer.fail(code, description);
        }

        String next() throws InterruptedException
        {
            final String event = heard.poll(5, TimeUnit.SECONDS);
            return event == null ? "nothing" : event;
        }

        @Override
        public void onMessage(final DirectBuffer buffer, final int offset, final int length)
        {
            checkOwner();
            final byte[] bytes = new byte[length];
            buffer.getBytes(offset, bytes);
            request = bytes;
            messages++;
            heard.add("message " + length);
        }

        @Override
        public boolean takesMore()
        {
            checkOwner();
            return messages < messagesMax;
        }

        @Override
        public void onHalfClose()
        {
            checkOwner();
            heard.add("half-close");
            final Consumer<Call> action = atHalfClose.get(method);
            if (action != null)
            {
                action.accept(this);
            }
        }

        @Override
        public void onCancel()
        {
            checkOwner();
            heard.add("cancel");
        }

        @Override
        public void onReady()
        {
            checkOwner();
            heard.add("ready");
        }
    }
}
