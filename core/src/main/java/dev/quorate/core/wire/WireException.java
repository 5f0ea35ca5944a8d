package dev.quorate.core.wire;

/**
 * Bytes are not what protobuf allows. Instances are constants without a stack trace: malformed input is the client's
 * fault and must cost nothing.
 */
public final class WireException extends RuntimeException
{
    /** The wire format is broken. */
    public static final WireException MALFORMED = new WireException("proto: cannot parse invalid wire-format data");
    /** A string is not UTF-8. */
    public static final WireException INVALID_UTF8 = new WireException("string field contains invalid UTF-8");

    private static final long serialVersionUID = 1L;

    private WireException(final String message)
    {
        super(message, null, false, false);
    }
}
