package dev.quorate.gateway;

/**
 * The gateway could not start; the message is one line that tells a user why.
 */
public final class GatewayException extends RuntimeException
{
    private static final long serialVersionUID = 1L;

    /**
     * @param message one line.
     * @param cause   of the failure.
     */
    public GatewayException(final String message, final Throwable cause)
    {
        super(message, cause);
    }
}
