package dev.quorate.gateway.metrics;

import java.math.BigDecimal;

/**
 * Writer of the Prometheus text format 0.0.4. Used by one thread at a time.
 */
public final class MetricsText
{
    /** Media type of the format. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder text = new StringBuilder(64 * 1024);
    private String family = "";

    /**
     * Begins a family of counters.
     *
     * @param name of the family.
     * @param help one line.
     */
    public void counter(final String name, final String help)
    {
        family(name, help, "counter");
    }

    /**
     * Begins a family of gauges.
     *
     * @param name of the family.
     * @param help one line.
     */
    public void gauge(final String name, final String help)
    {
        family(name, help, "gauge");
    }

    /**
     * Writes a family of one gauge without labels.
     *
     * @param name  of the family.
     * @param help  one line.
     * @param value of the gauge.
     */
    public void gauge(final String name, final String help, final long value)
    {
        gauge(name, help);
        sample("", value);
    }

    /**
     * Writes a family of one counter without labels.
     *
     * @param name  of the family.
     * @param help  one line.
     * @param value of the counter.
     */
    public void counter(final String name, final String help, final long value)
    {
        counter(name, help);
        sample("", value);
    }

    /**
     * Writes a sample of the family begun last.
     *
     * @param labels as the format writes them, without braces; empty if there are none.
     * @param value  of the sample.
     */
    public void sample(final String labels, final long value)
    {
        name("", labels).append(value).append('\n');
    }

    /**
     * Writes a sample of the family begun last.
     *
     * @param labels as the format writes them, without braces; empty if there are none.
     * @param value  of the sample.
     */
    public void sample(final String labels, final double value)
    {
        name("", labels).append(value).append('\n');
    }

    /**
     * Writes a histogram, and begins its family if it is another than the last one.
     *
     * @param source of the figures.
     */
    public void histogram(final HistogramSource source)
    {
        if (!family.equals(source.name()))
        {
            family(source.name(), source.help(), "histogram");
        }

        final String prefix = source.labels().isEmpty() ? "" : source.labels() + ',';
        long total = 0;

        for (int i = 0, length = source.buckets(); i < length; i++)
        {
            total += source.count(i);
            name("_bucket", prefix + "le=\"" + bound(source.bound(i)) + '"').append(total).append('\n');
        }

        total += source.count(source.buckets());
        name("_bucket", prefix + "le=\"+Inf\"").append(total).append('\n');
        name("_sum", source.labels()).append(source.sum()).append('\n');
        name("_count", source.labels()).append(total).append('\n');
    }

    /**
     * @param value of a label.
     * @return the value with backslash, quote and line feed escaped.
     */
    public static String escape(final String value)
    {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private void family(final String name, final String help, final String type)
    {
        family = name;
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private StringBuilder name(final String suffix, final String labels)
    {
        text.append(family).append(suffix);
        if (!labels.isEmpty())
        {
            text.append('{').append(labels).append('}');
        }

        return text.append(' ');
    }

    /** Without an exponent, as etcd writes its bounds: they are labels, which queries compare as text. */
    private static String bound(final double bound)
    {
        return new BigDecimal(Double.toString(bound)).stripTrailingZeros().toPlainString();
    }

    @Override
    public String toString()
    {
        return text.toString();
    }
}
