package dev.quorate.core.sim;

import dev.quorate.core.mutant.Edit;
import dev.quorate.core.mutant.MutantLoader;

import java.io.IOException;
import java.util.List;

/**
 * A bug that is planted into a copy of the production code to see whether the simulation finds it.
 *
 * @param name      of the bug.
 * @param source    file below the sources of {@code core}'s base package.
 * @param from      text of the production code, once in the file.
 * @param to        text with the bug.
 * @param rules     by any of which it may be found.
 * @param firstSeed to begin with: shortly before the one that finds it, if few do.
 * @param isOfPair  true if it shows when a pair shrinks to one member and grows again.
 */
record PlantedBug(
    String name, String source, String from, String to, List<String> rules, long firstSeed, boolean isOfPair)
{
    /** The last seed by which each bug must be found. */
    static final long SEEDS = 60;

    /** The bugs that the simulation must find. */
    static final List<PlantedBug> ALL = List.of(
        new PlantedBug(
            "answer before sync",
            "log/LogSyncAgent.java",
            "        targetPosition = appended;\n",
            "        targetPosition = appended;\n        positions.durable(appended);\n" +
                "        consensusSignal.signal();\n",
            List.of("R8", "R21", "D1", "D2")),
        new PlantedBug(
            "vote not persisted",
            "raft/TermAndVote.java",
            "        output.persistTermAndVote(sequence, term, votedFor);\n",
            "        output.persistTermAndVote(sequence, term, votedFor);\n        durableSequence = sequence;\n",
            List.of("R1", "R9")),
        new PlantedBug(
            "commit of an entry of an older term",
            "raft/Replication.java",
            "index > state.commitIndex() && log.termAt(index) == state.term() ? index",
            "index > state.commitIndex() ? index",
            List.of("R10")),
        new PlantedBug(
            "read without a quorum round",
            "raft/Leader.java",
            "            reads.begin(contact.beginRound(), state.commitIndex());\n        }\n" +
                "        reads.onQuorum(peers.quorumRound(contact.round()));\n",
            "            reads.begin(contact.beginRound(), state.commitIndex());\n        }\n" +
                "        reads.onQuorum(contact.round());\n",
            List.of("K3", "K4", "R13", "L3", "L4")).startingAt(21),
        new PlantedBug(
            "durable position kept across a cut",
            "raft/RaftState.java",
            "        durableIndex = Math.min(durableIndex, fromIndex - 1);\n",
            "",
            List.of("R21", "R8")),
        new PlantedBug(
            "result delivered across boots",
            "machine/StateMachine.java",
            "proposal.memberId() == context.memberId() && proposal.bootId() == context.bootId()",
            "proposal.memberId() == context.memberId()",
            List.of("D1", "D4", "K1", "K2", "K3", "L4", "HALT")),
        new PlantedBug(
            "tombstone dropped early",
            "store/Rewriter.java",
            "            if (!source.isDead(ordinal))\n",
            "            if (!source.isDead(ordinal) && RecordDescriptor.TOMBSTONE !=\n" +
                "                RecordDescriptor.kind(source.mapped, source.segment.offsetOf(ordinal)))\n",
            List.of("K1", "K3", "K7", "K8", "S1", "W5", "HALT")),
        new PlantedBug(
            "apply beyond commit at restart",
            "node/Node.java",
            "Math.min(Math.max(log.commitIndex(), appliedIndex), log.lastIndex())",
            "log.lastIndex()",
            List.of("R4", "R5", "R8", "R9", "R11", "R12", "D4", "HALT")),
        new PlantedBug(
            "revoke by a leader that was paused",
            "node/ConsensusAgent.java",
            "            leases.fence();\n",
            "",
            List.of("L3")).startingAt(23),
        new PlantedBug(
            "lost command proposed again before a later term is applied",
            "session/LostCommands.java",
            "appliedTerm >= placedBeforeTerm",
            "placedBeforeTerm != Long.MAX_VALUE",
            List.of("K5")),
        new PlantedBug(
            "watch resumed off by one",
            "watch/WatchAgent.java",
            "0 == startRevision ? visible + 1 : startRevision;",
            "0 == startRevision ? visible + 1 : startRevision + 1;",
            List.of("W3", "W5")),
        new PlantedBug(
            "configuration kept across a snapshot",
            "node/SnapshotDesk.java",
            "handover.sink().term(), installedConfiguration.get());",
            "handover.sink().term(), raft.configuration());",
            List.of("R16", "R17", "R18", "R8", "LIVENESS", "HALT")),
        new PlantedBug(
            "watch goes on behind a snapshot",
            "watch/Registry.java",
            "            watcher.cursor(Math.max(watcher.cursor, oldFollowed + 1));\n",
            "            watcher.cursor(Math.max(watcher.cursor, newFollowed + 1));\n",
            List.of("W5")).startingAt(22),
        new PlantedBug(
            "boot that ended is heard",
            "peer/PeerRegistry.java",
            "message.bootId() < peer.bootId ||",
            "message.bootId() < 0 ||",
            List.of("R19")),
        new PlantedBug(
            "message for another member is heard",
            "peer/PeerReceiver.java",
            "!= self && !isForeign",
            "!= self && isForeign",
            List.of("R19")),
        new PlantedBug(
            "acknowledgement beyond the end of the log is believed",
            "raft/Replication.java",
            "if (index < 0 || index > log.lastIndex())",
            "if (index < 0)",
            List.of("R19", "R8", "R12", "HALT")),
        new PlantedBug(
            "credit of a window leaks",
            "raft/InFlight.java",
            "            bytes -= lengths[head];\n",
            "            bytes -= count > 1 ? 0 : lengths[head];\n",
            List.of("R20")),
        new PlantedBug(
            "room of a call that timed out leaks",
            "session/Calls.java",
            "        waiting -= call.isWaiting ? 1 : 0;\n",
            "        waiting -= call.isWaiting && timerId != Timeouts.NONE ? 1 : 0;\n",
            List.of("R20")),
        new PlantedBug(
            "checksum of entries not checked by recovery",
            "log/FrameScanner.java",
            "            entryCrc == checksums.entry(segment, at, payloadLength) &&\n",
            "",
            List.of("D6", "D2", "R3", "R5", "S1", "HALT")),
        new PlantedBug(
            "checksum of records not checked",
            "store/RecordReader.java",
            "RecordDescriptor.lp(frames, at) == lp &&\n" +
                "            RecordDescriptor.crc(frames, at) == crc.ofFrame(frames, at, length);",
            "RecordDescriptor.lp(frames, at) == lp;",
            List.of("S1", "K1", "K3", "K7", "K8", "W4", "D2", "HALT")).startingAt(20),
        new PlantedBug(
            "damage of the log is cut as a torn end",
            "log/LogRecovery.java",
            "        if (scanner.watermark() > scanner.position())\n",
            "        if (scanner.watermark() < 0)\n",
            List.of("D2", "R8", "R9", "HALT")).startingAt(67),
        new PlantedBug(
            "reads stay local when a second voter was added",
            "node/LocalReads.java",
            "            state.set(NodeState.Value.READS_ALONE, 0);\n",
            "",
            List.of("K3", "K4", "R13", "L3", "L4")).inPairs(),
        new PlantedBug(
            "entries of an append carry the bytes of the first",
            "peer/PeerReceiver.java",
            "                offset + EntryDescriptor.PAYLOAD_OFFSET,\n",
            "                EntryDescriptor.PAYLOAD_OFFSET,\n",
            List.of("R3")),
        new PlantedBug(
            "trial raises the term of who is asked",
            "raft/RaftCore.java",
            "                election.answerPreVote(from, term, lastLogIndex, lastLogTerm);\n",
            "                follow(Math.max(term, state.term()), 0, 0);\n" +
                "                election.answerPreVote(from, term + 1, lastLogIndex, lastLogTerm);\n",
            List.of("R15")),
        new PlantedBug(
            "vote though a leader is heard",
            "raft/RaftCore.java",
            "        else if (isTransfer || !election.isSticky())\n",
            "        else\n",
            List.of("R15")),
        new PlantedBug(
            "leader without a quorum leads on",
            "raft/Leader.java",
            "        return !contact.isQuorumLost();\n",
            "        return true;\n",
            List.of("R15")),
        new PlantedBug(
            "leader that was removed leads on",
            "raft/Leader.java",
            "        if (state.isVoter() || state.configs.pendingIndex() != 0)\n",
            "        if (state.isVoter() || state.role() == Role.LEADER)\n",
            List.of("R17")),
        new PlantedBug(
            "some results are told as refusals",
            "session/LoopSession.java",
            "            if (!Calls.endedBy(call, part.error()))\n",
            "            if (!Calls.endedBy(call, 63 == (correlationId & 63) ?\n" +
                "                dev.quorate.core.api.EtcdError.TOO_MANY_REQUESTS : part.error()))\n",
            List.of("K6")),
        new PlantedBug(
            "read of the past shows the present",
            "session/RangeTask.java",
            "        if (revision <= 0)\n        {\n            reader.pinLatest();\n",
            "        if (revision <= 0 || StateReader.OK == reader.pinAt(revision))\n        {\n" +
                "            reader.unpin();\n            reader.pinLatest();\n",
            List.of("K8")),
        new PlantedBug(
            "events of a revision in two responses",
            "watch/Delivery.java",
            "            watcher.stagedCount == watcher.stream.port.maxEventsPerMessage;\n" +
                "        if (isSendDue && !send(watcher, headerRevision, !isNewRevision))\n",
            "            watcher.stagedCount > 0;\n" +
                "        if (isSendDue && !send(watcher, headerRevision, false))\n",
            List.of("W4")),
        new PlantedBug(
            "watch at the revision of a compaction is cancelled",
            "watch/Registry.java",
            "        if (watcher.cursor < compactRevision)\n        {\n            overtake(watcher);\n        }\n" +
                "        else if (watcher.cursor <= visibleRevision)\n",
            "        if (watcher.cursor <= compactRevision)\n        {\n            overtake(watcher);\n        }\n" +
                "        else if (watcher.cursor <= visibleRevision)\n",
            List.of("W10")),
        new PlantedBug(
            "renewal leaves the deadline of a lease",
            "lease/LeaseClock.java",
            "        deadlineNs[slot] = saturatedAdd(nowNs, ttlNs[slot]);\n        renewedCount++;\n",
            "        renewedCount++;\n",
            List.of("L1")),
        new PlantedBug(
            "lease is told to be gone while there is no leader",
            "session/KeepAlive.java",
            "            stream.retryLater(this);\n            return;\n        }\n" +
                "        if (error != EtcdError.NONE)\n",
            "            isAnswered = true;\n            stream.onAnswered(this);\n            return;\n        }\n" +
                "        if (error != EtcdError.NONE)\n",
            List.of("L4")),
        new PlantedBug(
            "segment whose name a power cut takes back",
            "log/SegmentSupplier.java",
            "        disk.syncDirectory(directory);\n        final LogSegment spare",
            "        final LogSegment spare",
            List.of("R21", "R8", "D2")),
        new PlantedBug(
            "header names the leader instead of the member",
            "session/Headers.java",
            "        writer.varint(2, memberId);\n",
            "        writer.varint(2, nodeState.get(NodeState.Value.LEADER_ID));\n",
            List.of("K9")));

    /** A bug that the first seed may find already. */
    PlantedBug(
        final String name, final String source, final String from, final String to, final List<String> rules)
    {
        this(name, source, from, to, rules, 1, false);
    }

    /** The same bug, looked for from another seed on. */
    private PlantedBug startingAt(final long seed)
    {
        return new PlantedBug(name, source, from, to, rules, seed, false);
    }

    /** The same bug, looked for in runs of a pair. */
    private PlantedBug inPairs()
    {
        return new PlantedBug(name, source, from, to, rules, firstSeed, true);
    }

    /**
     * @return a loader of the code that has the bug.
     * @throws IOException if the source cannot be read.
     */
    MutantLoader plant() throws IOException
    {
        return MutantLoader.of(List.of(new Edit(source, from, to)));
    }
}
