/**
 * The replicated log on disk: append-only segments, the file of term and vote, syncing, preparation and recycling of
 * segments, recovery. Positions are bytes over all segments and never go back; a dropped suffix is a cut frame.
 * <p>
 * Owners: the consensus thread writes the log ({@code RaftLog}), the log sync thread forces it and owns the term file
 * ({@code LogSyncAgent}, {@code TermFile}), the cold thread prepares and recycles segments ({@code SegmentSupplier});
 * any thread reads what was published through a {@code LogEntryView}. Arrows: depends on {@code seam}, {@code entry},
 * on {@code ring.DurationHistogram}, on the interface {@code raft.RaftLogAccess} and on Agrona.
 */
package dev.quorate.core.log;
