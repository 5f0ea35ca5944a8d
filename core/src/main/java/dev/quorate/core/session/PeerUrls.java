package dev.quorate.core.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Judges peer URLs as etcd does when a member is added: scheme http or https with host and port and no path, or a unix
 * socket. Off the hot path.
 */
final class PeerUrls
{
    private static final int MAX_PORT = 65_535;

    private PeerUrls()
    {
    }

    static boolean areValid(final List<String> urls)
    {
        for (int i = 0; i < urls.size(); i++)
        {
            if (!isValid(urls.get(i).trim()))
            {
                return false;
            }
        }
        return !urls.isEmpty();
    }

    /** @return the valid URLs as a member keeps them: without space around, the scheme in small letters, in order. */
    static List<String> canonical(final List<String> urls)
    {
        final List<String> canonical = new ArrayList<>();
        for (int i = 0; i < urls.size(); i++)
        {
            final String url = urls.get(i).trim();
            final int colon = url.indexOf("://");
            canonical.add(url.substring(0, colon).toLowerCase(Locale.ROOT) + url.substring(colon));
        }
        canonical.sort(null);
        return canonical;
    }

    /** @return true if each is a text that a member can keep, be it a URL or not. */
    static boolean areStorable(final List<String> urls)
    {
        for (int i = 0; i < urls.size(); i++)
        {
            if (urls.get(i).isEmpty() || hasControl(urls.get(i)))
            {
                return false;
            }
        }
        return true;
    }

    static boolean isValid(final String url)
    {
        if (hasControl(url) || url.indexOf(' ') >= 0)
        {
            return false;
        }
        final int colon = url.indexOf("://");
        if (colon < 0)
        {
            return false;
        }
        final String scheme = url.substring(0, colon).toLowerCase(Locale.ROOT);
        final String rest = url.substring(colon + 3);
        if (scheme.equals("unix") || scheme.equals("unixs"))
        {
            return !rest.isEmpty();
        }
        return (scheme.equals("http") || scheme.equals("https")) && isHostAndPort(rest);
    }

    private static boolean hasControl(final String url)
    {
        for (int i = 0; i < url.length(); i++)
        {
            if (url.charAt(i) < ' ' || url.charAt(i) == 0x7F)
            {
                return true;
            }
        }
        return false;
    }

    private static boolean isHostAndPort(final String authority)
    {
        final int port = authority.lastIndexOf(':');
        if (port < 0 || authority.indexOf('/') >= 0 || authority.indexOf('?') >= 0 || authority.indexOf('#') >= 0 ||
            authority.indexOf('@') >= 0)
        {
            return false;
        }
        final String host = authority.substring(0, port);
        final boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        if (!isBracketed && (host.indexOf(':') >= 0 || host.indexOf('[') >= 0 || host.indexOf(']') >= 0))
        {
            return false;
        }
        long number = 0;
        for (int i = port + 1; i < authority.length(); i++)
        {
            final char digit = authority.charAt(i);
            if (digit < '0' || digit > '9')
            {
                return false;
            }
            number = Math.min(number * 10 + digit - '0', MAX_PORT + 1);
        }
        return port + 1 < authority.length() && number <= MAX_PORT;
    }
}
