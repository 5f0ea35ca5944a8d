package dev.quorate.core.sim;

/**
 * A rule was broken: what the simulation exists to find.
 */
final class Violation extends AssertionError
{
    private static final long serialVersionUID = 1L;

    Violation(final String rule, final String detail)
    {
        super(rule + ": " + detail);
    }

    Violation(final String rule, final String detail, final Throwable cause)
    {
        super(rule + ": " + detail, cause);
    }
}
