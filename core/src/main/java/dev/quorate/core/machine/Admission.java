package dev.quorate.core.machine;

import dev.quorate.core.api.EtcdError;
import dev.quorate.core.codec.command.CompactDecoder;
import dev.quorate.core.codec.command.DeleteRangeDecoder;
import dev.quorate.core.codec.command.LeaseGrantDecoder;
import dev.quorate.core.codec.command.LeaseRevokeDecoder;
import dev.quorate.core.codec.command.PutDecoder;
import dev.quorate.core.codec.command.TxnDecoder;

/**
 * Which commands alarms keep out, and which answers the quota turns into a refusal although the command took effect.
 */
final class Admission
{
    private final AlarmCommands alarms;
    private final ApplyQuota quota;
    private final TxnCost txnCost = new TxnCost();
    private final PutOp put = new PutOp();
    private final CommandReader ahead = new CommandReader();
    private boolean isOverQuota;

    Admission(final AlarmCommands alarms, final ApplyQuota quota)
    {
        this.alarms = alarms;
        this.quota = quota;
    }

    /**
     * An entry begins.
     */
    void begin()
    {
        isOverQuota = false;
    }

    /**
     * @param at       positioned at the header of the command; not moved.
     * @param template of the command.
     * @return {@link EtcdError#NONE} if alarms let the command take effect.
     */
    EtcdError check(final CommandReader at, final int template)
    {
        if (!isKeyOrLeaseCommand(template))
        {
            return EtcdError.NONE;
        }
        if (alarms.isRaised(AlarmTable.CORRUPT))
        {
            return EtcdError.CORRUPT;
        }
        final long cost = cost(at, template);
        if (0 == cost)
        {
            return EtcdError.NONE;
        }
        if (alarms.isRaised(AlarmTable.NOSPACE))
        {
            return EtcdError.NO_SPACE;
        }
        isOverQuota = !quota.isAvailable(cost);
        return EtcdError.NONE;
    }

    /**
     * @return true if the command checked last found the quota exhausted: it takes effect, but its caller is told that
     *         there is no space.
     */
    boolean isOverQuota()
    {
        return isOverQuota;
    }

    private long cost(final CommandReader at, final int template)
    {
        switch (template)
        {
            case PutDecoder.TEMPLATE_ID:
                ahead.wrap(at.buffer(), at.position(), at.end() - at.position());
                ahead.next();
                put.read(ahead);
                return ApplyQuota.PUT_COST_BYTES + put.keyLength() + put.valueLength();

            case TxnDecoder.TEMPLATE_ID:
                return txnCost.of(at);

            case LeaseGrantDecoder.TEMPLATE_ID:
                return ApplyQuota.LEASE_COST_BYTES;

            default:
                return 0;
        }
    }

    private static boolean isKeyOrLeaseCommand(final int template)
    {
        return switch (template)
        {
            case PutDecoder.TEMPLATE_ID, DeleteRangeDecoder.TEMPLATE_ID, TxnDecoder.TEMPLATE_ID,
                CompactDecoder.TEMPLATE_ID, LeaseGrantDecoder.TEMPLATE_ID, LeaseRevokeDecoder.TEMPLATE_ID -> true;
            default -> false;
        };
    }

    @Override
    public String toString()
    {
        return "Admission{isOverQuota=" + isOverQuota + '}';
    }
}
