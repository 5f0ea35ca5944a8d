package dev.quorate.core.seam;

/**
 * The disk has no room for what was asked. An expected event: nothing was promised, the caller tries again later.
 */
public final class DiskFullException extends Exception
{
    private static final long serialVersionUID = 1L;

    /**
     * @param message which file could not get which length.
     */
    public DiskFullException(final String message)
    {
        super(message, null, false, false);
    }
}
