package dev.quorate.core.raft;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Runs the scenarios under {@code raft/*.txt}.
 */
class RaftScenarioTest
{
    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void scenarioHolds(final String name) throws IOException, URISyntaxException
    {
        new RaftScenario().run(Files.readAllLines(directory().resolve(name)));
    }

    @Test
    void everyScenarioIsFound() throws IOException, URISyntaxException
    {
        assertTrue(scenarios().count() >= 20);
    }

    @Test
    void wrongExpectationFails()
    {
        final List<String> lines = List.of("members 1 2 3", "start", "expect role 1 LEADER");
        assertThrows(AssertionError.class, () -> new RaftScenario().run(lines));
    }

    @Test
    void answerBeforeDurableIsCaught()
    {
        final RaftWorld world = new RaftWorld();
        final Configuration configuration = new Configuration();
        configuration.standing(1, Configuration.VOTER);
        final RaftMember member = world.add(1, 1, configuration);
        member.start();
        assertThrows(AssertionError.class, () -> member.sendAppendResponse(2, 0, true, 1, 0, 0));
        assertThrows(AssertionError.class, () -> member.sendVoteResponse(2, 1, false, true));
        assertThrows(AssertionError.class, () -> member.sendHeartbeatResponse(2, 1, 1));
    }

    static Stream<String> scenarios() throws IOException, URISyntaxException
    {
        try (Stream<Path> files = Files.list(directory()))
        {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".txt")).sorted()
                .toList().stream();
        }
    }

    private static Path directory() throws URISyntaxException
    {
        return Path.of(RaftScenarioTest.class.getResource("/raft").toURI());
    }
}
