package dev.quorate.server.process;

import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;

/**
 * What a member's metrics page said at one moment.
 */
final class Metrics
{
    private final Map<String, Double> samples = new HashMap<>();
    private final Map<String, String> types = new HashMap<>();
    private final String text;

    private Metrics(final String text)
    {
        this.text = text;
        for (final String line : text.split("\n"))
        {
            if (line.startsWith("# TYPE "))
            {
                final String[] words = line.split(" ");
                types.put(words[2], words[3]);
            }
            else if (!line.startsWith("#"))
            {
                final int space = line.lastIndexOf(' ');
                samples.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
            }
        }
    }

    /**
     * @param url of a page.
     * @return what it says now.
     */
    static Metrics of(final String url)
    {
        try (var body = URI.create(url + "/metrics").toURL().openStream())
        {
            return new Metrics(new String(body.readAllBytes()));
        }
        catch (final IOException ex)
        {
            throw new AssertionError("no metrics at " + url, ex);
        }
    }

    /**
     * @param sample name with its labels.
     * @return its value.
     */
    double value(final String sample)
    {
        final Double value = samples.get(sample);
        if (null == value)
        {
            throw new AssertionError("no sample " + sample + " in\n" + text);
        }
        return value;
    }

    /**
     * @param family name.
     * @return its type.
     */
    String type(final String family)
    {
        return types.get(family);
    }

    /**
     * @param family name.
     * @return sum of all its samples, whatever their labels.
     */
    double sum(final String family)
    {
        double sum = 0;
        for (final Map.Entry<String, Double> sample : samples.entrySet())
        {
            if (sample.getKey().equals(family) || sample.getKey().startsWith(family + '{'))
            {
                sum += sample.getValue();
            }
        }
        return sum;
    }

    @Override
    public String toString()
    {
        return text;
    }
}
