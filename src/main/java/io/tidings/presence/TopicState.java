package io.tidings.presence;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who is present at a topic, at all nodes, at one moment.
 *
 * @param members by their keys
 * @param anonymous the streams without a token
 * @param missing the names of the nodes whose streams are not, or not all, among them
 */
public record TopicState(
    String topic, Map<MemberKey, Member> members, int anonymous, List<String> missing) {
  private static final String MEMBERS = "members";

  /** The longest there are first, so that the first of many stay the same. */
  private static final Comparator<Member> BY_TIME =
      Comparator.comparing(Member::since)
          .thenComparing(member -> member.key().subject())
          .thenComparing(member -> member.key().issuer());

  /** Adds what several nodes know. */
  static TopicState merged(
      String topic,
      Iterable<Member> own,
      int anonymous,
      List<PeerTopic> others,
      List<String> missing) {
    Map<MemberKey, Member> members = new HashMap<>();
    own.forEach(member -> members.put(member.key(), member));
    int sum = anonymous;
    for (PeerTopic other : others) {
      other.members().forEach(member -> members.merge(member.key(), member, Member::and));
      sum += other.anonymous();
    }
    return new TopicState(topic, members, sum, missing);
  }

  /** The counts: {@code count} is that of the members, and of streams without a token. */
  JsonObject counts() {
    var json =
        new JsonObject()
            .put("topic", topic)
            .put("count", members.size() + anonymous)
            .put("principals", members.size())
            .put("anonymous", anonymous);
    return missing.isEmpty() ? json : json.put("missing", new JsonArray(missing));
  }

  /**
   * The document of a request.
   *
   * @param limit how many members at most, those that have been there longest; 0 for the counts
   *     alone
   */
  public JsonObject json(int limit) {
    JsonObject json = counts().put("missing", new JsonArray(missing));
    if (limit > 0) {
      var array = new JsonArray();
      members.values().stream()
          .sorted(BY_TIME)
          .limit(limit)
          .forEach(member -> array.add(member.json()));
      json.put(MEMBERS, array).put("more", array.size() < members.size());
    }
    return json;
  }

  /** Whether a client would be told the same of both. */
  boolean looksLike(TopicState other) {
    return anonymous == other.anonymous
        && missing.equals(other.missing)
        && members.keySet().equals(other.members.keySet())
        && joinedSince(other).isEmpty();
  }

  /** The members that were not there before, or had another payload. */
  Collection<Member> joinedSince(TopicState before) {
    var joined = new ArrayList<Member>();
    members.forEach(
        (key, member) -> {
          Member was = before.members.get(key);
          if (was == null || !was.payload().equals(member.payload())) {
            joined.add(member);
          }
        });
    joined.sort(BY_TIME);
    return joined;
  }

  /** The members that were there before. */
  Collection<Member> leftSince(TopicState before) {
    return before.members.values().stream()
        .filter(member -> !members.containsKey(member.key()))
        .sorted(BY_TIME)
        .toList();
  }

  /** All members, the longest there first. */
  Collection<Member> longestFirst() {
    return members.values().stream().sorted(BY_TIME).toList();
  }
}
