package dev.quorate.gateway;

/**
 * Holds the place of the gateway until its first class lands.
 */
final class GatewayPlaceholder
{
    private GatewayPlaceholder()
    {
    }
}
