package dev.quorate.server;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ArchitectureTest
{
    private static final String CORE = "dev.quorate.core..";
    private static final String CODECS = "dev.quorate.core.codec..";
    private static final String TRANSPORT = "dev.quorate.transport..";
    private static final String GATEWAY = "dev.quorate.gateway..";
    private static final String SERVER = "dev.quorate.server..";
    private static final String PERF = "dev.quorate.perf..";

    /** The classes of java.util.concurrent that neither wait nor start anything. */
    private static final Set<String> HARMLESS_CONCURRENT = Set.of("java.util.concurrent.TimeUnit");

    /** Ways out of the deterministic world that Agrona offers. */
    private static final Set<String> AGRONA_WAYS_OUT = Set.of(
        "org.agrona.IoUtil",
        "org.agrona.concurrent.AgentRunner",
        "org.agrona.concurrent.HighResolutionClock",
        "org.agrona.concurrent.HighResolutionTimer",
        "org.agrona.concurrent.OffsetEpochNanoClock",
        "org.agrona.concurrent.SystemEpochClock",
        "org.agrona.concurrent.SystemEpochMicroClock",
        "org.agrona.concurrent.SystemEpochNanoClock",
        "org.agrona.concurrent.SystemNanoClock");

    /** Calls whose answer differs from run to run. */
    private static final Map<String, Set<String>> SALTED_CALLS = Map.of(
        "java.lang.System",
        Set.of("nanoTime", "currentTimeMillis", "identityHashCode", "getenv", "getProperty", "exit"),
        "java.lang.Math", Set.of("random"),
        "java.lang.StrictMath", Set.of("random"),
        "java.util.Set", Set.of("of", "copyOf"),
        "java.util.Map", Set.of("of", "ofEntries", "copyOf"));

    private static JavaClasses all;

    @BeforeAll
    static void readClasses()
    {
        final ImportOption noTestJars = (location) -> !location.contains("-tests.jar");

        all = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(noTestJars)
            .importPackages("dev.quorate");
    }

    @Test
    void seesTheClassesItJudges()
    {
        for (final String room : new String[]{CORE, TRANSPORT, GATEWAY, SERVER})
        {
            assertTrue(all.stream().anyMatch(resideInAPackage(room)), "no class found in " + room);
        }
    }

    @Test
    void coreDependsOnTheJdkAndAgronaOnly()
    {
        holds(classes().that().resideInAPackage(CORE)
            .should().onlyDependOnClassesThat(resideInAnyPackage("java..", "org.agrona..", CORE).or(primitive())));
    }

    @Test
    void transportDependsOnCoreAndAeronOnly()
    {
        holds(noClasses().that().resideInAPackage(TRANSPORT)
            .should().dependOnClassesThat(resideInAnyPackage(
                GATEWAY, SERVER, PERF, "io.grpc..", "io.netty..", "com.google.protobuf..", "picocli..")));
    }

    @Test
    void gatewayDependsOnTheSeamsOfTheCore()
    {
        holds(noClasses().that().resideInAPackage(GATEWAY)
            .should().dependOnClassesThat(resideInAnyPackage(
                TRANSPORT, SERVER, PERF, "io.aeron..", "picocli..",
                "dev.quorate.core.raft..", "dev.quorate.core.log..")));
    }

    @Test
    void nothingDependsOnTheServer()
    {
        holds(noClasses().that().resideInAnyPackage(CORE, TRANSPORT, GATEWAY)
            .should().dependOnClassesThat(resideInAnyPackage(SERVER, PERF)));
        holds(noClasses().that().resideInAPackage(SERVER)
            .should().dependOnClassesThat(resideInAPackage(PERF)));
    }

    @Test
    void coreReachesNoFileStreamOrChannel()
    {
        holds(noClasses().that(areWrittenByUsInTheCore())
            .should().dependOnClassesThat(resideInAnyPackage(
                "java.io..", "java.nio.file..", "java.nio.channels..", "java.net..")));
    }

    @Test
    void coreReachesNoThreadLockOrFuture()
    {
        holds(noClasses().that().resideInAPackage(CORE)
            .should().dependOnClassesThat(describe(
                "start threads, wait or lock", (type) ->
                type.isAssignableTo(Thread.class) ||
                type.isEquivalentTo(ThreadLocal.class) ||
                type.getPackageName().startsWith("java.util.concurrent") &&
                !type.getPackageName().equals("java.util.concurrent.atomic") &&
                !HARMLESS_CONCURRENT.contains(topLevelName(type)))));
        holds(methods().that().areDeclaredInClassesThat(resideInAPackage(CORE))
            .should().notHaveModifier(JavaModifier.SYNCHRONIZED));
    }

    @Test
    void coreReachesNoClockOrChanceButItsOwn()
    {
        holds(noClasses().that().resideInAPackage(CORE)
            .should().dependOnClassesThat(describe(
                "tell the time or throw dice", (type) ->
                type.getPackageName().startsWith("java.time") ||
                type.getPackageName().startsWith("java.util.random") ||
                type.isAssignableTo(java.util.Random.class) ||
                type.isEquivalentTo(java.util.UUID.class) ||
                type.isEquivalentTo(java.util.Date.class) ||
                AGRONA_WAYS_OUT.contains(topLevelName(type)))));
    }

    @Test
    void coreCallsNothingThatDiffersFromRunToRun()
    {
        holds(noClasses().that(areWrittenByUsInTheCore())
            .should().accessTargetWhere(describe("differs from run to run", ArchitectureTest::isSalted)));
    }

    @Test
    void coreUsesNoStreams()
    {
        holds(noClasses().that().resideInAPackage(CORE)
            .should().dependOnClassesThat().resideInAPackage("java.util.stream.."));
    }

    private static void holds(final ArchRule rule)
    {
        rule.allowEmptyShould(true).check(all);
    }

    /** Without the generated codecs, which print themselves through java.io and read a system property once. */
    private static DescribedPredicate<JavaClass> areWrittenByUsInTheCore()
    {
        return resideInAPackage(CORE).and(not(resideInAPackage(CODECS)));
    }

    private static DescribedPredicate<JavaClass> primitive()
    {
        return describe("primitive", (type) -> type.getBaseComponentType().isPrimitive());
    }

    private static boolean isSalted(final JavaAccess<?> access)
    {
        return SALTED_CALLS.getOrDefault(access.getTargetOwner().getName(), Set.of()).contains(access.getName());
    }

    private static String topLevelName(final JavaClass type)
    {
        final int nested = type.getName().indexOf('$');

        return nested < 0 ? type.getName() : type.getName().substring(0, nested);
    }
}
