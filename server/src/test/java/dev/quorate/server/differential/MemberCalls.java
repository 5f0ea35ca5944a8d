package dev.quorate.server.differential;

import dev.quorate.gateway.proto.etcdserverpb.ClusterGrpc;
import dev.quorate.gateway.proto.etcdserverpb.MemberAddRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberAddResponse;
import dev.quorate.gateway.proto.etcdserverpb.MemberListRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberListResponse;
import dev.quorate.gateway.proto.etcdserverpb.MemberPromoteRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberRemoveRequest;
import dev.quorate.gateway.proto.etcdserverpb.MemberUpdateRequest;
import dev.quorate.gateway.proto.etcdserverpb.MoveLeaderRequest;
import dev.quorate.gateway.proto.etcdserverpb.MaintenanceGrpc;

import java.util.List;
import java.util.Random;

/**
 * Random requests of service Cluster to a cluster of one voter, with at most one learner that never starts. A second
 * voter would take the quorum with it.
 */
final class MemberCalls
{
    private static final long UNKNOWN_MEMBER = 4_711;
    private static final String TAKEN_URL = "http://localhost:2380";
    private static final String[] UNUSUAL_URLS = {
        "", "localhost:2380", "http://localhost", "http://localhost:2380/path", "ftp://localhost:1", "http://:x",
        "http://[::1", "http://user@host:1/", "%zz", "http://localhost:2381,http://localhost:2382"};

    private final Random random;
    private final Comparison comparison;
    private int port = 10_000;
    private long learnerOfEtcd;
    private long learnerOfQuorate;
    private List<String> urlsOfLearner = List.of();

    MemberCalls(final Random random, final Comparison comparison)
    {
        this.random = random;
        this.comparison = comparison;
    }

    void step()
    {
        switch (random.nextInt(12))
        {
            case 0, 1 -> addLearner();
            case 2 -> addWrong();
            case 3, 4 -> removeLearner();
            case 5, 6 -> updateLearner();
            case 7 -> promoteLearner();
            case 8 -> self();
            case 9 -> unknown();
            default -> list();
        }
    }

    private void addLearner()
    {
        final MemberAddRequest.Builder add = MemberAddRequest.newBuilder().setIsLearner(true);
        switch (random.nextInt(4))
        {
            case 0 -> add.addPeerURLs(url()).addPeerURLs(url());
            case 1 -> add.addPeerURLs(" " + url() + "\t");
            case 2 -> add.addPeerURLs(url().replace("http", "HTTP"));
            default -> add.addPeerURLs(url());
        }
        if (!urlsOfLearner.isEmpty() && random.nextBoolean())
        {
            add.addAllPeerURLs(urlsOfLearner);
        }
        final MemberAddRequest request = add.build();
        final Outcome first = comparison.etcd().call(ClusterGrpc.getMemberAddMethod(), request).join();
        final Outcome second = comparison.quorate().call(ClusterGrpc.getMemberAddMethod(), request).join();
        comparison.compare("MemberAdd", request, first, second);
        if (first.isOk())
        {
            final var added = ((MemberAddResponse)first.message()).getMember();
            urlsOfLearner = added.getPeerURLsList();
            learnerOfEtcd = added.getID();
            learnerOfQuorate = ((MemberAddResponse)second.message()).getMember().getID();
        }
    }

    private void addWrong()
    {
        final boolean isTaken = random.nextBoolean();
        comparison.call(ClusterGrpc.getMemberAddMethod(), MemberAddRequest.newBuilder()
            .addPeerURLs(isTaken ? TAKEN_URL : UNUSUAL_URLS[random.nextInt(UNUSUAL_URLS.length)])
            .setIsLearner(random.nextBoolean()).build());
    }

    private void removeLearner()
    {
        final Outcome outcome = comparison.call(
            ClusterGrpc.getMemberRemoveMethod(),
            MemberRemoveRequest.newBuilder().setID(learnerOfEtcd).build(),
            MemberRemoveRequest.newBuilder().setID(learnerOfQuorate).build());
        if (outcome.isOk())
        {
            // its id is gone for ever, and is asked about again
            urlsOfLearner = List.of();
        }
    }

    /** One that is there never gets other URLs: etcd 3.5 would make a voter of it. */
    private void updateLearner()
    {
        final boolean isGone = urlsOfLearner.isEmpty() && random.nextBoolean();
        final String url = isGone ? url() : TAKEN_URL;
        comparison.call(
            ClusterGrpc.getMemberUpdateMethod(),
            MemberUpdateRequest.newBuilder().setID(learnerOfEtcd).addPeerURLs(url).build(),
            MemberUpdateRequest.newBuilder().setID(learnerOfQuorate).addPeerURLs(url).build());
    }

    private void promoteLearner()
    {
        comparison.call(
            ClusterGrpc.getMemberPromoteMethod(),
            MemberPromoteRequest.newBuilder().setID(learnerOfEtcd).build(),
            MemberPromoteRequest.newBuilder().setID(learnerOfQuorate).build());
        comparison.call(
            MaintenanceGrpc.getMoveLeaderMethod(),
            MoveLeaderRequest.newBuilder().setTargetID(learnerOfEtcd).build(),
            MoveLeaderRequest.newBuilder().setTargetID(learnerOfQuorate).build());
    }

    private void self()
    {
        final long self = ((MemberListResponse)list().message()).getHeader().getMemberId();
        switch (random.nextInt(5))
        {
            case 0 -> comparison.call(
                ClusterGrpc.getMemberRemoveMethod(), MemberRemoveRequest.newBuilder().setID(self).build());
            case 1 -> comparison.call(
                ClusterGrpc.getMemberPromoteMethod(), MemberPromoteRequest.newBuilder().setID(self).build());
            case 2 -> comparison.call(ClusterGrpc.getMemberUpdateMethod(), MemberUpdateRequest.newBuilder()
                .setID(self).addPeerURLs(url()).addPeerURLs("%zz").addPeerURLs(TAKEN_URL).build());
            case 3 -> comparison.call(ClusterGrpc.getMemberUpdateMethod(), MemberUpdateRequest.newBuilder()
                .setID(self).addPeerURLs(TAKEN_URL).addAllPeerURLs(urlsOfLearner).build());
            default -> comparison.call(
                MaintenanceGrpc.getMoveLeaderMethod(), MoveLeaderRequest.newBuilder().setTargetID(self).build());
        }
    }

    private void unknown()
    {
        final long id = random.nextBoolean() ? UNKNOWN_MEMBER : Model.extreme(random);
        switch (random.nextInt(4))
        {
            case 0 -> comparison.call(
                ClusterGrpc.getMemberRemoveMethod(), MemberRemoveRequest.newBuilder().setID(id).build());
            case 1 -> comparison.call(
                ClusterGrpc.getMemberPromoteMethod(), MemberPromoteRequest.newBuilder().setID(id).build());
            case 2 -> comparison.call(ClusterGrpc.getMemberUpdateMethod(), MemberUpdateRequest.newBuilder()
                .setID(id).addPeerURLs("http://localhost:2390").build());
            default -> comparison.call(
                MaintenanceGrpc.getMoveLeaderMethod(), MoveLeaderRequest.newBuilder().setTargetID(id).build());
        }
    }

    private Outcome list()
    {
        return comparison.call(ClusterGrpc.getMemberListMethod(), MemberListRequest.newBuilder()
            .setLinearizable(random.nextBoolean()).build());
    }

    /** Never the same again: the id of a member depends on its URLs and the second. */
    private String url()
    {
        return "http://127.0.0.1:" + port++;
    }
}
