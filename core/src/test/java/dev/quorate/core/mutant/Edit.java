package dev.quorate.core.mutant;

/**
 * One change to the production code.
 *
 * @param source file below the sources of {@code core}'s base package.
 * @param from   text of the production code, once in the file.
 * @param to     text in its place.
 */
public record Edit(String source, String from, String to)
{
}
