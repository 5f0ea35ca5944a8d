package dev.quorate.gateway.metrics;

import dev.quorate.core.api.Method;

/**
 * The methods that are counted: those of the core by their ordinal, then those of the health service.
 */
public final class Rpcs
{
    /** Index of grpc.health.v1.Health/Check. */
    public static final int HEALTH_CHECK = Method.values().length;
    /** Index of grpc.health.v1.Health/Watch. */
    public static final int HEALTH_WATCH = HEALTH_CHECK + 1;
    /** Index of grpc.health.v1.Health/List. */
    public static final int HEALTH_LIST = HEALTH_WATCH + 1;
    /** Number of counted methods. */
    public static final int COUNT = HEALTH_LIST + 1;

    private static final String HEALTH_SERVICE = "grpc.health.v1.Health";
    private static final String[] LABELS = labels();

    private Rpcs()
    {
    }

    /**
     * @param rpc name within the health service.
     * @return index of the method.
     * @throws IllegalArgumentException if the service has no such method.
     */
    public static int indexOfHealth(final String rpc)
    {
        return switch (rpc)
        {
            case "Check" -> HEALTH_CHECK;
            case "Watch" -> HEALTH_WATCH;
            case "List" -> HEALTH_LIST;
            default -> throw new IllegalArgumentException("no method " + rpc + " in " + HEALTH_SERVICE);
        };
    }

    /**
     * @param index of a method.
     * @return its labels grpc_type, grpc_service and grpc_method as the text format writes them.
     */
    static String labels(final int index)
    {
        return LABELS[index];
    }

    private static String[] labels()
    {
        final String[] labels = new String[COUNT];

        for (final Method method : Method.values())
        {
            labels[method.ordinal()] = labels(type(method.kind()), method.service(), method.rpc());
        }

        labels[HEALTH_CHECK] = labels("unary", HEALTH_SERVICE, "Check");
        labels[HEALTH_WATCH] = labels("server_stream", HEALTH_SERVICE, "Watch");
        labels[HEALTH_LIST] = labels("unary", HEALTH_SERVICE, "List");

        return labels;
    }

    private static String labels(final String type, final String service, final String rpc)
    {
        return "grpc_method=\"" + rpc + "\",grpc_service=\"" + service + "\",grpc_type=\"" + type + '"';
    }

    private static String type(final Method.Kind kind)
    {
        return switch (kind)
        {
            case UNARY -> "unary";
            case SERVER_STREAM -> "server_stream";
            case BIDI_STREAM -> "bidi_stream";
        };
    }
}
