package dev.quorate.server.flags;

/**
 * The configuration cannot be used. The message is the one line a person reads.
 */
public final class FlagException extends Exception
{
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /**
     * @param exitCode of the process: 2 for a command line that cannot be parsed, else 1.
     * @param message  one line with the cause and the remedy.
     */
    public FlagException(final int exitCode, final String message)
    {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    /**
     * @return exit code of the process.
     */
    public int exitCode()
    {
        return exitCode;
    }
}
