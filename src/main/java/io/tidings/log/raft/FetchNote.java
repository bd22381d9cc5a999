package io.tidings.log.raft;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * What a node that fetches the log, or waits to be added, tells the others again and again.
 *
 * @param node its address
 * @param index the commands up to this one are in what it has; negative if it has nothing
 * @param progress how far it is, in a few words; empty if it fetches nothing
 */
record FetchNote(String node, long index, String progress) {
  String encode() {
    return new JsonObject()
        .put("node", node)
        .put("index", index)
        .put("progress", progress)
        .encode();
  }

  static Optional<FetchNote> decode(String text) {
    try {
      var json = new JsonObject(text);
      return Optional.of(
          new FetchNote(json.getString("node"), json.getLong("index"), json.getString("progress")));
    } catch (DecodeException | ClassCastException | NullPointerException e) {
      return Optional.empty();
    }
  }

  /**
   * What the other node answers.
   *
   * @param first the first index of its Raft log; 0 if that has its begin
   * @param leads whether it leads
   * @param state the index of its newest saved state; negative for none
   */
  record Answer(long first, boolean leads, long state) {
    String encode() {
      return new JsonObject().put("first", first).put("leads", leads).put("state", state).encode();
    }

    static Optional<Answer> decode(String text) {
      try {
        var json = new JsonObject(text);
        return Optional.of(
            new Answer(json.getLong("first"), json.getBoolean("leads"), json.getLong("state")));
      } catch (DecodeException | ClassCastException | NullPointerException e) {
        return Optional.empty();
      }
    }
  }
}
