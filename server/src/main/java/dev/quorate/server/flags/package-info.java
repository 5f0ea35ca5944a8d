/**
 * The command line, environment and configuration file of etcd: which flags exist, which are served, which are harmless
 * to ignore, and which are refused because ignoring them would be unsafe.
 * <p>
 * Owner: the main thread, at start. Arrows: depends on picocli and the YAML reader alone; {@code server} reads it.
 */
package dev.quorate.server.flags;
