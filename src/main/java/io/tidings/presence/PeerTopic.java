package io.tidings.presence;

import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Who is present at a topic by the streams of another node, as far as that has told. What was told
 * before is valid until everything was told anew.
 */
final class PeerTopic {
  private Map<MemberKey, Member> members = new HashMap<>();

  /** What is told anew, until that is complete; else null. */
  private Map<MemberKey, Member> coming;

  private int anonymous;
  private long cursor;
  private long base;

  /** Whether the last answer was all that there was to tell. */
  private boolean complete;

  private boolean told;
  private long changes;

  /** What to ask for. */
  Exchange.Asked question(String topic) {
    return new Exchange.Asked(topic, cursor, base);
  }

  /** Whether nothing was told of the node's present life. */
  boolean untold() {
    return base == 0;
  }

  /** The node has begun another life: everything will be told anew. */
  void restart() {
    cursor = 0;
    base = 0;
    complete = false;
    coming = null;
  }

  /** Nothing has changed; if nothing was told before, nobody is present. */
  void unchanged() {
    if (untold() && !(told && members.isEmpty() && anonymous == 0)) {
      members.clear();
      anonymous = 0;
      changes++;
    }
    complete = true;
    told = true;
  }

  /** Takes a part of an answer. */
  void apply(JsonObject topic) {
    if (topic.getBoolean(Exchange.RESET)) {
      coming = new HashMap<>();
    }
    Map<MemberKey, Member> to = coming == null ? members : coming;
    for (Object each : topic.getJsonArray(Exchange.MEMBERS)) {
      JsonObject member = (JsonObject) each;
      if (Member.isGone(member)) {
        to.remove(Member.key(member));
      } else {
        to.put(Member.key(member), Member.read(member));
      }
    }
    cursor = topic.getLong(Exchange.CURSOR);
    base = topic.getLong(Exchange.BASE);
    complete = !topic.getBoolean(Exchange.MORE);
    if (complete) {
      members = to;
      anonymous = topic.getInteger(Exchange.ANONYMOUS);
      coming = null;
      told = true;
    }
    changes++;
  }

  /** Whether the last answer was all that there was to tell. */
  boolean complete() {
    return complete;
  }

  /** Whether everything was told at least once. */
  boolean told() {
    return told;
  }

  /** Changes whenever anything of it does. */
  long changes() {
    return changes;
  }

  int anonymous() {
    return anonymous;
  }

  Collection<Member> members() {
    return members.values();
  }
}
