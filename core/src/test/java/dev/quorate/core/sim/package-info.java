/**
 * The deterministic simulation: the production agents of three members in one thread under virtual time, over a seeded
 * network and disks that lose and damage what real ones do, driven by clients whose histories are checked. A seed
 * replays event for event.
 * <p>
 * Where each rule is checked; {@link dev.quorate.core.sim.PlantedBug} shows that the checks can fail.
 * <ul>
 * <li>R1, R3, R4, R5, R8, R9, R10, R12, R15 to R18, R21: {@link dev.quorate.core.sim.InvariantChecker}, after each turn
 * of an agent and at each message. R6 and R7 follow from R8 (each commit is durable on a quorum for ever) and R4.</li>
 * <li>R2 and R11: the production code ends a member that would cut as leader or below its commit index, which fails a
 * run as HALT.</li>
 * <li>R13: by its effect, as K3. R15: that trials and stickiness do not hold the cluster up, as LIVENESS.</li>
 * <li>R14: there are no reads by lease. What leases of keys need of it, that a leader that paused decides nothing
 * before a quorum was heard, is L3.</li>
 * <li>R19: {@link dev.quorate.core.sim.Forgery} makes the messages, {@link dev.quorate.core.sim.StateDigest} shows that
 * they change nothing. R20: {@link dev.quorate.core.sim.DrainCheck}.</li>
 * <li>R22: one thread runs all agents here; threads are tested by {@code AgentThreadTest} of the server.</li>
 * <li>D1, D3 (as K5 and K6) and D4: {@link dev.quorate.core.sim.HistoryChecker}; D4 of watches also by
 * {@link dev.quorate.core.sim.SimulatedWatcher}.</li>
 * <li>D2, D5, D7, D9: {@code InvariantChecker.onStarted}, after power cuts that lose pages and names, also during
 * starts. D8: R21 and D1 after syncs that fail. D10: {@code onInstalled} and D2 after power cuts during an
 * installation.</li>
 * <li>D6: {@link dev.quorate.core.sim.BitRot} damages; what a member then shows is judged by all rules, and
 * {@link dev.quorate.core.sim.FaultInjector} requires that one that ends names the place.</li>
 * <li>D11 and D12 need processes: {@code BadStartTest} and {@code BackupProcessTest} of the server.</li>
 * <li>K1 to K9: {@link dev.quorate.core.sim.HistoryChecker}; K4 is K3 with a floor that every linearizable answer
 * raises, reads included. L1 and L4 there as well, L3 in the checker of invariants.</li>
 * <li>W3, W4, W5, W10: {@link dev.quorate.core.sim.SimulatedWatcher}. S1 and S11: after each applied entry, and
 * member by member at the end of a run.</li>
 * </ul>
 * Owner: the thread of the simulation. Arrows: depends on every room of {@code core} and on its simulated seams.
 */
package dev.quorate.core.sim;
