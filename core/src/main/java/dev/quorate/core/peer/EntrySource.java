package dev.quorate.core.peer;

import dev.quorate.core.seam.StorageFault;
import org.agrona.DirectBuffer;

/**
 * Entries of the log as they lie in its mapped segments, in the form of {@code EntryDescriptor}. Called on the
 * consensus thread for indices that the log holds; what is returned is valid until the next call into the log.
 */
public interface EntrySource
{
    /**
     * @param index of an entry held.
     * @return buffer that holds it.
     */
    DirectBuffer buffer(long index);

    /**
     * @param index of an entry held.
     * @return where it begins in {@link #buffer}.
     */
    int offset(long index);

    /**
     * @param index of an entry held.
     * @return its length with header and payload, bytes.
     */
    int length(long index);

    /**
     * @param index of an entry held.
     * @return the fault to be thrown when its bytes do not fit its checksum.
     */
    StorageFault damage(long index);
}
