package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.stub.StreamObserver;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Calls that are under way, a few at a time; the first that fails ends the test. */
final class Flight
{
    private static final int IN_FLIGHT = 8;
    private static final Duration DEADLINE = Duration.ofMinutes(10);

    private final Semaphore free = new Semaphore(IN_FLIGHT);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    <T> StreamObserver<T> take(final Consumer<T> check)
    {
        acquire(1);
        return new StreamObserver<>()
        {
            @Override
            public void onNext(final T response)
            {
                try
                {
                    check.accept(response);
                }
                catch (final RuntimeException | AssertionError ex)
                {
                    failure.compareAndSet(null, ex);
                }
            }

            @Override
            public void onError(final Throwable ex)
            {
                failure.compareAndSet(null, ex);
                free.release();
            }

            @Override
            public void onCompleted()
            {
                free.release();
            }
        };
    }

    /** Of a call that may take longer than the member waits for it: then it is carried out all the same. */
    <T> StreamObserver<T> takeLate(final Consumer<T> check)
    {
        final StreamObserver<T> inTime = take(check);
        return new StreamObserver<>()
        {
            @Override
            public void onNext(final T response)
            {
                inTime.onNext(response);
            }

            @Override
            public void onError(final Throwable ex)
            {
                if (String.valueOf(ex.getMessage()).contains("timed out"))
                {
                    inTime.onCompleted();
                }
                else
                {
                    inTime.onError(ex);
                }
            }

            @Override
            public void onCompleted()
            {
                inTime.onCompleted();
            }
        };
    }

    void land()
    {
        acquire(IN_FLIGHT);
        free.release(IN_FLIGHT);
    }

    private void acquire(final int calls)
    {
        try
        {
            assertTrue(free.tryAcquire(calls, DEADLINE.toSeconds(), TimeUnit.SECONDS), "no answer in time");
        }
        catch (final InterruptedException ex)
        {
            throw new IllegalStateException(ex);
        }
        if (null != failure.get())
        {
            throw new AssertionError("a call failed", failure.get());
        }
    }
}
