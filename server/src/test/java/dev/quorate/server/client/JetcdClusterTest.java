package dev.quorate.server.client;

import dev.quorate.server.process.MemberProcess;
import dev.quorate.server.process.Program;
import org.junit.jupiter.api.TestInstance;

import java.util.List;

/**
 * The same against three members.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JetcdClusterTest extends JetcdTest
{
    @Override
    List<MemberProcess> members()
    {
        return PROCESSES.cluster(Program.quorate());
    }
}
