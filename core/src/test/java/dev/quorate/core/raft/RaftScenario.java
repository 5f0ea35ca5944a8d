package dev.quorate.core.raft;

import org.agrona.collections.LongArrayList;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Interpreter of the scenarios under {@code raft/*.txt}; {@code raft/README.md} explains their language.
 */
final class RaftScenario
{
    private static final long MS = RaftMember.MS;
    private static final int STEP_MS = 50;
    private static final int MOST_ROUNDS = 500;

    private final RaftWorld world = new RaftWorld();
    private final Map<String, List<RaftMessage>> kept = new HashMap<>();
    private final Set<String> cutLinks = new HashSet<>();
    private final Configuration first = new Configuration();
    private long nextNumber = 1;

    void run(final List<String> lines)
    {
        for (int i = 0; i < lines.size(); i++)
        {
            final String line = lines.get(i).split("#", 2)[0].strip();
            try
            {
                if (!line.isEmpty())
                {
                    statement(line);
                    world.members.values().forEach(world::check);
                }
            }
            catch (final AssertionError | RuntimeException ex)
            {
                throw new AssertionError("line " + (i + 1) + ": " + line + "\n" + ex.getMessage() + "\nqueued: " +
                    world.network + "\n" + world.members.values().stream().map(member -> member.core + "\n").toList(),
                    ex);
            }
        }
    }

    private void statement(final String line)
    {
        if (line.startsWith("broken "))
        {
            broken(line.substring("broken ".length()));
            return;
        }
        final String[] sides = line.split(" => ");
        final String[] words = sides[0].strip().split("\\s+");
        if (sides.length == 2)
        {
            same(sides[1].strip(), ask(words));
        }
        else if (words[0].equals("expect"))
        {
            expect(words);
        }
        else if (!setUp(words) && !disk(words) && !network(words) && !time(words))
        {
            ask(words);
        }
    }

    private boolean setUp(final String[] words)
    {
        switch (words[0])
        {
            case "members" -> members(words);
            case "joiner" -> world.add(number(words[1]), number(words[1]), first);
            case "pre-vote" -> world.preVote(words[1].equals("on"));
            case "window" -> world.members.values().forEach(member -> member.window((int)number(words[1])));
            case "log" ->
            {
                final RaftMember member = member(words[1]);
                for (int i = 2; i < words.length; i++)
                {
                    member.log.append(i - 1, number(words[i]), RaftLogAccess.COMMAND,
                        InMemoryRaftLog.payload(0, 0), 0, InMemoryRaftLog.PAYLOAD_LENGTH);
                }
                member.log.sync();
                member.preset(number(words[words.length - 1]), 0, 0);
            }
            case "state" -> member(words[1]).preset(number(words[2]), number(words[3]), number(words[4]));
            case "start" -> world.members.values().forEach(RaftMember::start);
            default ->
            {
                return false;
            }
        }
        return true;
    }

    private void members(final String[] words)
    {
        int standing = Configuration.VOTER;
        for (int i = 1; i < words.length; i++)
        {
            if (words[i].equals("learners"))
            {
                standing = Configuration.LEARNER;
            }
            else
            {
                first.standing(number(words[i]), standing);
            }
        }
        for (int i = 1; i < words.length; i++)
        {
            if (!words[i].equals("learners"))
            {
                world.add(number(words[i]), number(words[i]), first);
            }
        }
    }

    private boolean disk(final String[] words)
    {
        switch (words[0])
        {
            case "stall" ->
            {
                member(words[1]).isSyncingLog = false;
                member(words[1]).isSyncingVote = false;
            }
            case "unstall" ->
            {
                member(words[1]).isSyncingLog = true;
                member(words[1]).isSyncingVote = true;
            }
            case "sync-log" -> member(words[1]).syncLog();
            case "sync-frame" -> member(words[1]).syncOneFrame();
            case "sync-vote" -> member(words[1]).syncVote();
            case "durable" -> member(words[1]).core.onDurable(number(words[2]), number(words[3]));
            case "room" -> member(words[1]).log.room(
                words[2].equals("any") ? Integer.MAX_VALUE : (int)number(words[2]));
            case "crash" ->
            {
                world.forget(member(words[1]));
                member(words[1]).crash();
            }
            case "restart" -> member(words[1]).start();
            case "compact" -> member(words[1]).compact(number(words[2]));
            default ->
            {
                return false;
            }
        }
        return true;
    }

    private boolean network(final String[] words)
    {
        switch (words[0])
        {
            case "settle" -> settle();
            case "flush" -> member(words[1]).core.flush(member(words[1]).nowNs);
            case "deliver" -> take(words).forEach(world::deliver);
            case "drop" -> take(words).forEach(world::lose);
            case "keep" -> kept.put(words[words.length - 1], take(Arrays.copyOf(words, words.length - 1)));
            case "arrive" -> kept.get(words[1]).forEach(world::deliver);
            case "inject" -> world.deliver(message(words));
            case "session" -> member(words[1]).core.onPeerSession(number(words[2]));
            case "cut" ->
            {
                cutLinks.add(words[1] + ">" + words[2]);
                cutLinks.add(words[2] + ">" + words[1]);
            }
            case "isolate" -> world.members.keySet().forEach(other -> statement("cut " + words[1] + " " + other));
            case "heal" -> cutLinks.clear();
            default ->
            {
                return false;
            }
        }
        return true;
    }

    private boolean time(final String[] words)
    {
        switch (words[0])
        {
            case "timeout" -> timeout(member(words[1]));
            case "tick" -> tick(member(words[1]), number(words[2]));
            case "pass" -> world.members.values().forEach(member -> tick(member, number(words[1])));
            case "run" ->
            {
                for (long ms = 0; ms < number(words[1]); ms += STEP_MS)
                {
                    world.members.values().forEach(member -> tick(member, STEP_MS));
                    settle();
                }
            }
            default ->
            {
                return false;
            }
        }
        return true;
    }

    private String ask(final String[] words)
    {
        final RaftMember member = member(words[1]);
        final long result = switch (words[0])
        {
            case "propose" -> member.core.propose(RaftLogAccess.COMMAND, InMemoryRaftLog.payload(0, nextNumber++), 0,
                InMemoryRaftLog.PAYLOAD_LENGTH);
            case "config" -> member.core.proposeConfig(kind(words[2]), number(words[3]),
                InMemoryRaftLog.payload(kind(words[2]), number(words[3])), 0, InMemoryRaftLog.PAYLOAD_LENGTH);
            case "read" -> world.readIndex(member, number(words[2]));
            case "transfer" -> member.core.transferLeadership(number(words[2]));
            default -> throw new IllegalArgumentException("unknown statement");
        };
        return switch ((int)result)
        {
            case RaftCore.OK -> "OK";
            case RaftCore.NO_SPACE -> "NO_SPACE";
            case RaftCore.NOT_LEADER -> "NOT_LEADER";
            case RaftCore.TRANSFERRING -> "TRANSFERRING";
            case RaftCore.CONFIG_PENDING -> "CONFIG_PENDING";
            case RaftCore.NOT_READY -> "NOT_READY";
            case RaftCore.BAD_CHANGE -> "BAD_CHANGE";
            case RaftCore.BAD_TRANSFEREE -> "BAD_TRANSFEREE";
            case RaftCore.READS_FULL -> "READS_FULL";
            default -> Long.toString(result);
        };
    }

    private void expect(final String[] words)
    {
        final String expected = String.join(" ", Arrays.asList(words).subList(Math.min(3, words.length), words.length));
        switch (words[1])
        {
            case "sent" -> same("true", Boolean.toString(isQueued(words)));
            case "silent" -> same("false", Boolean.toString(isQueued(words)));
            case "match" -> same(words[4], Long.toString(member(words[2]).core.matchIndex(number(words[3]))));
            case "active" ->
                same(words[4], Boolean.toString(member(words[2]).core.isRecentlyActive(number(words[3]))));
            default -> same(expected, value(words[1], member(words[2])));
        }
    }

    private String value(final String name, final RaftMember member)
    {
        final RaftCore core = member.core;
        return switch (name)
        {
            case "role" -> core.role().name();
            case "term" -> Long.toString(core.term());
            case "vote" -> Long.toString(core.votedFor());
            case "leader" -> Long.toString(core.leaderId());
            case "commit" -> Long.toString(core.commitIndex());
            case "durable" -> Long.toString(core.durableIndex());
            case "ready" -> Boolean.toString(core.isCommittedInTerm());
            case "alone" -> Boolean.toString(core.isAlone());
            case "fresh" -> Boolean.toString(core.isQuorumFresh());
            case "pending" -> Long.toString(core.pendingConfigIndex());
            case "voters" -> list(core.configuration().voters());
            case "learners" -> list(core.configuration().learners());
            case "transfer" -> switch (core.transferState())
            {
                case RaftCore.TRANSFER_PENDING -> "PENDING";
                case RaftCore.TRANSFER_DONE -> "DONE";
                case RaftCore.TRANSFER_TIMED_OUT -> "TIMED_OUT";
                default -> "NONE";
            };
            case "reads" -> String.join(", ", member.reads);
            case "log" -> terms(member.log);
            default -> throw new IllegalArgumentException("unknown expectation");
        };
    }

    private void broken(final String line)
    {
        try
        {
            statement(line);
        }
        catch (final IllegalStateException ex)
        {
            return;
        }
        throw new AssertionError("a broken invariant went unnoticed");
    }

    private void timeout(final RaftMember member)
    {
        final long term = member.core.term();
        final Role role = member.core.role();
        final int queued = world.network.size();
        for (int ms = 0; ms <= 2_500; ms += STEP_MS)
        {
            tick(member, STEP_MS);
            if (member.core.term() != term || member.core.role() != role || world.network.size() > queued)
            {
                return;
            }
        }
        throw new AssertionError("no candidacy");
    }

    private void tick(final RaftMember member, final long ms)
    {
        member.nowNs += ms * MS;
        if (member.isUp())
        {
            member.core.tick(member.nowNs);
            member.core.flush(member.nowNs);
        }
    }

    private void settle()
    {
        for (int i = 0; i < MOST_ROUNDS; i++)
        {
            boolean isQuiet = true;
            for (final RaftMember member : world.members.values())
            {
                isQuiet &= !member.isUp() || !member.hasUnsynced();
                sync(member);
            }
            final List<RaftMessage> batch = new ArrayList<>(world.network);
            world.network.clear();
            batch.forEach(this::deliverUnlessCut);
            if (isQuiet && batch.isEmpty())
            {
                return;
            }
        }
        throw new AssertionError("messages without end");
    }

    private void sync(final RaftMember member)
    {
        if (member.isUp())
        {
            if (member.isSyncingVote)
            {
                member.syncVote();
            }
            if (member.isSyncingLog)
            {
                member.syncLog();
            }
            member.core.flush(member.nowNs);
        }
    }

    private void deliverUnlessCut(final RaftMessage message)
    {
        if (cutLinks.contains(message.from() + ">" + message.to()))
        {
            world.lose(message);
        }
        else
        {
            world.deliver(message);
        }
    }

    /** Removes from the network what a statement names: a link, perhaps a kind. */
    private List<RaftMessage> take(final String[] words)
    {
        final List<RaftMessage> taken = new ArrayList<>();
        for (final RaftMessage message : world.network)
        {
            final boolean isOfLink = words[1].equals("all") || words[1].equals(message.from() + ">" + message.to());
            if (isOfLink && (words.length < 3 || words[2].equals(message.kind())))
            {
                taken.add(message);
            }
        }
        world.network.removeAll(taken);
        if (taken.isEmpty() && !words[0].equals("drop"))
        {
            throw new AssertionError("nothing to " + words[0]);
        }
        return taken;
    }

    private boolean isQueued(final String[] words)
    {
        for (final RaftMessage message : world.network)
        {
            final String[] actual = (message.from() + ">" + message.to() + " " + message.toString()
                .replaceFirst(" \\S+", "")).split(" ");
            boolean isSame = actual.length >= words.length - 2;
            for (int i = 2; isSame && i < words.length; i++)
            {
                isSame = words[i].equals("*") || words[i].equals(actual[i - 2]);
            }
            if (isSame)
            {
                return true;
            }
        }
        return false;
    }

    private RaftMessage message(final String[] words)
    {
        final long from = number(words[2].split(">")[0]);
        final long to = number(words[2].split(">")[1]);
        final LongArrayList values = new LongArrayList();
        final List<RaftMessage.Entry> entries = new ArrayList<>();
        for (int i = 3; i < words.length; i++)
        {
            final String[] parts = words[i].split(":");
            if (parts.length == 2)
            {
                entries.add(new RaftMessage.Entry(number(parts[0]), number(parts[1]), RaftLogAccess.COMMAND,
                    InMemoryRaftLog.payload(0, 0).byteArray()));
            }
            else
            {
                values.addLong(number(words[i]));
            }
        }
        return new RaftMessage(words[1], from, to, values.toLongArray(), entries, null);
    }

    private RaftMember member(final String id)
    {
        return world.members.get(number(id));
    }

    private static long number(final String word)
    {
        return Long.parseLong(word);
    }

    private static int kind(final String word)
    {
        return switch (word)
        {
            case "add-voter" -> ConfigEntryReader.ADD_VOTER;
            case "add-learner" -> ConfigEntryReader.ADD_LEARNER;
            case "promote" -> ConfigEntryReader.PROMOTE;
            case "remove" -> ConfigEntryReader.REMOVE;
            case "update" -> ConfigEntryReader.UPDATE;
            default -> throw new IllegalArgumentException(word);
        };
    }

    private static String list(final LongArrayList ids)
    {
        return String.join(" ", ids.stream().map(String::valueOf).toList());
    }

    private static String terms(final InMemoryRaftLog log)
    {
        final List<String> terms = new ArrayList<>();
        for (long i = log.baseIndex() + 1; i <= log.lastIndex(); i++)
        {
            terms.add(Long.toString(log.termAt(i)));
        }
        return String.join(" ", terms);
    }

    private static void same(final String expected, final String actual)
    {
        if (!expected.equals(actual))
        {
            throw new AssertionError("expected " + expected + " but is " + actual);
        }
    }
}
