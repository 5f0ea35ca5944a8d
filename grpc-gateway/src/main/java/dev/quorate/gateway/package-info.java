/**
 * The client port over gRPC and HTTP: everything that knows gRPC, Netty and protobuf lives here. May depend on the
 * session seams of {@code core}, never on its consensus or log.
 */
package dev.quorate.gateway;
