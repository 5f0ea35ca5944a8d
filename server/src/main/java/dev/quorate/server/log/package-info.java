/**
 * The member's log as etcd writes it: one JSON object a line on standard error, or plain text.
 * <p>
 * Owner: any thread may log; hot paths never do. Arrows: depends on SLF4J and Logback alone.
 */
package dev.quorate.server.log;
