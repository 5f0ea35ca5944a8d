/**
 * HTTP/1.1 beside gRPC: telling the two apart on one port, and the endpoints for health, version and metrics.
 * <p>
 * Owner: the event loop of the connection. Depends on Netty, grpc-netty's protocol negotiation, {@code loop} and
 * {@code metrics}.
 */
package dev.quorate.gateway.http;
