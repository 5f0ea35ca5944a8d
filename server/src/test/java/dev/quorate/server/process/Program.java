package dev.quorate.server.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a program is started: the words before its flags.
 *
 * @param name  for messages.
 * @param words of the command line, without the flags of the member.
 */
public record Program(String name, List<String> words)
{
    private static final String MAIN = "dev.quorate.server.QuorateServer";
    private static Path etcdFolder;

    /**
     * @return etcd, as the host's package mirror has it.
     */
    public static Program etcd()
    {
        return new Program("etcd", List.of(etcdFolder().resolve("etcd").toString()));
    }

    /**
     * @return our server from the class path of this JVM, with the flags of its launcher and a small heap.
     */
    public static Program quorate()
    {
        return quorate("-Xmx128m");
    }

    /**
     * @param jvmFlags more flags of the JVM, which override those of the launcher.
     * @return our server from the class path of this JVM, with the flags of its launcher.
     */
    public static Program quorate(final String... jvmFlags)
    {
        final List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(launcherFlags());
        words.addAll(List.of(jvmFlags));
        words.add("-cp");
        words.add(System.getProperty("java.class.path"));
        words.add(MAIN);
        return new Program("quorate", words);
    }

    /**
     * @return the folder of etcd, etcdctl and etcdutl; the programs are fetched when they are not there yet.
     */
    public static synchronized Path etcdFolder()
    {
        if (null == etcdFolder)
        {
            try
            {
                final Process process = new ProcessBuilder(root().resolve("scripts/get-etcd").toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
                final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (0 != process.waitFor())
                {
                    throw new IllegalStateException("scripts/get-etcd failed");
                }
                etcdFolder = Path.of(output.strip());
            }
            catch (final IOException | InterruptedException ex)
            {
                throw new IllegalStateException("scripts/get-etcd could not run", ex);
            }
        }
        return etcdFolder;
    }

    /**
     * @return the folder of the checkout.
     */
    public static Path root()
    {
        Path folder = Path.of("").toAbsolutePath();
        while (null != folder && !Files.exists(folder.resolve("scripts/get-etcd")))
        {
            folder = folder.getParent();
        }
        if (null == folder)
        {
            throw new IllegalStateException("not inside a checkout: " + Path.of("").toAbsolutePath());
        }
        return folder;
    }

    /**
     * The flags between the program and the jar in the launcher, so that tests run with what users run with.
     */
    private static List<String> launcherFlags()
    {
        try
        {
            final String launcher = Files.readString(root().resolve("bin/quorate"));
            final int start = launcher.indexOf("/bin/java\"");
            final int end = launcher.indexOf("${QUORATE_JVM_OPTS", start);
            final List<String> flags = new ArrayList<>();
            for (final String word : launcher.substring(start + "/bin/java\"".length(), end).split("\\s+"))
            {
                // the cache of classes belongs to the jar, which these processes do not run from
                if (!word.isEmpty() && !"\\".equals(word) && !word.startsWith("\"$"))
                {
                    flags.add(word);
                }
            }
            return flags;
        }
        catch (final IOException ex)
        {
            throw new IllegalStateException("bin/quorate cannot be read", ex);
        }
    }
}
