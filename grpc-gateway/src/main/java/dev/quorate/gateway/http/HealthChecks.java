package dev.quorate.gateway.http;

import dev.quorate.core.ring.NodeState;
import dev.quorate.core.ring.NodeState.Value;
import dev.quorate.gateway.MemberInfo;
import dev.quorate.gateway.loop.LoopThread;
import dev.quorate.gateway.metrics.HealthCounters;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.EventExecutor;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * /health, /livez and /readyz. Reads go through the {@code ClientPort} of the asking loop; the rest is what the member
 * published. Before the member is ready every check that would read fails at once.
 */
public final class HealthChecks
{
    private static final String SERIALIZABLE_READ = "serializable_read";
    private static final String LINEARIZABLE_READ = "linearizable_read";
    private static final String DATA_CORRUPTION = "data_corruption";
    private static final String NON_LEARNER = "non_learner";
    private static final List<String> LIVE = List.of(SERIALIZABLE_READ);
    private static final List<String> READY =
        List.of(DATA_CORRUPTION, SERIALIZABLE_READ, LINEARIZABLE_READ, NON_LEARNER);
    private static final String NOT_READY = "member is not ready";

    private final NodeState state;
    private final MemberInfo member;
    private final HealthCounters counters;
    private final long timeoutMs;

    /**
     * @param state     published by the member's agents.
     * @param member    asked whether it is ready.
     * @param counters  of the results.
     * @param timeoutMs of a read, milliseconds.
     */
    public HealthChecks(
        final NodeState state, final MemberInfo member, final HealthCounters counters, final long timeoutMs)
    {
        this.state = state;
        this.member = member;
        this.counters = counters;
        this.timeoutMs = timeoutMs;
    }

    /**
     * @param type livez or readyz.
     * @param name of a check.
     * @return true if the endpoint has the check.
     */
    static boolean has(final String type, final String name)
    {
        return checks(type).contains(name);
    }

    /**
     * Answers /health.
     *
     * @param query    parameters exclude and serializable.
     * @param executor of the caller's event loop.
     * @param answer   given the reply, on the event loop.
     */
    void health(
        final Map<String, List<String>> query, final EventExecutor executor, final Consumer<HttpReply> answer)
    {
        final List<String> excluded = query.getOrDefault("exclude", List.of());
        final List<String> serializable = query.getOrDefault("serializable", List.of());
        final boolean local = !serializable.isEmpty() && "true".equals(serializable.getFirst());

        if (state.get(Value.ALARM_NOSPACE) != 0 && !excluded.contains("NOSPACE"))
        {
            unhealthy("ALARM NOSPACE", answer);
        }
        else if (state.get(Value.ALARM_CORRUPT) != 0 && !excluded.contains("CORRUPT"))
        {
            unhealthy("ALARM CORRUPT", answer);
        }
        else if (!local && state.get(Value.LEADER_ID) == 0)
        {
            unhealthy("RAFT NO LEADER", answer);
        }
        else
        {
            // Clients of a learner may read its own state only, and so does this check.
            read(local || state.get(Value.IS_LEARNER) != 0, executor, (error) ->
            {
                if (error != null)
                {
                    unhealthy("RANGE ERROR:" + error, answer);
                }
                else
                {
                    counters.onHealth(true);
                    answer.accept(HttpReply.plain("{\"health\":\"true\",\"reason\":\"\"}"));
                }
            });
        }
    }

    /**
     * Answers /livez, /readyz and their sub-paths.
     *
     * @param type     livez or readyz.
     * @param only     the one check to run, null for all.
     * @param query    parameters exclude and verbose.
     * @param executor of the caller's event loop.
     * @param answer   given the reply, on the event loop.
     */
    void probe(
        final String type,
        final String only,
        final Map<String, List<String>> query,
        final EventExecutor executor,
        final Consumer<HttpReply> answer)
    {
        final List<String> excluded = query.getOrDefault("exclude", List.of());
        final List<String> names = only != null ?
            List.of(only) :
            checks(type).stream().filter((name) -> !excluded.contains(name)).toList();

        new Run(type, names, query.containsKey("verbose"), executor, answer).next();
    }

    private void unhealthy(final String reason, final Consumer<HttpReply> answer)
    {
        counters.onHealth(false);
        answer.accept(HttpReply.text(
            HttpResponseStatus.SERVICE_UNAVAILABLE,
            "{\"health\":\"false\",\"reason\":\"" + HttpText.jsonEscape(reason) + "\"}\n"));
    }

    private void read(final boolean serializable, final EventExecutor executor, final Consumer<String> result)
    {
        if (!member.isReady() || LoopThread.currentRunner().port() == null)
        {
            result.accept(NOT_READY);
        }
        else
        {
            RangeProbe.run(LoopThread.currentRunner(), executor, serializable, timeoutMs, result);
        }
    }

    private void check(final String name, final EventExecutor executor, final Consumer<String> result)
    {
        switch (name)
        {
            case DATA_CORRUPTION ->
                result.accept(state.get(Value.ALARM_CORRUPT) != 0 ? "alarm activated: CORRUPT" : null);
            case NON_LEARNER ->
                result.accept(state.get(Value.IS_LEARNER) != 0 ? "not supported for learner" : null);
            case SERIALIZABLE_READ -> read(true, executor, result);
            case LINEARIZABLE_READ -> read(false, executor, result);
            default -> throw new IllegalArgumentException("no check " + name);
        }
    }

    private static List<String> checks(final String type)
    {
        return "livez".equals(type) ? LIVE : READY;
    }

    /** One request's checks, one after the other. */
    private final class Run
    {
        private final String type;
        private final List<String> names;
        private final boolean verbose;
        private final EventExecutor executor;
        private final Consumer<HttpReply> answer;
        private final StringBuilder lines = new StringBuilder();
        private boolean failed;
        private int position;

        Run(
            final String type,
            final List<String> names,
            final boolean verbose,
            final EventExecutor executor,
            final Consumer<HttpReply> answer)
        {
            this.type = type;
            this.names = names;
            this.verbose = verbose;
            this.executor = executor;
            this.answer = answer;
        }

        void next()
        {
            if (position < names.size())
            {
                check(names.get(position), executor, this::onResult);
            }
            else if (failed)
            {
                answer.accept(HttpReply.text(HttpResponseStatus.SERVICE_UNAVAILABLE, lines + "\n"));
            }
            else
            {
                answer.accept(HttpReply.text(HttpResponseStatus.OK, verbose ? lines + "ok\n" : "ok\n"));
            }
        }

        private void onResult(final String error)
        {
            final String name = names.get(position++);
            counters.onCheck(type, name, error == null);

            if (error == null)
            {
                lines.append("[+]").append(name).append(" ok\n");
            }
            else
            {
                failed = true;
                lines.append("[-]").append(name).append(" failed: ").append(error).append('\n');
            }

            next();
        }
    }
}
