package dev.quorate.core.store;

import dev.quorate.core.seam.StorageFault;

/**
 * The words with which files of the store begin. Their last byte is the version of the format, as a digit.
 */
final class Magic
{
    private static final int VERSION_SHIFT = 56;

    private Magic()
    {
    }

    /** True if a file begins like one of another version. */
    static boolean isOfOtherVersion(final long found, final long understood)
    {
        return found != understood && found << Long.SIZE - VERSION_SHIFT == understood << Long.SIZE - VERSION_SHIFT;
    }

    static StorageFault ofVersion(final String path, final long found, final long understood)
    {
        return StorageFault.ofVersion(
            path, (found >>> VERSION_SHIFT) - '0', (understood >>> VERSION_SHIFT) - '0');
    }
}
