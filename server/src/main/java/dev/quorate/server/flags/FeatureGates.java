package dev.quorate.server.flags;

import java.util.Set;

/**
 * The feature gates that etcd 3.7 knows. None of them has an effect here, but a misspelt one is an error as with etcd.
 */
final class FeatureGates
{
    private static final Set<String> NAMES = Set.of(
        "StopGRPCServiceOnDefrag", "InitialCorruptCheck", "CompactHashCheck", "TxnModeWriteWithSharedBuffer",
        "LeaseCheckpoint", "LeaseCheckpointPersist", "SetMemberLocalAddr", "FastLeaseKeepAlive", "PriorityRequest",
        "AllAlpha", "AllBeta");

    private FeatureGates()
    {
    }

    /**
     * Checks a list such as {@code CompactHashCheck=true,AllBeta=false}.
     *
     * @param list separated by commas.
     * @throws FlagException if it names a gate that there is not, or a value that is no truth value.
     */
    static void check(final String list) throws FlagException
    {
        for (final String part : list.split(","))
        {
            if (part.isBlank())
            {
                continue;
            }
            final int equals = part.indexOf('=');
            final String name = (equals < 0 ? part : part.substring(0, equals)).trim();
            final String value = equals < 0 ? "" : part.substring(equals + 1).trim();
            if (!NAMES.contains(name))
            {
                throw new FlagException(1, "unrecognized feature gate: " + name + " in --feature-gates");
            }
            if (!"true".equalsIgnoreCase(value) && !"false".equalsIgnoreCase(value))
            {
                throw new FlagException(
                    1, "feature gate " + name + " in --feature-gates must be true or false, not '" + value + "'");
            }
        }
    }
}
