package io.tidings.log.raft;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * What a node of a cluster tells another one that asks before it takes part, or because it hears of
 * no leader.
 *
 * @param epoch of the cluster's log; 0 if that has not begun
 * @param index of the configuration that the node knows
 * @param changing whether it is one of two in a change that is not complete
 * @param led whether the node votes and has a leader; of a version that does not say, it has one
 * @param voters by that configuration, or by both
 * @param edges by that configuration
 * @param life of the one who asks, as the replicated state has it; empty if it has none
 * @param match the index up to which the one who asks has stored the Raft log, if the node leads
 *     and has heard that; otherwise -1
 * @param kinds of commands; {@link Command#ASSUMED_KIND} of a version that does not say
 */
record ClusterFacts(
    long epoch,
    long index,
    boolean changing,
    boolean led,
    List<String> voters,
    List<String> edges,
    String life,
    long match,
    Kinds kinds) {
  private static final String KNOWN_KIND = "knownKind";
  private static final String REQUIRED_KIND = "requiredKind";

  /**
   * The kinds of commands.
   *
   * @param known the highest that the node knows
   * @param required the highest that a node must know to have this one's state
   */
  record Kinds(int known, int required) {}

  ClusterFacts {
    voters = List.copyOf(voters);
    edges = List.copyOf(edges);
  }

  String encode() {
    return new JsonObject()
        .put("epoch", Long.toString(epoch))
        .put("index", index)
        .put("changing", changing)
        .put("led", led)
        .put("voters", new JsonArray(voters))
        .put("edges", new JsonArray(edges))
        .put("life", life)
        .put("match", match)
        .put(KNOWN_KIND, kinds.known)
        .put(REQUIRED_KIND, kinds.required)
        .encode();
  }

  /** Empty for what is no such answer, as of a node of another version. */
  static Optional<ClusterFacts> decode(String text) {
    try {
      var json = new JsonObject(text);
      return Optional.of(
          new ClusterFacts(
              Long.parseLong(json.getString("epoch")),
              json.getLong("index"),
              json.getBoolean("changing", false), // not of older versions
              json.getBoolean("led", true),
              texts(json.getJsonArray("voters")),
              texts(json.getJsonArray("edges", new JsonArray())), // not of older versions
              json.getString("life"),
              json.getLong("match"),
              new Kinds(
                  json.getInteger(KNOWN_KIND, Command.ASSUMED_KIND),
                  json.getInteger(REQUIRED_KIND, Command.ASSUMED_KIND))));
    } catch (DecodeException
        | ClassCastException
        | NullPointerException
        | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static List<String> texts(JsonArray array) {
    return array.stream().map(String.class::cast).toList();
  }
}
