/**
 * Assembly of a member: its configuration checked, its identity found or made, its agents, links and gateway put
 * together, started, and stopped in order.
 * <p>
 * Owner: the main thread. Arrows: may see everything.
 */
package dev.quorate.server.member;
