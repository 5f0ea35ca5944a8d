package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.server.QuorateServer;
import dev.quorate.server.member.Version;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The launcher and the search for a JDK, run from a copy of a checkout with made-up JDKs.
 */
class LauncherTest
{
    @TempDir
    Path folder;

    private Path home;

    /**
     * How a script ended.
     *
     * @param code   its exit code.
     * @param pid    of its process.
     * @param output what it printed.
     * @param errors what it wrote to standard error.
     */
    private record Result(int code, long pid, String output, String errors)
    {
    }

    @BeforeEach
    void copyCheckout() throws IOException
    {
        home = folder.resolve("home");
        for (final String file : new String[]{"bin/quorate", "scripts/jdk.sh"})
        {
            Files.createDirectories(home.resolve(file).getParent());
            Files.copy(Program.root().resolve(file), home.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    @Test
    void versionIsToldWithoutAJvmAndWithoutABuild()
    {
        final String arch = "aarch64".equals(System.getProperty("os.arch")) ? "arm64" : System.getProperty("os.arch");
        for (final String flag : new String[]{"--version", "-version", "--version=true"})
        {
            final Result result = run(Map.of("JAVA_HOME", "/nowhere"), "bin/quorate", flag);
            assertEquals(0, result.code, result.errors);
            final List<String> lines = result.output.lines().toList();
            assertEquals(5, lines.size(), result.output);
            assertEquals("etcd Version: " + Version.ETCD, lines.get(0));
            assertTrue(lines.get(1).matches("Git SHA: [0-9a-f]{8}"), lines.get(1));
            assertTrue(lines.get(2).matches("Go Version: go1\\.\\d+(\\.\\d+)?"), lines.get(2));
            assertEquals("Go OS/Arch: linux/" + arch, lines.get(3));
            assertEquals("Quorate Version: " + Version.QUORATE, lines.get(4));
        }
    }

    @Test
    void jarAloneTellsTheSameVersionAsItsLauncher() throws Exception
    {
        final Result launcher = run(Map.of("JAVA_HOME", "/nowhere"), "bin/quorate", "--version");
        final Process jar = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp", System.getProperty("java.class.path"), QuorateServer.class.getName(), "--version")
            .redirectErrorStream(true).start();
        assertEquals(launcher.output, new String(jar.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(0, jar.waitFor());
    }

    @Test
    void environmentWithoutAHomeIsNoHindrance() throws IOException
    {
        wantRelease("99");
        final Result result = runWithout("HOME", "scripts/jdk.sh");
        assertEquals(1, result.code);
        assertTrue(result.errors.startsWith("quorate: needs a JDK 99 or newer and found none"), result.errors);
    }

    @Test
    void launcherWithoutABuildSaysWhatToDo()
    {
        final Result result = run(Map.of(), "bin/quorate");
        assertEquals(1, result.code);
        assertTrue(result.errors.contains("quorate.jar is missing; run 'make build' first"), result.errors);
    }

    @Test
    void launcherBecomesTheJvmAndHandsItsFlagsOver() throws IOException
    {
        final Path jdk = jdk("jdk", "25");
        Files.createDirectories(home.resolve("server/target"));
        Files.writeString(home.resolve("server/target/quorate.jar"), "");
        final Result result = run(
            Map.of("JAVA_HOME", jdk.toString(), "QUORATE_JVM_OPTS", "-Xlog:gc -Dmore=1"),
            "bin/quorate", "--name", "two words", "--data-dir=x");
        assertEquals(0, result.code, result.errors);
        final List<String> lines = result.output.lines().toList();
        assertEquals("jdk " + result.pid, lines.getFirst(), "the JVM is a child of its launcher");
        assertTrue(lines.containsAll(List.of("-Xlog:gc", "-Dmore=1")), result.output);
        assertEquals(
            List.of("-jar", home.resolve("server/target/quorate.jar").toRealPath().toString(), "--name", "two words",
            "--data-dir=x"),
            lines.subList(lines.indexOf("-jar"), lines.size()));
        assertFalse(result.output.contains("AOTCache"), "there is no cache");
    }

    @Test
    void launcherWorksThroughALink() throws IOException
    {
        final Path link = folder.resolve("quorate");
        Files.createSymbolicLink(link, home.resolve("bin/quorate"));
        assertEquals(0, run(Map.of(), link.toString(), "--version").code);
    }

    @Test
    void javaHomeIsTheFirstChoiceIfItFits() throws IOException
    {
        final Path first = jdk("first", "25.0.1");
        final Path second = jdk("second", "26-ea");
        assertEquals(first.toString(), found(first, second));
        assertEquals(second.toString(), found(jdk("old", "17.0.9"), second));
        assertEquals(second.toString(), found(folder.resolve("nowhere"), second));
    }

    @Test
    void runtimeWithoutACompilerIsPassedOver() throws IOException
    {
        final Path runtime = jdk("runtime", "25");
        Files.delete(runtime.resolve("bin/javac"));
        final Path second = jdk("second", "25");
        assertEquals(second.toString(), found(runtime, second));
    }

    @Test
    void releaseIsAskedOfJavaIfNoFileTellsIt() throws IOException
    {
        final Path silent = jdk("silent", "25");
        Files.delete(silent.resolve("release"));
        script(silent.resolve("bin/java"), "echo 'openjdk version \"25.0.2\" 2026-01-20' >&2");
        assertEquals(silent.toString(), found(silent, jdk("other", "25")));
    }

    @Test
    void javaOnThePathIsFollowedToItsHome() throws IOException
    {
        final Path jdk = jdk("jdk", "25");
        final Path bin = Files.createDirectories(folder.resolve("usr/bin"));
        Files.createSymbolicLink(bin.resolve("java"), jdk.resolve("bin/java"));
        final Result result = run(Map.of("PATH", bin + ":" + System.getenv("PATH")), "scripts/jdk.sh");
        assertEquals(jdk + "\n", result.output, result.errors);
    }

    @Test
    void usualFoldersComeLast() throws IOException
    {
        // Nothing in the system's own folders is of this release.
        wantRelease("99");
        final Path jdk = jdk("user/.sdkman/candidates/java/99", "99");
        final Result result = run(Map.of("HOME", folder.resolve("user").toString()), "scripts/jdk.sh");
        assertEquals(jdk + "\n", result.output, result.errors);
    }

    @Test
    void withoutAFittingJdkOneLineSaysWhatToInstall() throws IOException
    {
        wantRelease("99");
        final Result result = run(Map.of("JAVA_HOME", jdk("jdk", "25").toString()), "scripts/jdk.sh");
        assertEquals(1, result.code);
        assertEquals("", result.output);
        assertEquals(1, result.errors.lines().count(), result.errors);
        assertTrue(result.errors.startsWith("quorate: needs a JDK 99 or newer and found none"), result.errors);
        assertTrue(result.errors.contains("JAVA_HOME"), result.errors);
    }

    private void wantRelease(final String release) throws IOException
    {
        final Path script = home.resolve("scripts/jdk.sh");
        final String text = Files.readString(script);
        assertTrue(text.contains("wanted=25\n"));
        Files.writeString(script, text.replace("wanted=25\n", "wanted=" + release + "\n"));
    }

    private String found(final Path javaHome, final Path onPath)
    {
        final Result result = run(
            Map.of("JAVA_HOME", javaHome.toString(), "PATH", onPath.resolve("bin") + ":" + System.getenv("PATH")),
            "scripts/jdk.sh");
        assertEquals(0, result.code, result.errors);
        return result.output.strip();
    }

    /** A JDK that prints its name, its process and its arguments, one a line. */
    private Path jdk(final String name, final String version) throws IOException
    {
        final Path jdk = folder.resolve(name);
        Files.createDirectories(jdk.resolve("bin"));
        script(jdk.resolve("bin/java"), "echo " + jdk.getFileName() + " $$; printf '%s\\n' \"$@\"");
        script(jdk.resolve("bin/javac"), "exit 1");
        Files.writeString(jdk.resolve("release"), "JAVA_RUNTIME_VERSION=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        return jdk;
    }

    private static void script(final Path path, final String body) throws IOException
    {
        Files.writeString(path, "#!/bin/sh\n" + body + "\n");
        assertTrue(path.toFile().setExecutable(true));
    }

    private Result run(final Map<String, String> environment, final String... words)
    {
        return run(List.of("JAVA_HOME", "QUORATE_JVM_OPTS"), environment, words);
    }

    private Result runWithout(final String variable, final String... words)
    {
        return run(List.of("JAVA_HOME", "QUORATE_JVM_OPTS", variable), Map.of(), words);
    }

    private Result run(final List<String> without, final Map<String, String> environment, final String... words)
    {
        try
        {
            final List<String> command = new ArrayList<>(List.of(words));
            command.set(0, home.resolve(words[0]).toString());
            final ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().keySet().removeAll(without);
            builder.environment().putAll(environment);
            final Path output = Files.createTempFile(folder, "out", "");
            final Path errors = Files.createTempFile(folder, "err", "");
            final Process process = builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "hangs: " + command);
            return new Result(
                process.exitValue(),
                process.pid(),
                Files.readString(output, StandardCharsets.UTF_8),
                Files.readString(errors, StandardCharsets.UTF_8));
        }
        catch (final IOException | InterruptedException ex)
        {
            throw new IllegalStateException(ex);
        }
    }
}
