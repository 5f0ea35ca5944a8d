package dev.quorate.server.flags;

import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Flag values after precedence was settled: a configuration file stands alone; else the command line, then the
 * environment, then defaults. A flag set both on the command line and in the environment is an error, as with etcd.
 */
public final class Settings
{
    private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

    private static final String[] BASE_PREFIXES = {"0x", "0b", "0o", "0"};
    private static final int[] BASES = {16, 2, 8, 8};

    private final Map<String, String> values;
    private final List<String> warnings;

    private Settings(final Map<String, String> values, final List<String> warnings)
    {
        this.values = values;
        this.warnings = warnings;
    }

    /**
     * Settles the configuration.
     *
     * @param args        of the command line.
     * @param environment of the process.
     * @return the settings.
     * @throws FlagException if they cannot be used.
     */
    public static Settings of(final String[] args, final Map<String, String> environment) throws FlagException
    {
        final List<String> warnings = new ArrayList<>();
        final Map<String, String> fromCommandLine = parse(args);
        final Map<String, String> fromEnvironment = variables(environment, warnings);
        final String file = fromCommandLine.getOrDefault("config-file", fromEnvironment.get("config-file"));
        final Map<String, String> merged = new TreeMap<>();
        if (null != file && !file.isEmpty())
        {
            warnIgnored(fromCommandLine, fromEnvironment, warnings);
            merged.putAll(ConfigFile.read(Path.of(file)));
        }
        else
        {
            for (final String name : fromEnvironment.keySet())
            {
                if (fromCommandLine.containsKey(name))
                {
                    throw new FlagException(1, "conflicting environment variable " + Flags.byName(name).variable() +
                        " is shadowed by corresponding command-line flag (either unset environment variable or " +
                        "disable flag)");
                }
            }
            merged.putAll(fromEnvironment);
            merged.putAll(fromCommandLine);
        }
        return settled(merged, warnings);
    }

    /**
     * @param name of a flag.
     * @return true if it was set, by whatever means.
     */
    public boolean isSet(final String name)
    {
        return values.containsKey(name);
    }

    /**
     * @param name of a flag.
     * @return its value or default.
     */
    public String string(final String name)
    {
        return values.getOrDefault(name, Flags.byName(name).defaultValue());
    }

    /**
     * @param name of a flag.
     * @return its value or default.
     */
    public long number(final String name)
    {
        return Long.parseLong(string(name));
    }

    /**
     * @param name of a flag.
     * @return its value or default.
     */
    public boolean bool(final String name)
    {
        return Boolean.parseBoolean(string(name));
    }

    /**
     * @param name of a flag.
     * @return its value or default, nanoseconds.
     */
    public long durationNs(final String name)
    {
        final String text = string(name);
        return GoDuration.parseNs(text.isEmpty() ? Flags.byName(name).defaultValue() : text);
    }

    /**
     * @return one line for each flag or variable that has no effect here.
     */
    public List<String> warnings()
    {
        return warnings;
    }

    @Override
    public String toString()
    {
        return "Settings" + values;
    }

    private static Map<String, String> parse(final String[] args) throws FlagException
    {
        final CommandSpec spec = CommandSpec.create().name("quorate");
        for (final Flags.Flag flag : Flags.all())
        {
            final OptionSpec.Builder option = OptionSpec.builder("--" + flag.name(), "-" + flag.name())
                .type(String.class);
            if (Flags.Type.BOOLEAN == flag.type() || Flags.Type.ANYTHING == flag.type())
            {
                option.arity("0..1").fallbackValue("true");
            }
            else
            {
                option.arity("1");
            }
            spec.addOption(option.build());
        }
        final CommandLine commandLine = new CommandLine(spec)
            .setOverwrittenOptionsAllowed(true)
            .setPosixClusteredShortOptionsAllowed(false)
            .setExpandAtFiles(false)
            .setTrimQuotes(false);
        final Map<String, String> values = new TreeMap<>();
        try
        {
            for (final OptionSpec option : commandLine.parseArgs(args).matchedOptionsSet())
            {
                values.put(option.longestName().substring(2), option.getValue());
            }
        }
        catch (final CommandLine.ParameterException ex)
        {
            throw new FlagException(2, ex.getMessage().lines().findFirst().orElse("bad command line") +
                "; run 'quorate --help' for the flags");
        }
        return values;
    }

    private static Map<String, String> variables(final Map<String, String> environment, final List<String> warnings)
    {
        final Map<String, String> values = new TreeMap<>();
        final Map<String, String> unknown = new TreeMap<>();
        environment.forEach((variable, value) ->
        {
            if (variable.startsWith("ETCD_"))
            {
                unknown.put(variable, value);
            }
        });
        for (final Flags.Flag flag : Flags.all())
        {
            final String value = unknown.remove(flag.variable());
            if (null != value && !value.isEmpty())
            {
                values.put(flag.name(), value);
            }
        }
        unknown.keySet().forEach((variable) -> warnings.add("unrecognized environment variable " + variable));
        return values;
    }

    private static void warnIgnored(
        final Map<String, String> fromCommandLine,
        final Map<String, String> fromEnvironment,
        final List<String> warnings)
    {
        for (final String name : fromCommandLine.keySet())
        {
            if (!"config-file".equals(name))
            {
                warnings.add("flag --" + name + " is ignored because a configuration file is given");
            }
        }
        for (final String name : fromEnvironment.keySet())
        {
            if (!"config-file".equals(name))
            {
                warnings.add(Flags.byName(name).variable() + " is ignored because a configuration file is given");
            }
        }
    }

    private static Settings settled(final Map<String, String> given, final List<String> warnings) throws FlagException
    {
        final Map<String, String> values = new TreeMap<>();
        for (final Map.Entry<String, String> entry : given.entrySet())
        {
            final Flags.Flag flag = Flags.byName(entry.getKey());
            final String value = checked(flag, entry.getValue());
            switch (flag.handling())
            {
                case SERVED -> values.put(flag.target(), value);
                case HARMLESS -> warnings.add("flag --" + flag.name() + " has no effect here");
                case REFUSED ->
                {
                    if (!value.isEmpty() && !value.equals(flag.defaultValue()))
                    {
                        throw new FlagException(1, "flag --" + flag.name() +
                            " is not supported yet, and ignoring it would be unsafe; remove it");
                    }
                }
            }
        }
        return new Settings(values, warnings);
    }

    /** @return the value, truth values in the one form that is read later. */
    private static String checked(final Flags.Flag flag, final String value) throws FlagException
    {
        final boolean isValid = switch (flag.type())
        {
            case STRING, ANYTHING -> true;
            case NUMBER -> isNumber(value);
            case BOOLEAN -> TRUE.contains(value) || FALSE.contains(value);
            case DURATION -> value.isEmpty() || GoDuration.isValid(value);
        };
        if (!isValid)
        {
            throw new FlagException(2, "invalid value \"" + value + "\" for flag --" + flag.name() + ": expected a " +
                flag.type().name().toLowerCase(java.util.Locale.ROOT));
        }
        if ("feature-gates".equals(flag.name()))
        {
            FeatureGates.check(value);
        }
        return switch (flag.type())
        {
            case BOOLEAN -> Boolean.toString(TRUE.contains(value));
            case NUMBER -> Long.toString(goNumber(value));
            default -> value;
        };
    }

    private static boolean isNumber(final String value)
    {
        try
        {
            goNumber(value);
            return true;
        }
        catch (final NumberFormatException ex)
        {
            return false;
        }
    }

    /** A number as Go reads it in a flag: {@code 0x}, {@code 0b}, {@code 0o} and a leading zero tell its base. */
    private static long goNumber(final String value)
    {
        final boolean isSigned = value.startsWith("-") || value.startsWith("+");
        final String sign = value.startsWith("-") ? "-" : "";
        final String digits = (isSigned ? value.substring(1) : value).toLowerCase(java.util.Locale.ROOT);
        if (digits.startsWith("-") || digits.startsWith("+"))
        {
            throw new NumberFormatException(value);
        }
        for (int i = 0; i < BASES.length; i++)
        {
            if (digits.startsWith(BASE_PREFIXES[i]) && digits.length() > BASE_PREFIXES[i].length())
            {
                return Long.parseLong(sign + digits.substring(BASE_PREFIXES[i].length()), BASES[i]);
            }
        }
        return Long.parseLong(sign + digits);
    }

    /**
     * The configuration file: YAML (of which JSON is a part) with the names of flags as keys.
     */
    private static final class ConfigFile
    {
        static Map<String, String> read(final Path path) throws FlagException
        {
            final Map<String, String> values = new TreeMap<>();
            try
            {
                final LoaderOptions options = new LoaderOptions();
                options.setAllowDuplicateKeys(false);
                final Object document = new Yaml(new SafeConstructor(options)).load(Files.readString(path));
                if (null == document)
                {
                    return values;
                }
                if (!(document instanceof Map<?, ?> map))
                {
                    throw new FlagException(1, "configuration file '" + path + "' holds no mapping of names to values");
                }
                for (final Map.Entry<?, ?> entry : map.entrySet())
                {
                    put(values, String.valueOf(entry.getKey()), entry.getValue());
                }
            }
            catch (final CharacterCodingException ex)
            {
                throw new FlagException(1, "configuration file '" + path + "' is not UTF-8 text");
            }
            catch (final NoSuchFileException ex)
            {
                throw new FlagException(1, "configuration file '" + path + "' does not exist");
            }
            catch (final IOException ex)
            {
                throw new FlagException(1, "cannot read configuration file '" + path + "': " + ex.getMessage());
            }
            catch (final YAMLException ex)
            {
                throw new FlagException(1, "configuration file '" + path + "' is not valid YAML: " + problem(ex));
            }
            return values;
        }

        private static void put(final Map<String, String> values, final String key, final Object value)
            throws FlagException
        {
            final boolean isUnsafe = key.endsWith("-transport-security") || "discovery-config".equals(key);
            if (isUnsafe && value instanceof Map<?, ?> nested)
            {
                for (final Map.Entry<?, ?> entry : nested.entrySet())
                {
                    final String text = String.valueOf(entry.getValue());
                    if (null != entry.getValue() && !text.isEmpty() && !"false".equals(text))
                    {
                        throw new FlagException(1, key + "." + entry.getKey() +
                            " is not supported yet, and ignoring it would be unsafe; remove it");
                    }
                }
                return;
            }
            final Flags.Flag flag = Flags.byName(key);
            if (null == flag || null == value)
            {
                return;
            }
            if (value instanceof Map<?, ?> || Flags.Type.STRING != flag.type() && value instanceof List<?>)
            {
                throw new FlagException(2, "invalid value \"" + value + "\" for " + key +
                    " in the configuration file: expected a " + flag.type().name().toLowerCase(java.util.Locale.ROOT));
            }
            final String text = value instanceof List<?> list ? join(list) : String.valueOf(value);
            final boolean isNanoseconds = Flags.Type.DURATION == flag.type() && value instanceof Number;
            values.put(key, isNanoseconds ? text + "ns" : text);
        }

        private static String problem(final YAMLException ex)
        {
            return ex instanceof MarkedYAMLException marked && null != marked.getProblemMark() ?
                marked.getProblem() + " in line " + (marked.getProblemMark().getLine() + 1) :
                ex.getMessage().lines().findFirst().orElse("");
        }

        private static String join(final List<?> list)
        {
            final StringBuilder text = new StringBuilder();
            for (final Object item : list)
            {
                text.append(text.isEmpty() ? "" : ",").append(item);
            }
            return text.toString();
        }
    }
}
