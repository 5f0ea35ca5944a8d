/**
 * What clients see, as constants and seams: methods, status codes, the error table of etcd, and {@code ClientPort}, the
 * door through which calls enter the core and answers leave it.
 * <p>
 * Owner: none, these are constants and interfaces. Arrows: {@code core} rooms and the gateway depend on it; it depends
 * on Agrona alone.
 */
package dev.quorate.core.api;
