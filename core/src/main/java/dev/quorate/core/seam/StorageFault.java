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
     * A file that another version of the program wrote.
     *
     * @param file       that was found.
     * @param found      version of its format.
     * @param understood version that this program reads and writes.
     * @return the fault, one line.
     */
    public static StorageFault ofVersion(final String file, final long found, final long understood)
    {
        return new StorageFault(file + " has format version " + found + ", this program understands version " +
            understood + ": start the program that wrote it, or remove this member and add it again with an empty " +
            "directory");
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
