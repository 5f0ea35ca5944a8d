package dev.quorate.server.member;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.gateway.GatewayContext;
import dev.quorate.server.flags.FlagException;
import dev.quorate.server.flags.Settings;
import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

class ClientPortConfigTest
{
    @Test
    void defaultsAreThoseOfEtcd() throws FlagException
    {
        final ClientPortConfig config = config();
        assertEquals(TimeUnit.SECONDS.toNanos(5), config.keepAliveMinTimeNs());
        assertEquals(TimeUnit.HOURS.toNanos(2), config.keepAliveIntervalNs());
        assertEquals(TimeUnit.SECONDS.toNanos(20), config.keepAliveTimeoutNs());
        assertEquals(Set.of("*"), config.corsOrigins());
        assertEquals(Set.of("*"), config.hostWhitelist());
        assertEquals(false, config.isExtensive());
    }

    @Test
    void whatIsSetReachesTheGateway() throws FlagException
    {
        final Settings settings = Settings.of(new String[]{
            "--grpc-keepalive-min-time=1s", "--grpc-keepalive-interval", "3m", "--grpc-keepalive-timeout=7s",
            "--cors", "http://a.example, http://b.example", "--host-whitelist=one.example,two.example",
            "--metrics=extensive"}, Map.of());
        assertTrue(settings.warnings().isEmpty(), settings.warnings().toString());
        final GatewayContext context = MemberConfig.of(settings).clientPort().apply(new GatewayContext());
        assertEquals(TimeUnit.SECONDS.toNanos(1), context.keepAliveMinTimeNs());
        assertEquals(TimeUnit.MINUTES.toNanos(3), context.keepAliveIntervalNs());
        assertEquals(TimeUnit.SECONDS.toNanos(7), context.keepAliveTimeoutNs());
        assertEquals(Set.of("http://a.example", "http://b.example"), context.corsOrigins());
        assertEquals(Set.of("one.example", "two.example"), context.hostWhitelist());
        assertTrue(context.extensiveMetrics());
    }

    @Test
    void intervalOrTimeoutOfZeroSwitchesTheServersPingsOff() throws FlagException
    {
        assertTrue(config("--grpc-keepalive-interval=0s").keepAliveIntervalNs() > TimeUnit.DAYS.toNanos(10_000));
        assertTrue(config("--grpc-keepalive-timeout=0s").keepAliveIntervalNs() > TimeUnit.DAYS.toNanos(10_000));
    }

    @Test
    void emptyListsServeEverybody() throws FlagException
    {
        assertEquals(Set.of("*"), config("--cors=").corsOrigins());
        assertEquals(Set.of("*"), config("--host-whitelist=").hostWhitelist());
    }

    @Test
    void negativeDurationIsRefusedInOneLine()
    {
        final String message = assertThrows(
            FlagException.class, () -> config("--grpc-keepalive-min-time=-1s")).getMessage();
        assertEquals("--grpc-keepalive-min-time must not be negative, but is -1s", message);
    }

    private static ClientPortConfig config(final String... args) throws FlagException
    {
        return MemberConfig.of(Settings.of(args, Map.of())).clientPort();
    }
}
