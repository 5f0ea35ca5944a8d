package dev.quorate.core.machine;

import org.agrona.DirectBuffer;

/**
 * Takes the results of commands that this boot of this member proposed. Called on the apply thread.
 */
@FunctionalInterface
public interface ResultSink
{
    /**
     * A part of a result, see {@link ApplyResult}. The upper byte of the correlation id names the loop that asked.
     *
     * @param buffer that holds the part; reused after the call.
     * @param offset of the part.
     * @param length of the part, at most {@link ApplyResult#MAX_LENGTH}, bytes.
     */
    void onResult(DirectBuffer buffer, int offset, int length);
}
