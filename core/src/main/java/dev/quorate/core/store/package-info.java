/**
 * The revision store: one stream of records in revision order addressed by logical position (LP), its segments, the key
 * index over it, wait-free readers, compaction, hashes, marks, recovery.
 * <p>
 * Owner: the apply thread writes the tail and the index; housekeeping owns files, the sealed map and dead bits; readers
 * (event loops, watch, housekeeping) pin and read. Arrows: depends on {@code seam}, {@code store.index} and
 * {@code ring.DurationHistogram}.
 */
package dev.quorate.core.store;
