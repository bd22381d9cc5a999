package io.tidings.cluster;

import io.tidings.log.raft.Voters;
import io.tidings.log.raft.Voters.Status;
import io.tidings.log.raft.Voters.Voter;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** The voters and the edges of a cluster, and how far they are, as {@code /cluster} shows them. */
public final class VoterList {
  private VoterList() {}

  /**
   * The term, the voters, the edges, and what the voters are being changed to.
   *
   * @param reports by which the names of the nodes are known
   */
  public static JsonObject of(Voters voters, NodeReports reports) {
    Status status = voters.status();
    JsonObject json =
        new JsonObject()
            .put("term", status.term())
            .put("index", status.committed())
            .put("voters", list(voters.voters(), status, reports))
            .put("edges", list(voters.edges(), status, reports));
    if (!status.target().isEmpty()) {
      json.put("changing", new JsonArray(status.target()));
    }
    voters.outside().ifPresent(reason -> json.put("outside", reason));
    return json;
  }

  private static JsonArray list(List<Voter> nodes, Status status, NodeReports reports) {
    var list = new JsonArray();
    for (Voter node : nodes) {
      JsonObject one =
          new JsonObject()
              .put("address", node.id())
              .put("name", reports.name(node))
              .put("leader", node.leader())
              .put("answers", !reports.isGone(node));
      Long committed = status.commits().get(node.id());
      list.add(
          committed == null ? one : one.put("behind", Math.max(0, status.committed() - committed)));
    }
    return list;
  }
}
