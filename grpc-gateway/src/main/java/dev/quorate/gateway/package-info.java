/**
 * The client port over gRPC and HTTP: everything that knows gRPC, Netty and protobuf lives here. {@code Gateway}
 * owns the listeners and the event loops; {@code loop} turns an event loop into the owner of a {@code ClientPort};
 * {@code rpc} carries gRPC calls to it; {@code http} serves health, version and metrics; {@code metrics} renders the
 * figures.
 * <p>
 * Owner: each connection belongs to one event loop's thread; the life cycle belongs to the thread that starts the
 * server. May depend on the session seams of {@code core}, never on its consensus or log.
 */
package dev.quorate.gateway;
