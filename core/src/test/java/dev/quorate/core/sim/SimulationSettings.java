package dev.quorate.core.sim;

import dev.quorate.core.seam.SimulatedRng;
import org.agrona.BitUtil;

/**
 * What a seed draws before its run: sizes, delays, and which faults happen how often.
 */
final class SimulationSettings
{
    static final long MILLISECOND = 1_000_000L;
    static final long SECOND = 1_000_000_000L;

    /** No run of the faulty phase is shorter. */
    static final long MIN_DURATION_NS = 30 * SECOND;
    /** Nor has it fewer operations of clients. */
    static final int MIN_OPERATIONS = 300;
    /** But it ends at this time. */
    static final long MAX_DURATION_NS = 90 * SECOND;

    final int memberCount;
    final boolean hasFaults;
    final long electionTimeoutNs;
    final long heartbeatNs;

    long networkMinNs = 100_000;
    int networkSpreadNs = 400_000;
    int sessionLossOneIn;
    int duplicateOneIn;
    int reorderOneIn;
    int replayOneIn;
    int gapOneIn;
    int spikeOneIn;
    int forgeOneIn;
    int windowLength = 256 * 1024;

    long syncMinNs = 50_000;
    long syncMaxNs = 500_000;

    long crashEveryNs;
    long partitionEveryNs;
    /** And lasts so long at most, unless the next one ends it. */
    long partitionMaxNs = 4 * SECOND;
    /** The wall clock of a member is set to another time; 0 for never. */
    long clockJumpEveryNs;
    long pauseEveryNs;
    long diskFullEveryNs;
    /** A member is replaced by another one, with an empty disk; 0 for never. */
    long replaceEveryNs;
    boolean isStrictReconfigCheck;
    /** Leadership is moved or a store is defragmented; 0 for never. */
    long choreEveryNs;
    /** A member is away so long that the others have let go of what it lacks. */
    long absenceEveryNs;
    /** So many starts of a member find a file damaged; 0 for none. */
    int rotOneIn;
    int syncFailureOneIn;
    int processExitOneIn;

    int clients = 6;
    int keys = 12;
    int thinkNs = (int)(60 * MILLISECOND);
    int valueLength = 40;
    /** Some values are so long at most, and at least longer than a message between members; 0 for none. */
    int longValueLength;
    int longValueOneIn = 25;

    int snapshotCount = 10_000;
    long catchUpEntries = 1_000_000;
    long snapshotBytesPerSecond = 32 * 1024 * 1024;
    /** The way of a chunk takes so long, beside the delay of the network. */
    long snapshotChunkNs;
    int snapshotSessionLossOneIn;
    int chunkDamageOneIn;
    int transferFaultOneIn;
    int tailBufferLength = 64 * 1024;
    int forceLength = 64 * 1024;
    long forceIntervalNs = SECOND;
    int sliceBytes = 64 * 1024;
    int segmentLength = 128 * 1024;

    SimulationSettings(final long seed, final int memberCount, final boolean hasFaults)
    {
        final SimulatedRng rng = new SimulatedRng(seed ^ 0x5E771465L);
        this.memberCount = memberCount;
        this.hasFaults = hasFaults;
        electionTimeoutNs = pick(rng, 300, 500, 1_000) * MILLISECOND;
        heartbeatNs = electionTimeoutNs / 10;
        clients = 5 + rng.nextInt(4);
        keys = 4 + rng.nextInt(28);
        thinkNs = (int)(pick(rng, 20, 60, 120) * MILLISECOND);
        valueLength = (int)pick(rng, 20, 100, 700);
        snapshotCount = (int)pick(rng, 20, 100, 1_000, 10_000);
        tailBufferLength = (int)pick(rng, 16, 32, 64) * 1024;
        forceLength = (int)pick(rng, 4, 32, 64) * 1024;
        forceIntervalNs = pick(rng, 20, 200, 1_000) * MILLISECOND;
        sliceBytes = (int)pick(rng, 4, 16, 64) * 1024;
        segmentLength = (int)pick(rng, 12, 32, 96) * 1024;
        catchUpEntries = pick(rng, 5, 20, 100);
        snapshotBytesPerSecond = pick(rng, 1, 4, 32) * 1024 * 1024;
        snapshotChunkNs = pick(rng, 0, 2, 20) * MILLISECOND;
        syncMaxNs = pick(rng, 300, 2_000, 15_000) * 1_000;
        networkSpreadNs = (int)(pick(rng, 200, 1_000, 10_000) * 1_000);
        if (hasFaults)
        {
            drawFaults(rng);
        }
    }

    /**
     * @param seed of the run.
     * @return those of two members of which one is removed and replaced again and again, so that the other one is alone
     * in between, while leadership moves and agents pause.
     */
    static SimulationSettings ofPair(final long seed)
    {
        final SimulationSettings settings = new SimulationSettings(seed, 2, false);
        settings.replaceEveryNs = 2 * SECOND;
        settings.choreEveryNs = SECOND / 2;
        settings.pauseEveryNs = SECOND;
        return settings;
    }

    private void drawFaults(final SimulatedRng rng)
    {
        sessionLossOneIn = (int)pick(rng, 0, 3_000, 400);
        duplicateOneIn = (int)pick(rng, 0, 200, 20);
        reorderOneIn = (int)pick(rng, 0, 300, 30);
        replayOneIn = (int)pick(rng, 0, 500, 50);
        gapOneIn = (int)pick(rng, 0, 1_000, 100);
        spikeOneIn = (int)pick(rng, 0, 1_000, 100);
        crashEveryNs = pick(rng, 1, 3, 6) * SECOND;
        partitionEveryNs = pick(rng, 0, 3, 6) * SECOND;
        pauseEveryNs = pick(rng, 0, 3, 6) * SECOND;
        diskFullEveryNs = pick(rng, 0, 0, 0, 10) * SECOND;
        absenceEveryNs = pick(rng, 6, 12, 20) * SECOND;
        syncFailureOneIn = (int)pick(rng, 0, 4, 8);
        processExitOneIn = (int)pick(rng, 0, 3, 5);
        snapshotSessionLossOneIn = (int)pick(rng, 0, 100, 10);
        chunkDamageOneIn = (int)pick(rng, 0, 100, 10);
        transferFaultOneIn = (int)pick(rng, 0, 4, 2);
        replaceEveryNs = pick(rng, 0, 8, 16) * SECOND;
        isStrictReconfigCheck = rng.nextInt(3) == 0;
        choreEveryNs = pick(rng, 0, 2, 5) * SECOND;
        forgeOneIn = (int)pick(rng, 0, 60, 15);
        rotOneIn = (int)pick(rng, 0, 4, 2);
        partitionMaxNs = pick(rng, 1, 4, 12) * SECOND;
        clockJumpEveryNs = pick(rng, 0, 2, 5) * SECOND;
        longValueLength = rng.nextInt(6) > 0 ? 0 : rng.nextInt(4) > 0 ? 200 * 1024 : 1_400 * 1024;
    }

    /** @return longest request that members take, bytes. */
    int maxRequestBytes()
    {
        return longValueLength + 3 * 1024;
    }

    /** @return longest entry of the log, bytes. */
    int maxPayloadLength()
    {
        return longValueLength + 4 * 1024;
    }

    int commandRingCapacity()
    {
        return Math.max(128 * 1024, BitUtil.findNextPositivePowerOfTwo(8 * maxPayloadLength()));
    }

    private static long pick(final SimulatedRng rng, final long... values)
    {
        return values[rng.nextInt(values.length)];
    }

    @Override
    public String toString()
    {
        return "members=" + memberCount + " electionMs=" + electionTimeoutNs / MILLISECOND +
            " spreadUs=" + networkSpreadNs / 1_000 + " syncMaxUs=" + syncMaxNs / 1_000 +
            " loss=" + sessionLossOneIn + " dup=" + duplicateOneIn + " reorder=" + reorderOneIn +
            " replay=" + replayOneIn + " gap=" + gapOneIn + " spike=" + spikeOneIn +
            " forge=" + forgeOneIn +
            " crashS=" + crashEveryNs / SECOND +
            " partitionS=" + partitionEveryNs / SECOND + "/" + partitionMaxNs / SECOND +
            " jumpS=" + clockJumpEveryNs / SECOND +
            " pauseS=" + pauseEveryNs / SECOND + " fullS=" + diskFullEveryNs / SECOND +
            " syncFail=" + syncFailureOneIn + " rot=" + rotOneIn + " clients=" + clients + " keys=" + keys +
            " thinkMs=" + thinkNs / MILLISECOND + " value=" + valueLength + "/" + longValueLength +
            " snapshotCount=" + snapshotCount +
            " catchUp=" + catchUpEntries + " snapshotMiBs=" + snapshotBytesPerSecond / (1024 * 1024) +
            " chunkMs=" + snapshotChunkNs / MILLISECOND + " chunkLoss=" + snapshotSessionLossOneIn +
            " chunkDamage=" + chunkDamageOneIn + " transferFault=" + transferFaultOneIn +
            " absenceS=" + absenceEveryNs / SECOND + " replaceS=" + replaceEveryNs / SECOND +
            (isStrictReconfigCheck ? " strict" : "") + " choreS=" + choreEveryNs / SECOND +
            " tail=" + tailBufferLength + " force=" + forceLength + "/" + forceIntervalNs / MILLISECOND +
            "ms slice=" + sliceBytes + " segment=" + segmentLength;
    }
}
