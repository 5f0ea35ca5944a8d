/**
 * Consensus as a state machine without I/O: messages, ticks, durable positions and proposals go in; messages, a term
 * and vote to persist, commits and read rounds come out. It reads and changes the log only through {@code
 * RaftLogAccess}.
 * <p>
 * Owner: the consensus thread. Arrows: depends on Agrona alone; {@code log} implements {@code RaftLogAccess},
 * {@code node} implements {@code RaftOutput}.
 */
package dev.quorate.core.raft;
