package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A member that is told to stop ends in order: right after it said that it serves, and while it waits for a leader.
 */
class StopProcessTest
{
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int SIGTERM_EXIT = 143;
    private static final int ROUNDS = 6;

    @RegisterExtension
    final Processes processes = new Processes();

    @Test
    void memberThatJustBeganToServeEndsInOrder()
    {
        final MemberProcess member = processes.member(Program.quorate(), "short");
        member.flags(
            "--data-dir", member.data().toString(),
            "--listen-client-urls", member.clientUrl(),
            "--advertise-client-urls", member.clientUrl(),
            "--listen-peer-urls", member.peerUrl());
        final String ready = "\"msg\":\"ready to serve client requests\",\"address\":\"127.0.0.1:" +
            member.clientPort() + "\"";
        for (int i = 0; i < ROUNDS; i++)
        {
            final int from = member.output().length();
            member.start();
            Await.until("the member serves", DEADLINE, () -> member.output().substring(from).contains(ready));
            assertEquals(SIGTERM_EXIT, member.terminate(), member.tail());
            final String said = member.output().substring(from);
            assertTrue(said.contains("\"msg\":\"stopped\""), said);
            assertFalse(said.contains("\"level\":\"error\""), said);
            assertFalse(said.contains("transport error"), said);
        }
    }

    @Test
    void memberThatWaitsForALeaderEndsInOrder()
    {
        final MemberProcess member = processes.member(Program.quorate(), "alone");
        final Path driver = member.data().resolveSibling("alone-driver");
        member.flags(
            "--name", "alone",
            "--data-dir", member.data().toString(),
            "--aeron-dir", driver.toString(),
            "--listen-client-urls", member.clientUrl(),
            "--advertise-client-urls", member.clientUrl(),
            "--listen-peer-urls", member.peerUrl(),
            "--initial-advertise-peer-urls", member.peerUrl(),
            "--initial-cluster", "alone=" + member.peerUrl() + ",absent=http://127.0.0.1:1");
        member.start();
        Await.until("the member asks for votes", DEADLINE, () -> member.output().contains("\"pre_candidate\""));
        assertTrue(Files.exists(driver), member.tail());
        assertEquals(SIGTERM_EXIT, member.terminate(), member.tail());
        assertTrue(member.output().contains("\"msg\":\"stopped\""), member.tail());
        assertFalse(member.output().contains("ready to serve"), member.tail());
        assertFalse(Files.exists(driver), "files of the media driver are left");
    }
}
