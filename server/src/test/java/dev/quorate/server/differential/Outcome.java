package dev.quorate.server.differential;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.grpc.Status;

/**
 * How a call ended: an answer, or an error.
 *
 * @param message     the answer, or null.
 * @param code        of the error, or OK.
 * @param description of the error, or an empty text.
 */
record Outcome(Message message, Status.Code code, String description)
{
    private static final int SHOWN_LENGTH = 4_000;

    static Outcome of(final Message message)
    {
        return new Outcome(message, Status.Code.OK, "");
    }

    static Outcome of(final Throwable error)
    {
        final Status status = Status.fromThrowable(error);
        return new Outcome(null, status.getCode(), null == status.getDescription() ? "" : status.getDescription());
    }

    static Outcome error(final Status.Code code, final String description)
    {
        return new Outcome(null, code, description);
    }

    boolean isOk()
    {
        return Status.Code.OK == code;
    }

    static String shown(final Message message)
    {
        final String text = message.getClass().getSimpleName() + " {" +
            TextFormat.printer().printToString(message).replaceAll("\\s+", " ") + "}";
        return text.length() > SHOWN_LENGTH ? text.substring(0, SHOWN_LENGTH) + "..." : text;
    }

    @Override
    public String toString()
    {
        return isOk() ? shown(message) : code + " '" + description + "'";
    }
}
