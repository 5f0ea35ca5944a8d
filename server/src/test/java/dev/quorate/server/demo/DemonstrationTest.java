package dev.quorate.server.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.server.process.Await;
import dev.quorate.server.process.Program;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The demonstration ends with 0, or with the reason, and leaves no process behind however it ends.
 */
class DemonstrationTest
{
    private static final Duration DEADLINE = Duration.ofSeconds(300);

    @TempDir
    Path folder;

    private Process process;

    @AfterEach
    void end() throws InterruptedException
    {
        process.destroyForcibly().waitFor();
        members().forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void everyStepHolds() throws Exception
    {
        start("exec " + String.join(" ", quoted(Program.quorate().words())) + " \"$@\"");
        assertEquals(0, exitCode(), output());
        for (final String step : new String[]{
            "they elected member-", "linearizable get through a follower: hello", "a second writer with the old",
            "event PUT /registry/pods/default/web-3", "the lease expired and took its key along",
            "all 200 acknowledged writes are there", "was started again and caught up", "HashKV is equal on both",
            "Done: every step held."})
        {
            assertTrue(output().contains(step), () -> "no '" + step + "' in\n" + output());
        }
        assertEquals(List.of(), members());
    }

    @Test
    void memberThatDoesNotStartIsTheReason() throws Exception
    {
        start("echo it is broken; exit 7");
        assertEquals(1, exitCode(), output());
        assertTrue(output().contains("FAILED: member member-1 does not answer; its log ends with: it is broken"),
            output());
        assertEquals(List.of(), members());
    }

    @Test
    void membersEndWithTheDemonstrationEvenIfTheyHang() throws Exception
    {
        // These never answer, and take SIGTERM for nothing.
        start("trap '' TERM; echo \"$@\"; while :; do sleep 0.2; done");
        Await.until("all members run", DEADLINE, () -> 3 == members().size());
        process.destroy();
        assertFalse(0 == exitCode(), output());
        Await.until("no member is left", DEADLINE, () -> members().isEmpty());
    }

    private void start(final String launcher) throws IOException
    {
        final Path script = folder.resolve("launcher");
        Files.writeString(script, "#!/bin/bash\n" + launcher + "\n");
        assertTrue(script.toFile().setExecutable(true));
        process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + folder,
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
            "-cp", System.getProperty("java.class.path"), Demonstration.class.getName(), script.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile())
            .start();
    }

    private int exitCode() throws InterruptedException
    {
        assertTrue(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS), output());
        return process.exitValue();
    }

    /** The processes that have a data directory of this demonstration. */
    private List<ProcessHandle> members()
    {
        return ProcessHandle.allProcesses()
            .filter((each) -> commandLine(each.pid()).contains(folder + "/quorate-demo"))
            .toList();
    }

    private static String commandLine(final long pid)
    {
        try
        {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
        }
        catch (final IOException ex)
        {
            return "";
        }
    }

    private String output()
    {
        try
        {
            return Files.readString(folder.resolve("output"));
        }
        catch (final IOException ex)
        {
            return ex.toString();
        }
    }

    private static List<String> quoted(final List<String> words)
    {
        final List<String> quoted = new ArrayList<>();
        words.forEach((word) -> quoted.add('\'' + word + '\''));
        return quoted;
    }
}
