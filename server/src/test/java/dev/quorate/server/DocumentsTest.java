package dev.quorate.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.core.peer.PeerRegistry;
import dev.quorate.server.flags.Flags;
import dev.quorate.server.process.Program;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;

/**
 * What documents say in tables is what the program has.
 */
class DocumentsTest
{
    @Test
    void messagesOfCommandsAreDescribedFieldByField() throws Exception
    {
        final String document = document("formats.md");
        final Document schema = schema("command-codecs.xml");
        assertTrue(document.contains("## Commands (SBE schema " + of(schema, "id") + ", version " +
            of(schema, "version") + ")"));
        for (final Message message : messages(schema))
        {
            final String line = "| " + message.id + " | " + message.name + " | " + message.block + " | " +
                message.fields + " | " + message.data + " |";
            assertTrue(document.contains('\n' + line + '\n'), () -> "no line " + line);
        }
    }

    @Test
    void messagesBetweenMembersAreDescribedFieldByField() throws Exception
    {
        final String document = document("formats.md");
        final Document schema = schema("peer-codecs.xml");
        assertTrue(document.contains("### Messages (SBE schema " + of(schema, "id") + ", version " +
            of(schema, "version") + ")"));
        assertTrue(document.contains("version " + of(schema, "version") + "; protocol version " +
            PeerRegistry.PROTOCOL_VERSION + " in the hello"));
        for (final Message message : messages(schema))
        {
            final Pattern line = Pattern.compile(
                "\n\\| " + message.id + " \\| " + message.name + " \\| (C|B|C, B) \\| " + message.block + " \\| " +
                Pattern.quote(message.fields) + " \\| ");
            assertTrue(line.matcher(document).find(), () -> "no line " + line);
        }
    }

    @Test
    void everyFlagIsInItsTableWithItsDefault() throws IOException
    {
        final String document = document("operations.md");
        final String served = section(document, "### Served", "### Harmless");
        final Set<String> harmless = words(section(document, "### Harmless", "### Refused"));
        final Set<String> refused = words(section(document, "### Refused", "A flag that is not in these lists"));
        final Set<String> knownHarmless = new TreeSet<>();
        final Set<String> knownRefused = new TreeSet<>();
        for (final Flags.Flag flag : Flags.all())
        {
            switch (flag.handling())
            {
                case SERVED -> assertServed(served, flag);
                case HARMLESS -> knownHarmless.add(flag.name());
                case REFUSED -> knownRefused.add(flag.name());
            }
        }
        assertEquals(knownHarmless, harmless);
        assertEquals(knownRefused, refused);
        final Matcher row = Pattern.compile("\n\\| `--([a-z-]+)` \\|").matcher(served);
        while (row.find())
        {
            assertTrue(null != Flags.byName(row.group(1)), () -> "there is no --" + row.group(1));
        }
    }

    @Test
    void linksLeadSomewhere() throws IOException
    {
        final List<Path> documents = new ArrayList<>(List.of(Program.root().resolve("README.md")));
        try (Stream<Path> files = Files.list(Program.root().resolve("docs")))
        {
            documents.addAll(files.filter((file) -> file.toString().endsWith(".md")).toList());
        }
        for (final Path document : documents)
        {
            final Matcher link = Pattern.compile("]\\(([^)#]*)(?:#([^)]+))?\\)").matcher(Files.readString(document));
            while (link.find())
            {
                if (!link.group(1).startsWith("http"))
                {
                    final Path target = link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1));
                    assertTrue(Files.exists(target), () -> document + " names " + target);
                    assertTrue(null == link.group(2) || anchors(target).contains(link.group(2)),
                        () -> document + " names #" + link.group(2) + " of " + target);
                }
            }
        }
    }

    private static void assertServed(final String table, final Flags.Flag flag)
    {
        if (!flag.name().equals(flag.target()))
        {
            assertTrue(table.contains("`--" + flag.name() + "`"), () -> "nothing about --" + flag.name());
            return;
        }
        final Matcher row = Pattern.compile("\n\\| `--" + flag.name() + "` \\| ([^|]*)\\|").matcher(table);
        assertTrue(row.find(), () -> "no row for --" + flag.name());
        final String value = row.group(1).strip().replace("`", "");
        // Defaults that are made from other flags are said in words.
        final boolean isDerived = flag.defaultValue().isEmpty();
        assertTrue(isDerived || value.equals(flag.defaultValue()), () -> "--" + flag.name() + " has default " + value);
    }

    private static Set<String> words(final String section)
    {
        final Set<String> words = new TreeSet<>();
        final Matcher word = Pattern.compile("`([a-z0-9-]+)`").matcher(section);
        while (word.find())
        {
            if (!"https".equals(word.group(1)))
            {
                words.add(word.group(1));
            }
        }
        return words;
    }

    private static String section(final String document, final String from, final String to)
    {
        final int begin = document.indexOf('\n' + from);
        final int end = document.indexOf('\n' + to);
        assertTrue(0 < begin && begin < end, from);
        return document.substring(begin, end);
    }

    /** The names that headings have in links. */
    private static Set<String> anchors(final Path document)
    {
        try
        {
            final Set<String> anchors = new TreeSet<>();
            final Matcher heading = Pattern.compile("(?m)^#+ (.*)$").matcher(Files.readString(document));
            while (heading.find())
            {
                anchors.add(heading.group(1).toLowerCase(java.util.Locale.ROOT)
                    .replaceAll("[^a-z0-9 -]", "").replace(' ', '-'));
            }
            return anchors;
        }
        catch (final IOException ex)
        {
            throw new AssertionError(ex);
        }
    }

    private static String document(final String name) throws IOException
    {
        return Files.readString(Program.root().resolve("docs").resolve(name));
    }

    private static Document schema(final String name) throws Exception
    {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder()
            .parse(Program.root().resolve("core/src/main/resources/sbe").resolve(name).toFile());
    }

    private static String of(final Document schema, final String attribute)
    {
        return schema.getDocumentElement().getAttribute(attribute);
    }

    private static List<Message> messages(final Document schema)
    {
        final List<Message> messages = new ArrayList<>();
        final NodeList found = schema.getElementsByTagName("sbe:message");
        for (int i = 0; i < found.getLength(); i++)
        {
            messages.add(Message.of((Element)found.item(i)));
        }
        assertTrue(messages.size() > 10, messages.toString());
        return messages;
    }

    /**
     * A message of a schema, as the tables show it.
     *
     * @param id     of it.
     * @param name   of it.
     * @param block  length of the block, bytes.
     * @param fields with offsets and types.
     * @param data   names of the variable parts.
     */
    private record Message(String id, String name, int block, String fields, String data)
    {
        static Message of(final Element element)
        {
            int offset = 0;
            final List<String> fields = new ArrayList<>();
            final NodeList all = element.getElementsByTagName("field");
            for (int i = 0; i < all.getLength(); i++)
            {
                final Element field = (Element)all.item(i);
                final String type = field.getAttribute("type");
                final int bits = Integer.parseInt(type.replaceAll("\\D", ""));
                fields.add(offset + " " + type.charAt(0) + bits + " " +
                    field.getAttribute("name"));
                offset += bits / Byte.SIZE;
            }
            final List<String> data = new ArrayList<>();
            final NodeList variable = element.getElementsByTagName("data");
            for (int i = 0; i < variable.getLength(); i++)
            {
                data.add(((Element)variable.item(i)).getAttribute("name"));
            }
            return new Message(
                element.getAttribute("id"), element.getAttribute("name"), offset, String.join(", ", fields),
                String.join(", ", data));
        }
    }
}
