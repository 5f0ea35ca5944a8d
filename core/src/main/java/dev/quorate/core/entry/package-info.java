/**
 * The form of an entry, equal in the log of every member and in the messages between them, and its checksum, which is
 * computed where the entry begins and compared wherever its bytes are used again.
 * <p>
 * Owner: none; a checksum belongs to the thread that made it. Arrows: depends on Agrona only; {@code log} and
 * {@code peer} use it.
 */
package dev.quorate.core.entry;
