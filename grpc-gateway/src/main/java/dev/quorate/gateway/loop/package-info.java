/**
 * Event loops that serve a {@code ClientPort}: the port's turns run between two polls of the sockets, its deadline
 * shortens the poll, and a signal from another thread ends it.
 * <p>
 * Owner: each event loop's own thread; {@code LoopRunner.signal()} alone is called by others. Depends on Netty and
 * on the seams of {@code core}.
 */
package dev.quorate.gateway.loop;
