package io.tidings.cluster;

import io.tidings.log.raft.Voters;
import io.tidings.log.raft.Voters.Status;
import io.tidings.log.raft.Voters.Voter;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The voters of a cluster, and how far they are, as {@code /cluster} shows them. */
public final class VoterList {
  private VoterList() {}

  /**
   * The term, the voters, and what they are being changed to.
   *
   * @param reports by which the names of the nodes are known
   */
  public static JsonObject of(Voters voters, NodeReports reports) {
    Status status = voters.status();
    var list = new JsonArray();
    for (Voter voter : voters.voters()) {
      JsonObject one =
          new JsonObject()
              .put("address", voter.id())
              .put("name", reports.name(voter))
              .put("leader", voter.leader())
              .put("answers", !reports.isGone(voter));
      Long committed = status.commits().get(voter.id());
      list.add(
          committed == null ? one : one.put("behind", Math.max(0, status.committed() - committed)));
    }
    JsonObject json =
        new JsonObject()
            .put("term", status.term())
            .put("index", status.committed())
            .put("voters", list);
    if (!status.target().isEmpty()) {
      json.put("changing", new JsonArray(status.target()));
    }
    voters.outside().ifPresent(reason -> json.put("outside", reason));
    return json;
  }
}
