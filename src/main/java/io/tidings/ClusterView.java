package io.tidings;

import io.tidings.cluster.AllNodes;
import io.tidings.cluster.NodeReports;
import io.tidings.cluster.NodeRequests;
import io.tidings.cluster.VoterList;
import io.tidings.http.Readiness;
import io.tidings.log.raft.Voters;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.tidings.settings.Settings.Role;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;

/**
 * This node and the others of its cluster, as it knows them: for {@code /cluster}, and for requests
 * that concern all nodes. A hub alone is a cluster of itself. Any thread.
 */
final class ClusterView {
  private final Settings settings;
  private final NodeStats own;
  private final IntSupplier port;
  private final Optional<Voters> voters;
  private final Optional<NodeReports> reports;
  private final AllNodes nodes;

  private volatile Runnable stopReports = () -> {};

  /**
   * @param own the statistics of this node
   * @param port that of its server; 0 while it has none
   */
  ClusterView(Settings settings, LogFactory.OpenLog opened, NodeStats own, IntSupplier port) {
    this.settings = settings;
    this.own = own;
    this.port = port;
    this.voters = opened.voters();
    Optional<NodeRequests> requests = voters.map(NodeRequests::new);
    this.reports =
        requests.map(
            all ->
                new NodeReports(
                    voters.get(), all, NodeName.of(settings), this::stats, System::nanoTime));
    Optional<AllNodes.Others> cluster =
        reports.map(all -> new AllNodes.Cluster(voters.get(), requests.get(), all));
    this.nodes =
        new AllNodes(
            name(),
            cluster.or(
                () -> opened.hubs().map(hubs -> new AllNodes.Hubs(hubs, new NodeRequests(hubs)))));
  }

  /** The voters and edges of the cluster, if this node is one of them. */
  Optional<Voters> voters() {
    return voters;
  }

  /** For requests that concern all nodes. */
  AllNodes nodes() {
    return nodes;
  }

  /** Begins to tell the other nodes of this one, and to count them. */
  void start(Vertx vertx, Metrics metrics, Readiness readiness) {
    voters.ifPresent(all -> readiness.outside(() -> all.fetching().or(all::outside)));
    reports.ifPresent(
        all -> {
          metrics.cluster(all::connected, all::voters, all::edges);
          stopReports = all.start(vertx);
        });
  }

  void stop() {
    stopReports.run();
  }

  /** One line about the cluster, if this node is one of it. */
  Optional<String> report() {
    return voters.map(
        all ->
            settings.cluster().name()
                + ", voters "
                + all.voters().size()
                + ": "
                + all.voters().stream()
                    .map(voter -> voter.id() + (voter.self() ? " (this one)" : ""))
                    .collect(Collectors.joining(", "))
                + (settings.role() == Role.EDGE ? "; this is the edge " + edge(all) : ""));
  }

  private static String edge(Voters all) {
    return all.edges().stream()
        .filter(Voters.Voter::self)
        .map(Voters.Voter::id)
        .findFirst()
        .orElseThrow();
  }

  /** The statistics of all nodes, as served at {@code /cluster}. */
  JsonObject status() {
    return new JsonObject()
        .put("cluster", voters.map(all -> settings.cluster().name()).orElse(null))
        .put("quorum", voters.map(Voters::connected).orElse(true))
        .put("raft", reports.map(all -> VoterList.of(voters.get(), all)).orElse(null))
        .put("nodes", everyNode())
        .put("gone", reports.map(NodeReports::gone).orElseGet(JsonArray::new));
  }

  private JsonArray everyNode() {
    return reports
        .map(NodeReports::nodes)
        .map(this::withOwn)
        .orElseGet(() -> new JsonArray().add(ownNode()));
  }

  /** A node that is not a voter yet, and receives the log, is none of the nodes of its cluster. */
  private JsonArray withOwn(JsonArray others) {
    boolean listed =
        others.stream().anyMatch(node -> ((JsonObject) node).getBoolean("self", false));
    return listed ? others : others.add(ownNode().put("hub", true).put("leader", false));
  }

  private JsonObject ownNode() {
    return stats().put("name", name()).put("self", true);
  }

  /** The statistics of this node, with its HTTP address. */
  private JsonObject stats() {
    return own.now().put("http", settings.http().host() + ":" + port.getAsInt());
  }

  /** This node's name, if there may be others. */
  String name() {
    boolean others = LogFactory.isShared(settings) || settings.cluster().hasBus();
    return others ? NodeName.of(settings) : "alone";
  }
}
