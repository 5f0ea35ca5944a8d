package dev.quorate.core.machine;

/**
 * Kinds of the command ConfigChange.
 */
public final class ConfigChangeKind
{
    /** The member becomes a voter. */
    public static final int ADD_VOTER = 0;
    /** The member becomes a learner. */
    public static final int ADD_LEARNER = 1;
    /** The learner becomes a voter. */
    public static final int PROMOTE = 2;
    /** The member is removed for ever. */
    public static final int REMOVE = 3;
    /** The member gets other peer URLs. */
    public static final int UPDATE = 4;

    private ConfigChangeKind()
    {
    }
}
