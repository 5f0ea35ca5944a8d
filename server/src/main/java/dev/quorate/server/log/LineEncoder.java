package dev.quorate.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import org.slf4j.event.KeyValuePair;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * Encodes an event as etcd's logger does: {@code level}, {@code ts}, {@code logger}, {@code msg}, then the key-value
 * pairs of the event.
 */
final class LineEncoder extends EncoderBase<ILoggingEvent>
{
    private static final DateTimeFormatter TIME =
        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXX").withZone(ZoneId.systemDefault());
    private static final byte[] NOTHING = new byte[0];

    private final boolean isJson;

    LineEncoder(final boolean isJson)
    {
        this.isJson = isJson;
    }

    @Override
    public byte[] headerBytes()
    {
        return NOTHING;
    }

    @Override
    public byte[] footerBytes()
    {
        return NOTHING;
    }

    @Override
    public byte[] encode(final ILoggingEvent event)
    {
        final StringBuilder line = new StringBuilder(256);
        if (isJson)
        {
            json(line, event);
        }
        else
        {
            text(line, event);
        }
        return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void json(final StringBuilder line, final ILoggingEvent event)
    {
        line.append("{\"level\":\"").append(level(event.getLevel()));
        line.append("\",\"ts\":\"").append(time(event));
        line.append("\",\"logger\":");
        quote(line, shortName(event.getLoggerName()));
        line.append(",\"msg\":");
        quote(line, event.getFormattedMessage());
        final List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (null != pairs)
        {
            for (final KeyValuePair pair : pairs)
            {
                line.append(',');
                quote(line, pair.key);
                line.append(':');
                if (pair.value instanceof Number || pair.value instanceof Boolean)
                {
                    line.append(pair.value);
                }
                else
                {
                    quote(line, String.valueOf(pair.value));
                }
            }
        }
        final IThrowableProxy thrown = event.getThrowableProxy();
        if (null != thrown)
        {
            line.append(",\"stacktrace\":");
            quote(line, ThrowableProxyUtil.asString(thrown));
        }
        line.append('}');
    }

    private static void text(final StringBuilder line, final ILoggingEvent event)
    {
        line.append(time(event)).append('\t').append(level(event.getLevel())).append('\t');
        line.append(shortName(event.getLoggerName())).append('\t').append(event.getFormattedMessage());
        final List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (null != pairs)
        {
            for (final KeyValuePair pair : pairs)
            {
                line.append('\t').append(pair.key).append('=').append(pair.value);
            }
        }
        final IThrowableProxy thrown = event.getThrowableProxy();
        if (null != thrown)
        {
            line.append('\n').append(ThrowableProxyUtil.asString(thrown));
        }
    }

    private static String time(final ILoggingEvent event)
    {
        final Instant instant = event.getInstant();
        return TIME.format(null == instant ? Instant.ofEpochMilli(event.getTimeStamp()) : instant);
    }

    private static String level(final Level level)
    {
        return level.toString().toLowerCase(Locale.ROOT);
    }

    private static String shortName(final String logger)
    {
        return logger.substring(logger.lastIndexOf('.') + 1);
    }

    private static void quote(final StringBuilder line, final String text)
    {
        line.append('"');
        for (int i = 0; i < text.length(); i++)
        {
            final char c = text.charAt(i);
            switch (c)
            {
                case '"' -> line.append("\\\"");
                case '\\' -> line.append("\\\\");
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default ->
                {
                    if (c < 0x20)
                    {
                        line.append(String.format("\\u%04x", (int)c));
                    }
                    else
                    {
                        line.append(c);
                    }
                }
            }
        }
        line.append('"');
    }
}
