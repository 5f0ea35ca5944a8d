package dev.quorate.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Sets the log up, once, at start.
 */
public final class Logs
{
    private Logs()
    {
    }

    /**
     * Sends everything at or above a level to standard error.
     *
     * @param level  one of debug, info, warn, error, panic, fatal.
     * @param format json or console.
     */
    public static void configure(final String level, final String format)
    {
        final LoggerContext context = (LoggerContext)LoggerFactory.getILoggerFactory();
        context.reset();
        final LineEncoder encoder = new LineEncoder("json".equals(format));
        encoder.setContext(context);
        encoder.start();
        final ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        final Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(levelOf(level));
        root.addAppender(appender);
        // Libraries speak up only when something is wrong.
        for (final String library : new String[]{"io", "com", "org"})
        {
            context.getLogger(library).setLevel(Level.WARN);
        }
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    private static Level levelOf(final String level)
    {
        return switch (level)
        {
            case "debug" -> Level.DEBUG;
            case "warn" -> Level.WARN;
            case "error", "panic", "dpanic", "fatal" -> Level.ERROR;
            default -> Level.INFO;
        };
    }
}
