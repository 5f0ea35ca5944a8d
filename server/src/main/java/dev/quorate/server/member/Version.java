package dev.quorate.server.member;

/**
 * Versions that this build tells. Clients and tools parse them: three numbers, nothing else.
 */
public final class Version
{
    /** Version of etcd whose behaviour is offered. */
    public static final String ETCD = "3.7.1";
    /** Version of the stored state. */
    public static final String STORAGE = "3.7.0";
    /** Version of this product. */
    public static final String QUORATE = "0.1.0";

    private Version()
    {
    }
}
