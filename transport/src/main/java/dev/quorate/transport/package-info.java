/**
 * The peer links of a member over Aeron: everything that knows Aeron lives here. May depend on {@code core}.
 */
package dev.quorate.transport;
