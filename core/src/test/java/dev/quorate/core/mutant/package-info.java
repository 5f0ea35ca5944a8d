/**
 * Loads copies of the production code with changes in it: planted bugs, which a test must find, and points at which
 * threads are made to change places.
 */
package dev.quorate.core.mutant;
