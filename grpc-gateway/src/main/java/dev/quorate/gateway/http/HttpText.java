package dev.quorate.gateway.http;

/**
 * Texts in the form that Go's encoders give them, because clients compare them.
 */
final class HttpText
{
    private HttpText()
    {
    }

    /**
     * @param value of a JSON string.
     * @return the value as it stands between the quotes.
     */
    static String jsonEscape(final String value)
    {
        final StringBuilder escaped = new StringBuilder(value.length() + 16);

        for (int i = 0; i < value.length(); i++)
        {
            final char c = value.charAt(i);
            switch (c)
            {
                case '"' -> escaped.append("\\\"");
                case '\\' -> escaped.append("\\\\");
                case '\n' -> escaped.append("\\n");
                case '\r' -> escaped.append("\\r");
                case '\t' -> escaped.append("\\t");
                default ->
                {
                    if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029')
                    {
                        escaped.append(String.format("\\u%04x", (int)c));
                    }
                    else
                    {
                        escaped.append(c);
                    }
                }
            }
        }

        return escaped.toString();
    }
}
