package dev.quorate.server;

/**
 * Starts one member. Until the member is assembled here it only says so.
 */
public final class QuorateServer
{
    private QuorateServer()
    {
    }

    /**
     * Entry point of the runnable jar.
     *
     * @param args the flags of the command line.
     */
    public static void main(final String[] args)
    {
        System.err.println("quorate: this build does not serve yet");
        System.exit(1);
    }
}
