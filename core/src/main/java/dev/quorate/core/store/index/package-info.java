/**
 * An off-heap copy-on-write B+tree from byte keys to index words, with one writer, wait-free readers and reclamation by
 * epochs. See the store's design for the layout of nodes.
 * <p>
 * Owner: the apply thread writes, any thread with a {@code ReaderSlot} reads. Arrows: depends on Agrona alone.
 */
package dev.quorate.core.store.index;
