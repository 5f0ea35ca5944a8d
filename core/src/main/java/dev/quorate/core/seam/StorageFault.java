package dev.quorate.core.seam;

/**
 * A fault of storage after which nothing may be promised: a failed sync, an I/O error, rot below the watermark. The
 * process halts on it; nobody catches it but the funnel at the top of each thread.
 */
public final class StorageFault extends Error
{
    private static final long serialVersionUID = 1L;

    /**
     * @param message what failed, where (file and position), and the remedy.
     */
    public StorageFault(final String message)
    {
        super(message);
    }

    /**
     * @param message what failed, where (file and position), and the remedy.
     * @param cause   of the fault.
     */
    public StorageFault(final String message, final Throwable cause)
    {
        super(message, cause);
    }
}
