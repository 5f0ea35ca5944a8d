package dev.quorate.core.api;

/**
 * The door for clients' calls: one instance per event loop, used by that loop's thread alone. Requests and responses
 * are protobuf wire bytes of the etcd v3 API; the transport below it (gRPC, the simulation) knows no more of them.
 */
public interface ClientPort
{
    /**
     * A call begins.
     *
     * @param method        that is called.
     * @param requireLeader true if the metadata held {@code hasleader: true}.
     * @param answer        where responses go.
     * @return where the transport delivers what the client sends.
     */
    ClientCall open(Method method, boolean requireLeader, Answer answer);

    /**
     * Drains what agents sent to this loop, runs due timers and the next slices of long reads. Bounded in time; called
     * after each wake-up and again at once while it returns work.
     *
     * @return work done, 0 if there is nothing to do now.
     */
    int doWork();

    /**
     * @return when {@link #doWork()} must run at the latest, in {@code Clock.nanoTime()} nanoseconds;
     * {@code Long.MAX_VALUE} if nothing is scheduled.
     */
    long nextDeadlineNs();
}
