package dev.quorate.core.machine;

import org.agrona.DirectBuffer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists of URLs as commands and system rows carry them: separated by a line feed.
 */
final class Urls
{
    private static final char SEPARATOR = '\n';

    private Urls()
    {
    }

    /**
     * Reads a string that a command carries.
     */
    static String readText(
        final DirectBuffer buffer, final int offset, final int length, final CommandReader reader)
    {
        if (length < 0 || length > reader.end() - offset)
        {
            throw reader.malformed("text of length " + length);
        }
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static List<String> read(
        final DirectBuffer buffer, final int offset, final int length, final CommandReader reader)
    {
        return split(readText(buffer, offset, length, reader));
    }

    static List<String> split(final String joined)
    {
        final List<String> urls = new ArrayList<>();
        int from = 0;
        while (from < joined.length())
        {
            final int to = joined.indexOf(SEPARATOR, from);
            final int end = to < 0 ? joined.length() : to;
            urls.add(joined.substring(from, end));
            from = end + 1;
        }
        return urls;
    }

    static String join(final List<String> urls)
    {
        final StringBuilder joined = new StringBuilder();
        for (int i = 0; i < urls.size(); i++)
        {
            joined.append(i > 0 ? "\n" : "").append(urls.get(i));
        }
        return joined.toString();
    }
}
