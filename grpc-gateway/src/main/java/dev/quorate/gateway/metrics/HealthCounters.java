package dev.quorate.gateway.metrics;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Results of health checks. Checks are rare and run on any loop, so all loops share these counters.
 */
public final class HealthCounters
{
    /** The checks of /livez and /readyz in the order of {@link #check}. */
    private static final String[] CHECKS =
    {
        "type=\"livez\",name=\"serializable_read\"",
        "type=\"readyz\",name=\"data_corruption\"",
        "type=\"readyz\",name=\"serializable_read\"",
        "type=\"readyz\",name=\"linearizable_read\"",
        "type=\"readyz\",name=\"non_learner\"",
    };

    private static final int SUCCESS = 0;
    private static final int FAILURES = 1;
    private static final int OF_CHECKS = 2;

    private final AtomicLongArray counts = new AtomicLongArray(OF_CHECKS + 3 * CHECKS.length);

    /**
     * /health was asked.
     *
     * @param healthy what was answered.
     */
    public void onHealth(final boolean healthy)
    {
        counts.incrementAndGet(healthy ? SUCCESS : FAILURES);
    }

    /**
     * A check of /livez or /readyz ran.
     *
     * @param type of the endpoint, livez or readyz.
     * @param name of the check.
     * @param ok   its result.
     */
    public void onCheck(final String type, final String name, final boolean ok)
    {
        final int base = OF_CHECKS + 3 * check(type, name);
        counts.set(base, ok ? 1 : 0);
        counts.incrementAndGet(base + (ok ? 1 : 2));
    }

    void collect(final MetricsText text)
    {
        text.counter("etcd_server_health_success", "Answers of /health that said true.", counts.get(SUCCESS));
        text.counter("etcd_server_health_failures", "Answers of /health that said false.", counts.get(FAILURES));
        text.gauge("etcd_server_healthcheck", "Newest result of each check, 1 if it passed.");

        for (int i = 0; i < CHECKS.length; i++)
        {
            text.sample(CHECKS[i], counts.get(OF_CHECKS + 3 * i));
        }

        text.counter("etcd_server_healthchecks_total", "Results of each check.");

        for (int i = 0; i < CHECKS.length; i++)
        {
            text.sample(CHECKS[i] + ",status=\"success\"", counts.get(OF_CHECKS + 3 * i + 1));
            text.sample(CHECKS[i] + ",status=\"error\"", counts.get(OF_CHECKS + 3 * i + 2));
        }
    }

    private static int check(final String type, final String name)
    {
        final String labels = "type=\"" + type + "\",name=\"" + name + '"';

        for (int i = 0; i < CHECKS.length; i++)
        {
            if (CHECKS[i].equals(labels))
            {
                return i;
            }
        }

        throw new IllegalArgumentException("no check " + labels);
    }
}
