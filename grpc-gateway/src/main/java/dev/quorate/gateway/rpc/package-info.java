/**
 * The etcd services over grpc-java: every method of the core registered with raw bytes, so that no protobuf object
 * stands between the wire and the {@code ClientPort}.
 * <p>
 * Owner: the event loop of the call's connection. Depends on grpc-java, on {@code loop} and {@code metrics}.
 */
package dev.quorate.gateway.rpc;
