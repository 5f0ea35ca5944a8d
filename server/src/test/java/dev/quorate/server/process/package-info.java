/**
 * Members as processes of their own, ours and etcd's, started and ended by tests; and the tests of what only real
 * processes show: kills, pauses, restarts, bad input. Owner: the thread of the test. Other test packages may use it.
 */
package dev.quorate.server.process;
