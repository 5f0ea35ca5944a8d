package dev.quorate.core.mutant;

import dev.quorate.core.raft.RaftCore;
import org.agrona.concurrent.UnsafeBuffer;

import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Loads the whole core and its tests once more, with classes compiled from changed source in the place of the
 * production ones.
 */
public final class MutantLoader extends ClassLoader
{
    private static final String BASE_PACKAGE = "dev.quorate.core.";
    private static final String BASE_PATH = "dev/quorate/core/";

    private final Map<String, byte[]> mutants;

    private MutantLoader(final Map<String, byte[]> mutants)
    {
        super(MutantLoader.class.getClassLoader());
        this.mutants = mutants;
    }

    /**
     * @param edits to make; those of one file are made one after the other.
     * @return a loader of the code that has them.
     * @throws IOException if a source cannot be read.
     */
    public static MutantLoader of(final List<Edit> edits) throws IOException
    {
        final Map<Path, String> texts = new LinkedHashMap<>();
        for (final Edit edit : edits)
        {
            final Path source = sources().resolve(BASE_PATH + edit.source());
            final String text = texts.containsKey(source) ? texts.get(source) : Files.readString(source);
            final int at = text.indexOf(edit.from());
            if (at < 0 || text.indexOf(edit.from(), at + 1) >= 0)
            {
                throw new AssertionError("the code to change is not once in " + source + ": " + edit.from());
            }
            texts.put(source, text.replace(edit.from(), edit.to()));
        }
        return new MutantLoader(compile(texts));
    }

    @Override
    protected Class<?> loadClass(final String name, final boolean isResolved) throws ClassNotFoundException
    {
        if (!name.startsWith(BASE_PACKAGE))
        {
            return super.loadClass(name, isResolved);
        }
        synchronized (getClassLoadingLock(name))
        {
            final Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(final String name) throws ClassNotFoundException
    {
        byte[] bytes = mutants.get(name);
        if (bytes == null)
        {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class"))
            {
                if (in == null)
                {
                    throw new ClassNotFoundException(name);
                }
                bytes = in.readAllBytes();
            }
            catch (final IOException ex)
            {
                throw new ClassNotFoundException(name, ex);
            }
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    private static Map<String, byte[]> compile(final Map<Path, String> texts) throws IOException
    {
        final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        final Map<String, ByteArrayOutputStream> outputs = new HashMap<>();
        final StringWriter messages = new StringWriter();
        final List<String> options = List.of(
            "-proc:none", "-nowarn", "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED", "-classpath",
            pathOf(RaftCore.class) + File.pathSeparator + pathOf(MutantLoader.class) + File.pathSeparator +
                pathOf(UnsafeBuffer.class));
        try (JavaFileManager files = new MemoryFiles(
            compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8), outputs))
        {
            final List<SimpleJavaFileObject> units = new ArrayList<>();
            texts.forEach((source, text) -> units.add(new SourceText(source.toUri(), text)));
            if (!compiler.getTask(messages, files, null, options, null, units).call())
            {
                throw new AssertionError("the changed " + texts.keySet() + " does not compile: " + messages);
            }
        }
        final Map<String, byte[]> classes = new HashMap<>();
        outputs.forEach((name, output) -> classes.put(name, output.toByteArray()));
        return classes;
    }

    private static Path sources()
    {
        final Path beside = Path.of(pathOf(RaftCore.class)).resolve("../../src/main/java").normalize();
        return Files.isDirectory(beside) ? beside : Path.of("src/main/java").toAbsolutePath();
    }

    private static String pathOf(final Class<?> type)
    {
        try
        {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        }
        catch (final URISyntaxException ex)
        {
            throw new AssertionError(ex);
        }
    }

    private static final class SourceText extends SimpleJavaFileObject
    {
        private final String text;

        SourceText(final URI uri, final String text)
        {
            super(uri, Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(final boolean isIgnoringErrors)
        {
            return text;
        }
    }

    private static final class MemoryFiles extends ForwardingJavaFileManager<JavaFileManager>
    {
        private final Map<String, ByteArrayOutputStream> outputs;

        MemoryFiles(final JavaFileManager files, final Map<String, ByteArrayOutputStream> outputs)
        {
            super(files);
            this.outputs = outputs;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
            final Location location, final String name, final JavaFileObject.Kind kind, final FileObject sibling)
        {
            final ByteArrayOutputStream output = new ByteArrayOutputStream();
            outputs.put(name, output);
            return new SimpleJavaFileObject(URI.create("memory:///" + name.replace('.', '/') + kind.extension), kind)
            {
                @Override
                public OutputStream openOutputStream()
                {
                    return output;
                }
            };
        }
    }
}
