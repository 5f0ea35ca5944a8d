/**
 * Clients' calls: validation, commands, pending calls and their deadlines, read rounds, answers, watch and keep-alive
 * streams. What clients see is made here, byte for byte.
 * <p>
 * Owner: one event loop per {@link dev.quorate.core.session.LoopSession}; all state of this room belongs to that loop's
 * thread. Arrows: depends on {@code api}, {@code ring}, {@code wire}, {@code codec.command}, {@code machine} (results,
 * directories), {@code store} (reading) and {@code seam}; {@code node} assembles it.
 */
package dev.quorate.core.session;
