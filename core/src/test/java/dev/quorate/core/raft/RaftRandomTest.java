package dev.quorate.core.raft;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Clusters under loss, duplication, reordering, partitions, pauses, slow disks, crashes that lose what was not synced,
 * compaction, transfers and configuration changes. Every rule is checked after every event, and in the end, when the
 * faults cease, the cluster must work again.
 */
class RaftRandomTest
{
    private static final int SEEDS = 300;
    private static final int EVENTS = 2_500;
    private static final long MS = RaftMember.MS;

    @Test
    void rulesHoldUnderFaultsAndTheClusterRecovers()
    {
        long commits = 0;
        long reads = 0;
        long changes = 0;
        long snapshots = 0;
        for (long seed = 1; seed <= SEEDS; seed++)
        {
            final Run run = new Run(seed);
            try
            {
                run.faults();
                run.recovery();
            }
            catch (final AssertionError | RuntimeException ex)
            {
                throw new AssertionError("seed " + seed + ": " + ex.getMessage() + "\n" + run.tail(), ex);
            }
            commits += run.world.committedAnywhere();
            reads += run.readsReady;
            changes += run.changes;
            snapshots += run.snapshots;
        }
        // A run in which nothing happens proves nothing.
        assertTrue(commits > SEEDS * 20L, "commits: " + commits);
        assertTrue(reads > SEEDS * 3L, "reads: " + reads);
        assertTrue(changes > SEEDS, "configuration changes: " + changes);
        assertTrue(snapshots > SEEDS / 4, "snapshots: " + snapshots);
    }

    private static final class Run
    {
        private final RaftWorld world = new RaftWorld();
        private final SplittableRandom random;
        private final List<RaftMember> members = new ArrayList<>();
        private final boolean[][] isCut = new boolean[8][8];
        private final int lossPercent;
        private final int duplicatePercent;
        private final boolean isReordering;
        private long nextNumber = 1;
        private long readsReady;
        private long changes;
        private long snapshots;

        private Run(final long seed)
        {
            random = new SplittableRandom(seed);
            final int voters = 1 + random.nextInt(5);
            final int others = 2;
            lossPercent = random.nextInt(3) * 5;
            duplicatePercent = random.nextInt(3) * 3;
            isReordering = random.nextBoolean();
            world.preVote(random.nextInt(4) != 0);
            for (long id = 1; id <= voters + others; id++)
            {
                final RaftMember member = world.add(id, seed * 31 + id, new Configuration());
                if (id <= voters)
                {
                    member.bootstrap(voters);
                }
                member.window(1 + random.nextInt(8));
                members.add(member);
                member.start();
            }
        }

        private void faults()
        {
            for (int i = 0; i < EVENTS; i++)
            {
                final RaftMember member = members.get(random.nextInt(members.size()));
                event(member, random.nextInt(1000));
                world.check(member);
            }
        }

        private void event(final RaftMember member, final int dice)
        {
            if (dice < 560)
            {
                network();
            }
            else if (!member.isUp())
            {
                if (dice < 720)
                {
                    world.trace.add("restart " + member.id);
                    member.start();
                    sessions(member);
                }
            }
            else if (dice < 700)
            {
                tick(member, random.nextInt(60) == 0 ? 2_500 * MS : (1 + random.nextInt(150)) * MS);
            }
            else if (dice < 830)
            {
                sync(member);
            }
            else if (dice < 900)
            {
                propose();
            }
            else if (dice < 930)
            {
                read();
            }
            else
            {
                rare(member, dice);
            }
        }

        private void rare(final RaftMember member, final int dice)
        {
            if (dice < 936)
            {
                world.trace.add("crash " + member.id);
                world.forget(member);
                member.crash();
            }
            else if (dice < 942)
            {
                final int other = 1 + random.nextInt(members.size());
                isCut[(int)member.id][other] = true;
                isCut[other][(int)member.id] = random.nextInt(3) != 0;
            }
            else if (dice < 956)
            {
                heal();
            }
            else if (dice < 978)
            {
                configure();
            }
            else if (dice < 988)
            {
                member.compact(Math.min(member.core.commitIndex(), member.core.durableIndex()) - random.nextInt(4));
            }
            else if (dice < 994)
            {
                member.core.transferLeadership(1 + random.nextInt(members.size()));
                member.core.flush(member.nowNs);
            }
            else
            {
                member.core.onPeerSession(1 + random.nextInt(members.size()));
            }
        }

        private void network()
        {
            if (world.network.isEmpty())
            {
                return;
            }
            final int at = isReordering ? random.nextInt(Math.min(6, world.network.size())) : 0;
            final RaftMessage message = world.network.remove(at);
            if (isCut[(int)message.from()][(int)message.to()] || random.nextInt(100) < lossPercent)
            {
                world.lose(message);
                return;
            }
            if (random.nextInt(100) < duplicatePercent && !message.kind().equals("snapshot"))
            {
                world.network.add(random.nextInt(world.network.size() + 1), message);
            }
            snapshots += message.kind().equals("snapshot") ? 1 : 0;
            world.deliver(message);
            if (members.get((int)message.to() - 1).isUp())
            {
                world.check(members.get((int)message.to() - 1));
            }
        }

        private void tick(final RaftMember member, final long ns)
        {
            world.trace.add("tick " + member.id + " " + ns / MS);
            member.nowNs += ns;
            member.core.tick(member.nowNs);
            member.core.flush(member.nowNs);
        }

        private void sync(final RaftMember member)
        {
            world.trace.add("sync " + member.id);
            switch (random.nextInt(4))
            {
                case 0 -> member.syncOneFrame();
                case 1 -> member.syncVote();
                case 2 -> member.syncLog();
                default ->
                {
                    member.syncVote();
                    member.syncLog();
                }
            }
            member.core.flush(member.nowNs);
        }

        private void propose()
        {
            for (final RaftMember member : members)
            {
                if (member.isUp() && member.core.role() == Role.LEADER)
                {
                    for (int i = random.nextInt(4); i >= 0; i--)
                    {
                        member.core.propose(RaftLogAccess.COMMAND, InMemoryRaftLog.payload(0, nextNumber++), 0,
                            InMemoryRaftLog.PAYLOAD_LENGTH);
                    }
                    member.core.flush(member.nowNs);
                    world.check(member);
                }
            }
        }

        private void read()
        {
            for (final RaftMember member : members)
            {
                if (member.isUp() && member.core.role() == Role.LEADER)
                {
                    world.readIndex(member, nextNumber++);
                    member.core.flush(member.nowNs);
                }
                readsReady += member.reads.stream().filter(read -> read.startsWith("ready")).count();
                member.reads.clear();
            }
        }

        private void configure()
        {
            for (final RaftMember member : members)
            {
                if (member.isUp() && member.core.role() == Role.LEADER)
                {
                    final int kind = random.nextInt(5);
                    final long target = 1 + random.nextInt(members.size());
                    final boolean isTooSmall = kind == ConfigEntryReader.REMOVE &&
                        member.core.configuration().voters().size() <= 2;
                    final long index = isTooSmall ? -1 : member.core.proposeConfig(kind, target,
                        InMemoryRaftLog.payload(kind, target), 0, InMemoryRaftLog.PAYLOAD_LENGTH);
                    changes += index > 0 ? 1 : 0;
                    world.trace.add("config " + member.id + " " + kind + " " + target + " = " + index);
                    member.core.flush(member.nowNs);
                    world.check(member);
                }
            }
        }

        private void sessions(final RaftMember restarted)
        {
            for (final RaftMember member : members)
            {
                if (member.isUp() && member != restarted)
                {
                    member.core.onPeerSession(restarted.id);
                }
            }
        }

        private void heal()
        {
            for (final boolean[] row : isCut)
            {
                java.util.Arrays.fill(row, false);
            }
        }

        private void recovery()
        {
            heal();
            for (final RaftMember member : members)
            {
                if (!member.isUp())
                {
                    member.start();
                    sessions(member);
                }
            }
            final long before = world.committedAnywhere();
            for (int round = 0; round < 400; round++)
            {
                for (final RaftMember member : members)
                {
                    tick(member, 50 * MS);
                    world.check(member);
                }
                drain();
                if (round % 20 == 19)
                {
                    propose();
                }
                if (world.committedAnywhere() > before + 4 && isConverged())
                {
                    return;
                }
            }
            throw new AssertionError("no recovery: commit before " + before + ", after " + world.committedAnywhere() +
                " " + members.stream().map(member -> "\n" + member.core).toList());
        }

        private boolean isConverged()
        {
            RaftMember leader = null;
            for (final RaftMember member : members)
            {
                leader = member.core.role() == Role.LEADER &&
                    (leader == null || member.core.term() > leader.core.term()) ? member : leader;
            }
            if (leader == null)
            {
                return false;
            }
            for (final RaftMember member : members)
            {
                final boolean isMember =
                    leader.core.configuration().standing(member.id) != Configuration.ABSENT;
                if (isMember && member.core.commitIndex() != leader.log.lastIndex())
                {
                    return false;
                }
            }
            return true;
        }

        private void drain()
        {
            for (int i = 0; i < 2_000; i++)
            {
                for (final RaftMember member : members)
                {
                    member.syncVote();
                    member.syncLog();
                    member.core.flush(member.nowNs);
                    world.check(member);
                }
                if (world.network.isEmpty())
                {
                    return;
                }
                final Iterator<RaftMessage> batch = new ArrayList<>(world.network).iterator();
                world.network.clear();
                while (batch.hasNext())
                {
                    world.deliver(batch.next());
                }
            }
            throw new AssertionError("messages without end");
        }

        private String tail()
        {
            return String.join("\n", world.trace.subList(Math.max(0, world.trace.size() - 60), world.trace.size()));
        }
    }
}
