package dev.quorate.server.flags;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SettingsTest
{
    @TempDir
    Path folder;

    @Test
    void withoutFlagsEverythingHasItsDefault() throws FlagException
    {
        final Settings settings = settings();
        assertEquals("default", settings.string("name"));
        assertEquals(100, settings.number("heartbeat-interval"));
        assertEquals(600_000_000_000L, settings.durationNs("watch-progress-notify-interval"));
        assertTrue(settings.bool("strict-reconfig-check"));
        assertFalse(settings.isSet("listen-client-urls"));
        assertTrue(settings.warnings().isEmpty());
    }

    @Test
    void valueMayFollowAnEqualsSignOrAsTheNextWordWithOneDashOrTwo() throws FlagException
    {
        final Settings settings = settings("--name=a", "-data-dir", "d", "--election-timeout", "2000");
        assertEquals("a", settings.string("name"));
        assertEquals("d", settings.string("data-dir"));
        assertEquals(2000, settings.number("election-timeout"));
    }

    @Test
    void ofARepeatedFlagTheLastWins() throws FlagException
    {
        assertEquals("b", settings("--name=a", "--name", "b").string("name"));
    }

    @Test
    void booleanFlagAloneMeansTrue() throws FlagException
    {
        assertTrue(settings("--unsafe-no-fsync").bool("unsafe-no-fsync"));
        assertFalse(settings("--strict-reconfig-check=false").bool("strict-reconfig-check"));
    }

    @Test
    void truthValuesAreReadAsGoReadsThem() throws FlagException
    {
        for (final String value : new String[]{"1", "t", "T", "TRUE", "true", "True"})
        {
            assertTrue(settings("--unsafe-no-fsync=" + value).bool("unsafe-no-fsync"), value);
        }
        for (final String value : new String[]{"0", "f", "F", "FALSE", "false", "False"})
        {
            assertFalse(settings("--strict-reconfig-check=" + value).bool("strict-reconfig-check"), value);
            assertFalse(settings("--auto-tls=" + value).isSet("auto-tls"), value);
        }
    }

    @Test
    void olderFlagsWithoutEffectNeedNoValue() throws FlagException
    {
        assertEquals(2, settings("-v", "--force", "--name=a").warnings().size());
    }

    @Test
    void featureGatesMustBeKnown() throws FlagException
    {
        assertEquals(1, settings("--feature-gates=CompactHashCheck=true,AllBeta=false").warnings().size());
        assertEquals("unrecognized feature gate: Nonsense in --feature-gates", assertThrows(
            FlagException.class, () -> settings("--feature-gates=Nonsense=true")).getMessage());
        assertThrows(FlagException.class, () -> settings("--feature-gates=AllBeta=maybe"));
    }

    @Test
    void valueThatLooksLikeAFlagOrHoldsEqualsSignsIsKept() throws FlagException
    {
        assertEquals("a=http://h:1,b=http://h:2",
            settings("--initial-cluster", "a=http://h:1,b=http://h:2").string("initial-cluster"));
        assertEquals("-1", settings("--quota-backend-bytes=-1").string("quota-backend-bytes"));
        assertEquals("-1", settings("--quota-backend-bytes", "-1").string("quota-backend-bytes"));
    }

    @Test
    void unknownFlagIsOneLineAndExitCodeTwo()
    {
        final FlagException ex = assertThrows(FlagException.class, () -> settings("--no-such-flag=1"));
        assertEquals(2, ex.exitCode());
        assertEquals(1, ex.getMessage().lines().count());
        assertTrue(ex.getMessage().contains("--no-such-flag"));
    }

    @Test
    void malformedNumberBooleanAndDurationAreRefused()
    {
        assertEquals(2, assertThrows(FlagException.class, () -> settings("--snapshot-count=x")).exitCode());
        assertEquals(2, assertThrows(FlagException.class, () -> settings("--unsafe-no-fsync=maybe")).exitCode());
        assertEquals(2, assertThrows(FlagException.class,
            () -> settings("--watch-progress-notify-interval=10")).exitCode());
    }

    @Test
    void environmentStandsBehindTheCommandLineAndConflictsAreFatal() throws FlagException
    {
        assertEquals("e", Settings.of(new String[0], Map.of("ETCD_NAME", "e")).string("name"));
        assertThrows(FlagException.class, () -> Settings.of(new String[]{"--name=a"}, Map.of("ETCD_NAME", "e")));
        final Settings settings = Settings.of(new String[0], Map.of("ETCD_NO_SUCH", "e"));
        assertEquals(1, settings.warnings().size());
        assertTrue(settings.warnings().get(0).contains("ETCD_NO_SUCH"));
    }

    @Test
    void configurationFileStandsAloneAndItsDurationsAreNanoseconds() throws FlagException, IOException
    {
        final Path file = folder.resolve("etcd.yml");
        Files.writeString(file, "name: f\nelection-timeout: 1500\nwatch-progress-notify-interval: 5000000000\n" +
            "unknown-key: 1\nlog-outputs: [stderr, x]\nclient-transport-security:\n  auto-tls: false\n");
        final Settings settings = Settings.of(
            new String[]{"--config-file", file.toString(), "--name=a"}, Map.of("ETCD_DATA_DIR", "d"));
        assertEquals("f", settings.string("name"));
        assertEquals("", settings.string("data-dir"));
        assertEquals(1500, settings.number("election-timeout"));
        assertEquals(5_000_000_000L, settings.durationNs("watch-progress-notify-interval"));
        assertEquals(3, settings.warnings().size());
    }

    @Test
    void configurationFileIsFoundByItsVariableAndMayBeJson() throws FlagException, IOException
    {
        final Path file = folder.resolve("etcd.json");
        Files.writeString(file, "{\"name\": \"f\", \"heartbeat-interval\": 200, \"force-new-cluster\": true}");
        final Settings settings = Settings.of(new String[0], Map.of("ETCD_CONFIG_FILE", file.toString()));
        assertEquals("f", settings.string("name"));
        assertEquals(200, settings.number("heartbeat-interval"));
        assertTrue(settings.bool("force-new-cluster"));
    }

    @Test
    void configurationFileIsRefusedLikeTheCommandLine() throws IOException
    {
        final Path file = folder.resolve("etcd.yml");
        for (final String text : new String[]{
            "client-transport-security:\n  cert-file: server.crt\n",
            "peer-transport-security:\n  auto-tls: true\n",
            "discovery-config:\n  discovery-token: x\n",
            "discovery: http://discovery.example\n"})
        {
            Files.writeString(file, text);
            final FlagException ex = assertThrows(FlagException.class, () -> settings("--config-file=" + file), text);
            assertTrue(ex.getMessage().contains("is not supported yet"), ex.getMessage());
        }
        Files.writeString(file, "snapshot-count: many\n");
        assertThrows(FlagException.class, () -> settings("--config-file=" + file));
        Files.writeString(file, "- a\n- b\n");
        assertThrows(FlagException.class, () -> settings("--config-file=" + file));
        Files.writeString(file, "name: [unclosed\n");
        assertEquals(1, assertThrows(
            FlagException.class, () -> settings("--config-file=" + file)).getMessage().lines().count());
    }

    @Test
    void configurationFileThatCannotBeMeantIsRefusedInOneLine() throws IOException
    {
        final Path file = folder.resolve("etcd.yml");
        final Map<String, String> refusals = Map.of(
            "data-dir: {a: b}\n", "invalid value \"{a=b}\" for data-dir",
            "max-txn-ops: [1, 2]\n", "invalid value \"[1, 2]\" for max-txn-ops",
            "name: a\nname: b\n", "found duplicate key name in line 2",
            "name: a\nmax-wals: [1\n", "in line 3");
        for (final Map.Entry<String, String> refusal : refusals.entrySet())
        {
            Files.writeString(file, refusal.getKey());
            final FlagException ex = assertThrows(FlagException.class, () -> settings("--config-file=" + file));
            assertTrue(ex.getMessage().contains(refusal.getValue()), ex.getMessage());
            assertEquals(1, ex.getMessage().lines().count());
        }
        Files.write(file, new byte[]{'a', (byte)0xFF});
        final FlagException ex = assertThrows(FlagException.class, () -> settings("--config-file=" + file));
        assertTrue(ex.getMessage().endsWith("is not UTF-8 text"), ex.getMessage());
    }

    @Test
    void numbersAreReadAsGoReadsThem() throws FlagException
    {
        assertEquals(16, settings("--max-txn-ops=0x10").number("max-txn-ops"));
        assertEquals(64, settings("--max-txn-ops=0100").number("max-txn-ops"));
        assertEquals(8, settings("--max-txn-ops=0o10").number("max-txn-ops"));
        assertEquals(5, settings("--max-txn-ops=0b101").number("max-txn-ops"));
        assertEquals(0, settings("--max-txn-ops=0").number("max-txn-ops"));
        assertEquals(-1, settings("--quota-backend-bytes=-1").number("quota-backend-bytes"));
        for (final String text : new String[]{"", "-", "0x", "08", "1.5", "--1", "+-1", "9223372036854775808"})
        {
            assertThrows(FlagException.class, () -> settings("--max-txn-ops=" + text), text);
        }
    }

    @Test
    void harmlessFlagsWarnAndUnsafeOnesAreRefused() throws FlagException
    {
        assertEquals(1, settings("--max-wals=5").warnings().size());
        final FlagException ex = assertThrows(FlagException.class, () -> settings("--cert-file=x"));
        assertEquals(1, ex.exitCode());
        assertTrue(ex.getMessage().contains("--cert-file is not supported yet"));
        assertThrows(FlagException.class, () -> settings("--auto-tls"));
        assertEquals("0", settings("--force-new-cluster=false").string("quota-backend-bytes"));
    }

    @Test
    void olderSpellingSetsTheFlagOfToday() throws FlagException
    {
        assertEquals(5_000_000_000L,
            settings("--experimental-watch-progress-notify-interval=5s").durationNs("watch-progress-notify-interval"));
    }

    @Test
    void missingConfigurationFileIsNamed()
    {
        final FlagException ex = assertThrows(
            FlagException.class, () -> settings("--config-file=" + folder.resolve("none")));
        assertTrue(ex.getMessage().contains("none"));
    }

    @Test
    void goDurationsAreRead()
    {
        assertEquals(5_400_000_000_000L, GoDuration.parseNs("1h30m"));
        assertEquals(1_500_000_000L, GoDuration.parseNs("1.5s"));
        assertEquals(-2_000L, GoDuration.parseNs("-2us"));
        assertEquals(0, GoDuration.parseNs("0"));
        assertFalse(GoDuration.isValid("5"));
        assertFalse(GoDuration.isValid("99999999999h"));
    }

    private static Settings settings(final String... args) throws FlagException
    {
        return Settings.of(args, Map.of());
    }
}
