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

    private static final String ETCD_COMMIT = "5e7fd0de";
    private static final String ETCD_GO = "go1.26.0";

    private Version()
    {
    }

    /**
     * What {@code --version} answers: etcd's four lines first, since tools read them, ours fifth.
     *
     * @return the five lines, without a line end after the last.
     */
    public static String text()
    {
        final String arch = System.getProperty("os.arch");
        return String.join("\n",
            "etcd Version: " + ETCD,
            "Git SHA: " + ETCD_COMMIT,
            "Go Version: " + ETCD_GO,
            "Go OS/Arch: linux/" + ("aarch64".equals(arch) ? "arm64" : arch),
            "Quorate Version: " + QUORATE);
    }
}
