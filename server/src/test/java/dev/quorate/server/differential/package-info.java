/**
 * The same random sequence of requests to etcd and to one member of ours, in lock step; every answer must be equal,
 * but for what a named rule of {@link dev.quorate.server.differential.Rule} says. Owner: the thread of the test.
 */
package dev.quorate.server.differential;
