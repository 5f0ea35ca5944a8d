package dev.quorate.core.seam;

/**
 * Thrown out of the disk call at which a test asked for a power cut.
 */
public final class SimulatedCrash extends Error
{
    private static final long serialVersionUID = 1L;

    SimulatedCrash(final long call)
    {
        super("power cut before disk call " + call, null, false, false);
    }
}
