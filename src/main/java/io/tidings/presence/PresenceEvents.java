package io.tidings.presence;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.function.Function;

/**
 * The data of {@code hub.presence}: the state of a topic, or what has changed since the previous
 * event; with names only for those who may see them. What does not fit is left out, and {@code
 * more} says so.
 */
final class PresenceEvents {
  /** Some clients accept no line of more than 8 KB. */
  private static final int MAX_BYTES = 6_000;

  private static final String MORE = "more";

  private PresenceEvents() {}

  /** The state, to which the next changes apply. */
  static String state(TopicState state, boolean names) {
    JsonObject json = state.counts();
    if (names) {
      put(json, "members", state.longestFirst(), Member::json, MAX_BYTES);
    }
    return json.encode();
  }

  /** What has changed; for those without the right to see names, the counts again. */
  static String change(TopicState before, TopicState now, boolean names) {
    JsonObject json = now.counts();
    if (names) {
      int rest = put(json, "joined", now.joinedSince(before), Member::json, MAX_BYTES);
      put(json, "left", now.leftSince(before), member -> Member.json(member.key()), rest);
    }
    return json.encode();
  }

  /**
   * Puts as many as fit.
   *
   * @return the bytes that are left
   */
  private static int put(
      JsonObject json,
      String name,
      Collection<Member> members,
      Function<Member, JsonObject> form,
      int bytes) {
    var array = new JsonArray();
    int rest = bytes;
    for (Member member : members) {
      JsonObject one = form.apply(member);
      rest -= one.toBuffer().length() + 1;
      if (rest < 0) {
        json.put(MORE, true);
        break;
      }
      array.add(one);
    }
    json.put(name, array);
    return Math.max(0, rest);
  }
}
