package dev.quorate.core.sim;

import dev.quorate.core.raft.Role;
import dev.quorate.core.seam.SimulatedRng;
import dev.quorate.core.seam.StorageFault;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Breaks what may break while the faulty phase lasts: power cuts, ends of processes, failing syncs, full disks, pauses,
 * partitions; and starts again what ended.
 */
final class FaultInjector
{
    static final int NOBODY = -1;
    private static final int QUOTA_LIFTED_NS = 500_000_000;
    private static final long LONGEST_JUMP_MS = 48L * 3_600 * 1_000;

    private final VirtualTime time;
    private final SimulationSettings settings;
    private final SimulatedRng rng;
    private final SimulatedNetwork network;
    private final SimulatedSnapshotNetwork snapshots;
    private final SimulatedMember[] members;
    private final InvariantChecker invariants;
    private final boolean[] isStartPlanned;
    private final boolean[] isClaimed;
    private final BitRot rot;
    private Consumer<SimulatedMember> onDamaged = (member) -> {};
    private BooleanSupplier isWhole = () -> true;
    private int rotten = NOBODY;
    private String rottenPlace = "";
    private boolean isDamageFound;
    private boolean isTriedAgain;
    private boolean isCalm;
    long crashes;
    long crashesThatLost;
    long exits;
    long storageFaults;
    long partitions;
    long pauses;
    long fullDisks;
    long absences;
    long rots;
    long damagesFound;

    FaultInjector(
        final VirtualTime time,
        final SimulationSettings settings,
        final SimulatedRng rng,
        final SimulatedNetwork network,
        final SimulatedSnapshotNetwork snapshots,
        final SimulatedMember[] members,
        final InvariantChecker invariants)
    {
        this.time = time;
        this.settings = settings;
        this.rng = rng;
        this.network = network;
        this.snapshots = snapshots;
        this.members = members;
        this.invariants = invariants;
        isStartPlanned = new boolean[members.length];
        isClaimed = new boolean[members.length];
        rot = new BitRot(rng.fork());
    }

    /** Who replaces a member whose files are damaged, and who knows whether the others are all there. */
    void wire(final Consumer<SimulatedMember> whenDamaged, final BooleanSupplier isClusterWhole)
    {
        onDamaged = whenDamaged;
        isWhole = isClusterWhole;
    }

    /** @return place of the member whose files were damaged, {@link #NOBODY} if all are whole. */
    int rotten()
    {
        return rotten;
    }

    void start()
    {
        if (settings.hasFaults)
        {
            every(settings.crashEveryNs, this::crash);
            every(settings.partitionEveryNs, this::partition);
            every(settings.pauseEveryNs, this::pause);
            every(settings.diskFullEveryNs, this::fillDisk);
            every(settings.absenceEveryNs, this::absent);
            every(settings.clockJumpEveryNs, this::jump);
            snapshots.tap(this::onTransfer);
        }
        else
        {
            every(settings.pauseEveryNs, this::pause);
        }
    }

    /** The faulty phase ends: everything is whole again, and all members run. */
    void calm()
    {
        isCalm = true;
        network.calm();
        snapshots.calm();
        for (final SimulatedMember member : members)
        {
            member.unpause();
            member.disk.quota(Long.MAX_VALUE);
            member.disk.crashAtCall(Long.MAX_VALUE);
            if (!member.isUp && !isHeldBack(member))
            {
                // whatever was planned for it: nobody stays away any longer
                isStartPlanned[member.index] = false;
                startLater(member, 1_000_000);
            }
        }
    }

    /** A member stopped of itself, or at the disk call chosen for it. */
    void onHalted(final SimulatedMember member, final Throwable cause)
    {
        if (cause instanceof StorageFault fault)
        {
            final String message = String.valueOf(fault.getMessage());
            if (!message.contains("simulated") && !message.contains("no room"))
            {
                onDamageFound(member, fault);
            }
            storageFaults++;
        }
        cutPower(member);
        startLater(member, restartDelay());
    }

    /** A member that finds damage says where, and is replaced: at once, or when it has found it a second time. */
    private void onDamageFound(final SimulatedMember member, final StorageFault fault)
    {
        if (member.index != rotten)
        {
            throw new Violation("D2", "halted without a fault of the disk: " + member, fault);
        }
        final String message = fault.getMessage();
        if (!message.contains("log/") && !message.contains("store/") && !message.contains("segment-") &&
            !message.contains("term"))
        {
            throw new Violation("D6", "found damage of " + rottenPlace + " and names no place: " + member, fault);
        }
        damagesFound++;
        isDamageFound = isTriedAgain || rng.nextInt(2) == 0;
        isTriedAgain = true;
        if (isDamageFound)
        {
            onDamaged.accept(member);
        }
    }

    /** @return true if the operator takes the place of a member over: it is not started again from here. */
    boolean claim(final SimulatedMember member)
    {
        final boolean isFree = !isClaimed[member.index];
        isClaimed[member.index] = true;
        return isFree;
    }

    /** The operator is done: the member starts, and is started again from here when it ends. */
    void release(final SimulatedMember member)
    {
        isClaimed[member.index] = false;
        if (member.index == rotten)
        {
            rotten = NOBODY;
            isDamageFound = false;
            isTriedAgain = false;
        }
        if (!member.start())
        {
            throw new IllegalStateException("an empty disk does not do for " + member);
        }
    }

    private void every(final long periodNs, final VirtualTime.Event event)
    {
        if (periodNs > 0)
        {
            time.after(periodNs / 4 + (long)(rng.nextInt(1_000) / 1_000.0 * 1.5 * periodNs), () ->
            {
                if (!isCalm)
                {
                    event.run();
                    every(periodNs, event);
                }
            });
        }
    }

    private void crash()
    {
        if (rng.nextInt(10) == 0)
        {
            // the whole room loses power
            for (final SimulatedMember member : members)
            {
                if (member.isUp)
                {
                    member.stop();
                    cutPower(member);
                    startLater(member, restartDelay() / 2);
                }
            }
            return;
        }
        final SimulatedMember member = victim();
        if (!member.isUp)
        {
            return;
        }
        if (settings.syncFailureOneIn > 0 && rng.nextInt(settings.syncFailureOneIn) == 0)
        {
            member.disk.failSync(1 + rng.nextInt(3));
        }
        else if (settings.processExitOneIn > 0 && rng.nextInt(settings.processExitOneIn) == 0)
        {
            member.stop();
            exits++;
            member.disk = member.disk.processExit();
            startLater(member, restartDelay());
        }
        else if (rng.nextInt(2) == 0)
        {
            member.disk.crashAtCall(member.disk.calls() + 1 + rng.nextInt(60));
        }
        else
        {
            member.stop();
            cutPower(member);
            startLater(member, restartDelay());
        }
    }

    /** One that is not needed for a quorum is gone for long, or runs on and is not reached. */
    private void absent()
    {
        final SimulatedMember member = members[rng.nextInt(members.length)];
        int down = 0;
        for (final SimulatedMember other : members)
        {
            down += other.isUp ? 0 : 1;
        }
        if (down == 0)
        {
            absences++;
            final long durationNs = 3 * SimulationSettings.SECOND + rng.nextLong(7 * SimulationSettings.SECOND);
            if (rng.nextInt(2) == 0)
            {
                isolate(member.index, true, true);
                time.after(durationNs, this::reunite);
            }
            else
            {
                member.stop();
                cutPower(member);
                startLater(member, durationNs);
            }
        }
    }

    /** A snapshot begins to be sent: something may happen to either side before it is installed. */
    private void onTransfer(final int from, final int to)
    {
        if (!isCalm && settings.transferFaultOneIn > 0 && rng.nextInt(settings.transferFaultOneIn) == 0)
        {
            time.after(rng.nextInt(200_000_000), () -> disturb(from, to));
        }
    }

    private void disturb(final int from, final int to)
    {
        final SimulatedMember sender = members[from];
        final SimulatedMember taker = members[to];
        if (isCalm || !sender.isUp || !taker.isUp)
        {
            return;
        }
        switch (rng.nextInt(5))
        {
            case 0 ->
            {
                sender.stop();
                cutPower(sender);
                startLater(sender, restartDelay());
            }
            case 1 ->
            {
                taker.stop();
                cutPower(taker);
                startLater(taker, restartDelay());
            }
            case 2, 3 -> taker.disk.crashAtCall(taker.disk.calls() + 1 + rng.nextInt(40));
            default -> (rng.nextInt(2) == 0 ? sender : taker).pauseAll(rng.nextLong(2 * settings.electionTimeoutNs));
        }
    }

    private SimulatedMember victim()
    {
        if (rng.nextInt(2) == 0)
        {
            for (final SimulatedMember member : members)
            {
                if (member.isUp && member.node.consensus().raft().role() == Role.LEADER)
                {
                    return member;
                }
            }
        }
        return members[rng.nextInt(members.length)];
    }

    private void cutPower(final SimulatedMember member)
    {
        crashes++;
        member.disk = member.disk.crash(rng);
        crashesThatLost += member.disk.lostPages() > 0 ? 1 : 0;
    }

    private long restartDelay()
    {
        return 20_000_000L + rng.nextInt(rng.nextInt(3) == 0 ? 4_000_000 : 400_000) * 1_000L;
    }

    private void startLater(final SimulatedMember member, final long delayNs)
    {
        if (isStartPlanned[member.index])
        {
            return;
        }
        isStartPlanned[member.index] = true;
        time.after(delayNs, () ->
        {
            isStartPlanned[member.index] = false;
            if (member.isUp || isHeldBack(member))
            {
                return;
            }
            invariants.onRelease(member);
            final long appended = member.probe == null ? NOBODY : member.probe.log().appendedPosition();
            member.release();
            if (appended >= 0 && !isCalm && happens(settings.rotOneIn))
            {
                damage(member, appended);
            }
            if (!isCalm && rng.nextInt(8) == 0)
            {
                member.disk.crashAtCall(1 + rng.nextInt(80));
            }
            member.start();
        });
    }

    private boolean happens(final int oneIn)
    {
        return oneIn > 0 && rng.nextInt(oneIn) == 0;
    }

    private boolean isHeldBack(final SimulatedMember member)
    {
        return isClaimed[member.index] || isDamageFound && member.index == rotten;
    }

    /** Damages files of one member at most, and only while the others hold all that a quorum must. */
    private void damage(final SimulatedMember member, final long appended)
    {
        if (rotten == NOBODY && isWhole.getAsBoolean() || rotten == member.index && !isTriedAgain)
        {
            final String place = rot.damage(member.disk, appended);
            if (place != null)
            {
                rots++;
                rotten = member.index;
                rottenPlace = place;
            }
        }
    }

    private void partition()
    {
        partitions++;
        final int count = members.length;
        final int one = rng.nextInt(count);
        final int other = (one + 1 + rng.nextInt(Math.max(1, count - 1))) % count;
        switch (rng.nextInt(5))
        {
            case 0 -> isolate(one, true, true);
            case 1 -> isolate(one, true, false);
            case 2 -> isolate(one, false, true);
            case 3 ->
            {
                // a bridge: two do not see each other, both see the third
                network.block(one, other, true);
                network.block(other, one, true);
            }
            default -> network.block(one, other, true);
        }
        time.after(100_000_000L + rng.nextLong(settings.partitionMaxNs), this::reunite);
    }

    private void reunite()
    {
        for (int from = 0; from < members.length; from++)
        {
            for (int to = 0; to < members.length; to++)
            {
                network.block(from, to, false);
            }
        }
    }

    private void isolate(final int one, final boolean isDeaf, final boolean isMute)
    {
        for (int i = 0; i < members.length; i++)
        {
            if (i != one)
            {
                network.block(i, one, isDeaf || network.isBlocked(i, one));
                network.block(one, i, isMute || network.isBlocked(one, i));
            }
        }
    }

    private void pause()
    {
        pauses++;
        final SimulatedMember member = victim();
        final long longest = rng.nextInt(3) == 0 ? 8 * settings.electionTimeoutNs : 2 * settings.electionTimeoutNs;
        final long durationNs = 10_000_000L + (long)(rng.nextInt(1_000) / 1_000.0 * longest);
        if (rng.nextInt(3) == 0)
        {
            member.pause(rng.nextInt(SimulatedMember.AGENTS.length), durationNs);
        }
        else
        {
            member.pauseAll(durationNs);
        }
    }

    /** Somebody sets the time of day: leases, time-outs and elections know nothing of it. */
    private void jump()
    {
        members[rng.nextInt(members.length)].wallAheadMs = rng.nextLong(2 * LONGEST_JUMP_MS) - LONGEST_JUMP_MS;
    }

    private void fillDisk()
    {
        final SimulatedMember member = members[rng.nextInt(members.length)];
        if (!member.isUp)
        {
            return;
        }
        fullDisks++;
        member.disk.quota(member.disk.usedBytes() + rng.nextInt(64 * 1024));
        time.after(QUOTA_LIFTED_NS + rng.nextInt(2_000_000_000), () -> member.disk.quota(Long.MAX_VALUE));
    }
}
