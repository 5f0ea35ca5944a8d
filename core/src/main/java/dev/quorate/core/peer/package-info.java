/**
 * The talk between members above {@code PeerLink}: hello and boot ids, packing of entries, chunking of large ones, and
 * the counters of each peer. Nothing is heard on a session before its hello; what is wrong is dropped and counted,
 * never a failure of the member.
 * <p>
 * Owner: the consensus thread; only {@code PeerCounters} is read by others. Arrows: depends on {@code seam}, {@code
 * entry}, the entry types of {@code raft}, the generated codecs and Agrona; {@code node} drives it and implements
 * {@code PeerEvents}, {@code StoreBindings}, {@code PeerMonitor} and {@code EntrySource}.
 */
package dev.quorate.core.peer;
