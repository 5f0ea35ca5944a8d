package dev.quorate.server.flags;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as Go writes them: {@code 300ms}, {@code 1h30m}, {@code -1.5s}, {@code 0}.
 */
public final class GoDuration
{
    private static final Pattern WHOLE = Pattern.compile(
        "[-+]?(0|((\\d+(\\.\\d*)?|\\.\\d+)(ns|us|\u00b5s|ms|s|m|h))+)");
    private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|\u00b5s|ms|s|m|h)");

    private GoDuration()
    {
    }

    /**
     * @param text to check.
     * @return true if it is a duration of less than 292 years.
     */
    public static boolean isValid(final String text)
    {
        if (!WHOLE.matcher(text).matches())
        {
            return false;
        }
        try
        {
            parseNs(text);
            return true;
        }
        catch (final ArithmeticException ex)
        {
            return false;
        }
    }

    /**
     * @param text a valid duration.
     * @return nanoseconds.
     */
    public static long parseNs(final String text)
    {
        BigDecimal sum = BigDecimal.ZERO;
        final Matcher part = PART.matcher(text);
        while (part.find())
        {
            final String digits = part.group(1);
            final BigDecimal number = new BigDecimal(
                digits.startsWith(".") ? "0" + digits : digits.replaceAll("\\.$", ""));
            sum = sum.add(number.multiply(BigDecimal.valueOf(unitNs(part.group(2)))));
        }
        final long ns = sum.toBigInteger().longValueExact();
        return text.startsWith("-") ? -ns : ns;
    }

    private static long unitNs(final String unit)
    {
        return switch (unit)
        {
            case "ns" -> 1L;
            case "us", "\u00b5s" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3_600_000_000_000L;
        };
    }
}
