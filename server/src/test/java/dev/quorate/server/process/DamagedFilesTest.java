package dev.quorate.server.process;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.quorate.gateway.proto.etcdserverpb.PutRequest;
import dev.quorate.gateway.proto.etcdserverpb.RangeRequest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A member whose files were damaged below what was durable says where in one line and ends; it cuts nothing. With the
 * file put right it serves what it held.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DamagedFilesTest
{
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int EXIT_FAULT = 3;
    private static final String VALUE = "a value that occurs once in each file";

    @RegisterExtension
    static final Processes PROCESSES = new Processes();

    private MemberProcess member;

    @BeforeAll
    void write()
    {
        member = PROCESSES.single(Program.quorate());
        Kv.stub(member).put(PutRequest.newBuilder().setKey(text("before")).setValue(text("1")).build());
        Kv.stub(member).put(PutRequest.newBuilder().setKey(text("key")).setValue(text(VALUE)).build());
        Kv.stub(member).put(PutRequest.newBuilder().setKey(text("after")).setValue(text("1")).build());
        final long applied = Kv.status(member).getRaftAppliedIndex();
        Await.until("the mark covers the writes", DEADLINE, () -> Kv.markIndex(member.data()) >= applied);
        assertEquals(143, member.terminate());
    }

    @Test
    void flippedByteInADurableFileIsNamedAndNothingIsCut() throws IOException
    {
        for (final String folder : new String[]{"log", "store"})
        {
            final Path file = fileWith(member.data().resolve(folder));
            final int offset = flip(file);
            final Map<Path, byte[]> before = files(folder);
            final String line = refusal();
            assertTrue(line.contains(file.getFileName().toString()), line);
            assertTrue(line.contains("offset"), line);
            final Map<Path, byte[]> after = files(folder);
            assertEquals(before.keySet(), after.keySet());
            before.forEach((path, bytes) -> assertArrayEquals(bytes, after.get(path), path.toString()));
            assertEquals(offset, flip(file));
        }
        // The same at another place: the header of a file, the list of files, the marks, the vote, the identity.
        for (final String name : new String[]{"store/manifest", "identity"})
        {
            final Path file = member.data().resolve(name);
            flip(file, 20);
            final String line = refusal();
            assertTrue(line.contains(file.getFileName().toString()), line);
            flip(file, 20);
        }
        assertHeld();
    }

    @Test
    void missingFilesAreNamed() throws IOException
    {
        for (final String name : new String[]{"term", "identity", "store/manifest", "store/segment-1"})
        {
            final Path file = member.data().resolve(name);
            final Path aside = member.data().resolveSibling("aside");
            Files.move(file, aside);
            final String line = refusal();
            assertTrue(line.contains(file.getFileName().toString()), line);
            Files.move(aside, file);
        }
        assertHeld();
    }

    private void assertHeld()
    {
        member.start().awaitHealthy();
        assertEquals(VALUE, Kv.stub(member).range(RangeRequest.newBuilder().setKey(text("key")).build())
            .getKvs(0).getValue().toStringUtf8());
        member.terminate();
    }

    /** @return the one line in which the member says why it does not start. */
    private String refusal()
    {
        final int from = member.output().length();
        final int code = member.start().awaitExit(DEADLINE);
        final String output = member.output().substring(from);
        assertEquals(EXIT_FAULT, code, output);
        final List<String> lines = output.lines().filter((line) -> line.startsWith("quorate: ")).toList();
        assertEquals(1, lines.size(), output);
        assertTrue(!output.contains("\tat "), output);
        return lines.getFirst();
    }

    private static Path fileWith(final Path folder) throws IOException
    {
        try (Stream<Path> paths = Files.list(folder))
        {
            return paths.filter((path) -> offsetOf(path) >= 0).findFirst().orElseThrow();
        }
    }

    private Map<Path, byte[]> files(final String folder) throws IOException
    {
        final Map<Path, byte[]> files = new TreeMap<>();
        try (Stream<Path> paths = Files.list(member.data().resolve(folder)))
        {
            // What is held in reserve for a full disk is empty and is made anew.
            for (final Path path : paths.filter((each) -> !each.endsWith("reserve") &&
                !each.getFileName().toString().startsWith("reserve-")).toList())
            {
                files.put(path, Files.readAllBytes(path));
            }
        }
        return files;
    }

    private static int flip(final Path file) throws IOException
    {
        final int offset = offsetOf(file);
        return flip(file, offset);
    }

    private static int flip(final Path file, final int offset) throws IOException
    {
        final byte[] bytes = Files.readAllBytes(file);
        bytes[offset] ^= 0x10;
        Files.write(file, bytes);
        return offset;
    }

    /** @return where the value is found, behind its first byte, which may be flipped; -1 if it is not there. */
    private static int offsetOf(final Path file)
    {
        try
        {
            final String content = Files.readString(file, StandardCharsets.ISO_8859_1);
            final int at = content.indexOf(VALUE.substring(1));
            return at <= 0 ? -1 : at - 1;
        }
        catch (final IOException ex)
        {
            throw new IllegalStateException(ex);
        }
    }

    private static ByteString text(final String text)
    {
        return ByteString.copyFromUtf8(text);
    }
}
