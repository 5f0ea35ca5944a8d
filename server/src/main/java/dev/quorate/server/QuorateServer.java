package dev.quorate.server;

import dev.quorate.core.seam.DiskFullException;
import dev.quorate.core.seam.StorageFault;
import dev.quorate.gateway.GatewayException;
import dev.quorate.server.flags.FlagException;
import dev.quorate.server.flags.Flags;
import dev.quorate.server.flags.Settings;
import dev.quorate.server.log.Logs;
import dev.quorate.server.member.MemberConfig;
import dev.quorate.server.member.QuorateMember;
import dev.quorate.server.member.Version;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * The program: one member, from flags to exit code.
 */
public final class QuorateServer
{
    private static final int EXIT_FAILED = 1;
    private static final int EXIT_FAULT = 3;

    /** As the launcher, which answers it without a virtual machine. */
    private static final Pattern VERSION_FLAG = Pattern.compile("--?version(=(1|t|T|true|TRUE|True))?");

    private static volatile boolean isStopping;
    private static volatile boolean isStopped;

    private QuorateServer()
    {
    }

    /**
     * Entry point of the runnable jar.
     *
     * @param args the flags of the command line.
     */
    public static void main(final String[] args)
    {
        try
        {
            for (final String arg : args)
            {
                if ("-h".equals(arg) || "--help".equals(arg) || "-help".equals(arg))
                {
                    printHelp();
                    return;
                }
                if (VERSION_FLAG.matcher(arg).matches())
                {
                    System.out.println(Version.text());
                    return;
                }
            }
            final Settings settings = Settings.of(args, System.getenv());
            Logs.configure(settings.string("log-level"), settings.string("log-format"));
            final Logger log = LoggerFactory.getLogger(QuorateServer.class);
            log.atInfo().addKeyValue("args", String.join(" ", args)).addKeyValue("quorate-version", Version.QUORATE)
                .log("Running: ");
            settings.warnings().forEach(log::warn);
            run(log, MemberConfig.of(settings));
        }
        catch (final FlagException ex)
        {
            exit(ex.exitCode(), ex.getMessage());
        }
        catch (final IOException | DiskFullException | GatewayException ex)
        {
            exit(EXIT_FAILED, ex.getMessage());
        }
        catch (final StorageFault ex)
        {
            exit(EXIT_FAULT, ex.getMessage());
        }
        catch (final RuntimeException | Error ex)
        {
            halt(ex);
        }
    }

    private static void run(final Logger log, final MemberConfig config)
        throws FlagException, IOException, DiskFullException
    {
        if (config.isUnsafeNoFsync())
        {
            log.warn("--unsafe-no-fsync is set: acknowledged writes are lost when the host loses power");
        }
        final QuorateMember member = QuorateMember.start(config, QuorateServer::halt);
        final Thread main = Thread.currentThread();
        // A member that waits for a leader, for days perhaps, is to end in order, too.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> awaitStop(main), "shutdown"));
        if (member.serve(() -> isStopping))
        {
            log.warn("serving client traffic insecurely; this is strongly discouraged!");
        }
        while (!isStopping && !member.isRemoved())
        {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        if (!isStopping)
        {
            log.warn("the member has been permanently removed from the cluster");
        }
        member.stop();
        log.info("stopped");
        isStopped = true;
        if (!isStopping)
        {
            System.exit(0);
        }
    }

    private static void awaitStop(final Thread main)
    {
        isStopping = true;
        LockSupport.unpark(main);
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!isStopped && System.nanoTime() < deadlineNs)
        {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /**
     * A broken invariant, a storage fault or a failure of the virtual machine: no answer may leave any more.
     */
    private static void halt(final Throwable error)
    {
        try
        {
            LoggerFactory.getLogger(QuorateServer.class).atError().setCause(error)
                .log("the member halts: " + error.getMessage());
        }
        finally
        {
            Runtime.getRuntime().halt(EXIT_FAULT);
        }
    }

    private static void exit(final int code, final String message)
    {
        System.err.println("quorate: " + message);
        System.err.flush();
        Runtime.getRuntime().halt(code);
    }

    private static void printHelp()
    {
        System.out.println("Usage: quorate [flags]\n\n  --version\n        Print the version and exit.");
        for (final Flags.Flag flag : Flags.all())
        {
            if (Flags.Handling.SERVED == flag.handling() && flag.name().equals(flag.target()))
            {
                System.out.println("  --" + flag.name() + " '" + flag.defaultValue() + "'");
            }
        }
        System.out.println("\nOther flags of etcd are accepted without effect, or refused where that would be unsafe.");
    }
}
