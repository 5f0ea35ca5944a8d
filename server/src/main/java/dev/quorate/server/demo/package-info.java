/**
 * The narrated demonstration: three members as processes of their own, driven through their public gRPC ports.
 * <p>
 * Owner: the main thread of its own process. Arrows: uses the generated etcd API of the gateway as a client; nothing
 * depends on it.
 */
package dev.quorate.server.demo;
