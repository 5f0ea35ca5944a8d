package dev.quorate.core.node;

import dev.quorate.core.raft.RaftCore;
import dev.quorate.core.ring.NodeState;

/**
 * Tells the loops while this member needs nobody to serve linearizable reads ({@link NodeState.Value#READS_ALONE}).
 * Owner: the consensus thread.
 * <p>
 * While {@link RaftCore#isAlone()} holds, only this member commits, and only its own apply agent tells anybody that a
 * write took effect, after the store published it. What was committed before is covered by not setting the value until
 * all of it is applied here. So whatever was acknowledged before a loop loads the value is visible to that loop. A
 * change of members or of the role takes the value back before anything of it leaves this member; what others
 * acknowledge from then on is concurrent with a read that loaded the value before.
 */
final class LocalReads
{
    private static final long NEVER = Long.MAX_VALUE;

    private final RaftCore raft;
    private final NodeState state;
    private long sinceIndex = NEVER;
    private boolean isSet;

    LocalReads(final RaftCore raft, final NodeState state)
    {
        this.raft = raft;
        this.state = state;
    }

    /** Looks at the end of a turn whether this member is alone, and whether all committed before is applied. */
    void doWork()
    {
        if (!raft.isAlone())
        {
            end();
        }
        else if (!isSet)
        {
            if (NEVER == sinceIndex)
            {
                sinceIndex = raft.commitIndex();
            }
            if (state.get(NodeState.Value.APPLIED_INDEX) >= sinceIndex)
            {
                isSet = true;
                // Pairs with the acquire load of a loop: it finds the store as new as the applied index seen above.
                state.set(NodeState.Value.READS_ALONE, 1);
            }
        }
    }

    /** The role or the configuration changes: before anybody hears of it, loops must not rely on being alone. */
    void end()
    {
        sinceIndex = NEVER;
        if (isSet)
        {
            isSet = false;
            state.set(NodeState.Value.READS_ALONE, 0);
        }
    }

    @Override
    public String toString()
    {
        return "LocalReads{isSet=" + isSet + ", sinceIndex=" + sinceIndex + '}';
    }
}
