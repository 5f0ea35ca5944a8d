/**
 * Protobuf wire format: a bounded reader and a growing writer over buffers. No messages are known here.
 * <p>
 * Owner: whoever holds an instance; each belongs to one thread. Arrows: depends on Agrona alone; {@code session}
 * depends on it.
 */
package dev.quorate.core.wire;
