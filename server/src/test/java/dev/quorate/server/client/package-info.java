/**
 * Clients that others wrote, etcdctl and jetcd, against one member and three. Owner: the thread of the test.
 */
package dev.quorate.server.client;
