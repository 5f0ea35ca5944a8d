package dev.quorate.transport;

import io.aeron.driver.ThreadingMode;

/**
 * On which threads the media driver runs.
 */
public enum DriverThreading
{
    /** On the core thread, within {@code doWork()}; the core thread may sleep until a datagram arrives. */
    CORE(ThreadingMode.INVOKER),
    /** On one thread of its own. */
    SHARED(ThreadingMode.SHARED),
    /** On three threads of its own: conductor, sender, receiver. */
    DEDICATED(ThreadingMode.DEDICATED);

    private final ThreadingMode mode;

    DriverThreading(final ThreadingMode mode)
    {
        this.mode = mode;
    }

    ThreadingMode mode()
    {
        return mode;
    }
}
