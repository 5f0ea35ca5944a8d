package dev.quorate.transport;

/**
 * Holds the place of the transport until its first class lands.
 */
final class TransportPlaceholder
{
    private TransportPlaceholder()
    {
    }
}
