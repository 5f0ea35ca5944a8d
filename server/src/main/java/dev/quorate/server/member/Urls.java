package dev.quorate.server.member;

import dev.quorate.server.flags.FlagException;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists of URLs in flags.
 */
final class Urls
{
    private Urls()
    {
    }

    /**
     * Checks a list of URLs.
     *
     * @param flag  that holds it, for messages.
     * @param value separated by commas.
     * @return the URLs as given.
     * @throws FlagException if one is no URL of a host and port.
     */
    static List<String> parse(final String flag, final String value) throws FlagException
    {
        final List<String> urls = new ArrayList<>();
        for (final String part : value.split(","))
        {
            final String url = part.trim();
            if (!url.isEmpty())
            {
                check(flag, url);
                urls.add(url);
            }
        }
        return urls;
    }

    /**
     * @param flag that holds the URL, for messages.
     * @param url  checked before.
     * @return the address to bind, whose host must be an IP address or localhost.
     * @throws FlagException if it is not.
     */
    static InetSocketAddress bindAddress(final String flag, final String url) throws FlagException
    {
        final URI uri = URI.create(url);
        final String host = uri.getHost();
        final boolean isLiteral = "localhost".equals(host) || host.startsWith("[") || host.matches("[0-9.]+");
        if (!isLiteral)
        {
            throw new FlagException(1, "expected IP in URL for binding (" + url + ") of --" + flag +
                "; use an address of this host or localhost");
        }
        try
        {
            return new InetSocketAddress(InetAddress.getByName(host), uri.getPort());
        }
        catch (final UnknownHostException ex)
        {
            throw new FlagException(1, "cannot use host '" + host + "' of --" + flag + ": " + ex.getMessage());
        }
    }

    /**
     * @param address to bind.
     * @return {@code host:port} of it, an IPv6 host in brackets.
     */
    static String endpoint(final InetSocketAddress address)
    {
        final String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    private static void check(final String flag, final String url) throws FlagException
    {
        if (url.indexOf("://") < 0)
        {
            throw new FlagException(1, "URL '" + url + "' in --" + flag + " must begin with http://");
        }
        final URI uri;
        try
        {
            uri = new URI(url);
        }
        catch (final URISyntaxException ex)
        {
            throw new FlagException(1, "bad URL '" + url + "' in --" + flag + ": " + ex.getReason());
        }
        if ("https".equals(uri.getScheme()) || "unixs".equals(uri.getScheme()))
        {
            throw new FlagException(1, "URL '" + url + "' in --" + flag +
                ": TLS is not supported yet; use http on a network that you trust");
        }
        if (!"http".equals(uri.getScheme()))
        {
            throw new FlagException(1, "URL '" + url + "' in --" + flag + " must begin with http://");
        }
        if (null == uri.getHost() || uri.getPort() <= 0 || uri.getPort() > 65_535 ||
            !uri.getPath().isEmpty() && !"/".equals(uri.getPath()))
        {
            throw new FlagException(1, "URL '" + url + "' in --" + flag + " must be a host and a port without a path");
        }
    }
}
