/**
 * The program: reads flags, environment and configuration file, assembles a member and runs it. May depend on all.
 */
package dev.quorate.server;
