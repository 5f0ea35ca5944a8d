package dev.quorate.gateway.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * What a request is answered with.
 */
final class HttpReply
{
    private static final String PLAIN = "text/plain; charset=utf-8";

    private final HttpResponseStatus status;
    private final String body;
    private final HttpHeaders headers = new DefaultHttpHeaders();

    HttpReply(final HttpResponseStatus status, final String contentType, final String body)
    {
        this.status = status;
        this.body = body;
        headers.set(HttpHeaderNames.CONTENT_TYPE, contentType);
    }

    /**
     * @param status of the reply.
     * @param body   as it is sent.
     * @return a reply that browsers do not take for anything but text.
     */
    static HttpReply text(final HttpResponseStatus status, final String body)
    {
        return new HttpReply(status, PLAIN, body).header("X-Content-Type-Options", "nosniff");
    }

    /**
     * @param body as it is sent.
     * @return the reply of success.
     */
    static HttpReply plain(final String body)
    {
        return new HttpReply(HttpResponseStatus.OK, PLAIN, body);
    }

    HttpReply header(final String name, final String value)
    {
        headers.set(name, value);
        return this;
    }

    HttpResponseStatus status()
    {
        return status;
    }

    String body()
    {
        return body;
    }

    void copyHeaders(final HttpHeaders target)
    {
        target.add(headers);
    }

    @Override
    public String toString()
    {
        return status + " " + body;
    }
}
