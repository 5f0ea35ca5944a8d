package dev.quorate.core.sim;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;

/**
 * Looks at private fields of the production classes, for checks of what no interface shows. A name that is no longer
 * there fails the run.
 */
final class Inside
{
    private record Key(Class<?> type, String name)
    {
    }

    private final Map<Key, Field> fields = new HashMap<>();

    /**
     * @param root object to begin at.
     * @param path names of fields, separated by dots.
     * @return value of the last field; null as soon as one on the way is null.
     */
    Object get(final Object root, final String path)
    {
        Object at = root;
        for (int from = 0; at != null && from < path.length(); )
        {
            final int dot = path.indexOf('.', from);
            final int to = dot < 0 ? path.length() : dot;
            at = value(at, path.substring(from, to));
            from = to + 1;
        }
        return at;
    }

    /** @return a field of an integral or boolean type, as a number. */
    long number(final Object root, final String path)
    {
        final Object value = get(root, path);
        return value instanceof Boolean is ? is ? 1 : 0 : ((Number)value).longValue();
    }

    private Object value(final Object of, final String name)
    {
        try
        {
            return fields.computeIfAbsent(new Key(of.getClass(), name), Inside::find).get(of);
        }
        catch (final IllegalAccessException ex)
        {
            throw new AssertionError(ex);
        }
    }

    private static Field find(final Key key)
    {
        for (Class<?> type = key.type; type != null; type = type.getSuperclass())
        {
            for (final Field field : type.getDeclaredFields())
            {
                if (field.getName().equals(key.name))
                {
                    field.setAccessible(true);
                    return field;
                }
            }
        }
        throw new AssertionError("no field " + key.name + " in " + key.type);
    }
}
