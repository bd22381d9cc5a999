package io.tidings.log.raft;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * A change of the voters or the edges, as the leader that makes it tells others.
 *
 * @param id by which they ask
 * @param state how far it is
 * @param reason why it failed; empty otherwise
 */
record VoterChange(String id, State state, String reason) {
  enum State {
    RUNNING,
    DONE,
    /** Another node leads, which is to make the change. */
    MOVED,
    /** Nothing was changed. */
    REFUSED,
    /** It is not known whether, or what of it, was changed. */
    UNKNOWN
  }

  VoterChange with(State newState, String why) {
    return new VoterChange(id, newState, why);
  }

  String encode() {
    return new JsonObject().put("id", id).put("state", state.name()).put("reason", reason).encode();
  }

  /** Empty for what is no such text, as of a node of another version. */
  static Optional<VoterChange> decode(String text) {
    try {
      var json = new JsonObject(text);
      return Optional.of(
          new VoterChange(
              json.getString("id"),
              State.valueOf(json.getString("state")),
              json.getString("reason")));
    } catch (DecodeException
        | ClassCastException
        | NullPointerException
        | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
