/**
 * The peer links of a member over Aeron: everything that knows Aeron lives here. An embedded media driver, one
 * exclusive publication for each peer and stream class, one subscription for each class on the member's own endpoint,
 * and the waiter with which the core thread sleeps until a datagram or a wake-up comes.
 * <p>
 * Owner: the consensus thread, which in the compact profile also runs the driver; only {@code CoreWaiter.signal} is for
 * others. Arrows: depends on {@code core.seam}, Aeron and Agrona; {@code server} assembles it.
 */
package dev.quorate.transport;
