/**
 * Members as processes of their own, driven through their public gRPC ports: the narrated demonstration, and the run
 * from which the build learns what a start needs.
 * <p>
 * Owner: the main thread of its own process. Arrows: uses the generated etcd API of the gateway as a client; nothing
 * depends on it.
 */
package dev.quorate.server.demo;
