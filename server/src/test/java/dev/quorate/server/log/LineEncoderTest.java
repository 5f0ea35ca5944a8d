package dev.quorate.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LineEncoderTest
{
    private static final LoggerContext CONTEXT = new LoggerContext();

    @Test
    void lineIsOneJsonObjectWithTheKeysOfEtcdFirst()
    {
        final String line = encode(true, event("ready to serve client requests", null,
            new KeyValuePair("address", "127.0.0.1:2379"), new KeyValuePair("term", 7L),
            new KeyValuePair("complete", true)));
        assertTrue(line.endsWith("}\n") && line.indexOf('\n') == line.length() - 1, line);
        final Map<String, Object> parsed = parse(line);
        assertEquals(
            List.of("level", "ts", "logger", "msg", "address", "term", "complete"), new ArrayList<>(parsed.keySet()));
        assertEquals("info", parsed.get("level"));
        assertEquals("Member", parsed.get("logger"));
        assertEquals("ready to serve client requests", parsed.get("msg"));
        assertEquals("127.0.0.1:2379", parsed.get("address"));
        assertEquals(7, parsed.get("term"));
        assertEquals(true, parsed.get("complete"));
        assertTrue(line.matches(
            "(?s).*\"ts\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.123456(Z|[+-]\\d{4})\".*"), line);
    }

    @Test
    void anyTextStaysInItsLine()
    {
        final String text = "quote \" backslash \\ feed \n return \r tab \t bell \u0007 \u00e9 \u20ac";
        final String line = encode(true, event(text, new IllegalStateException(text), new KeyValuePair(text, text)));
        assertEquals(line.length() - 1, line.indexOf('\n'), line);
        final Map<String, Object> parsed = parse(line);
        assertEquals(text, parsed.get("msg"));
        assertEquals(text, parsed.get(text));
        assertTrue(parsed.get("stacktrace").toString().contains("IllegalStateException: quote"), line);
    }

    @Test
    void consoleFormatIsPlainText()
    {
        final String line = encode(false, event("started", null, new KeyValuePair("a", 1)));
        assertTrue(line.endsWith("\tinfo\tMember\tstarted\ta=1\n"), line);
    }

    private static String encode(final boolean isJson, final LoggingEvent event)
    {
        return new String(new LineEncoder(isJson).encode(event), StandardCharsets.UTF_8);
    }

    private static LoggingEvent event(final String message, final Throwable thrown, final KeyValuePair... pairs)
    {
        final LoggingEvent event = new LoggingEvent(
            "", CONTEXT.getLogger("dev.quorate.Member"), Level.INFO, message, thrown, null);
        event.setInstant(Instant.parse("2026-01-02T03:04:05.123456Z"));
        for (final KeyValuePair pair : pairs)
        {
            event.addKeyValuePair(pair);
        }
        return event;
    }

    /** JSON is a part of YAML. */
    private static Map<String, Object> parse(final String line)
    {
        return new Yaml(new SafeConstructor(new LoaderOptions())).load(line);
    }
}
