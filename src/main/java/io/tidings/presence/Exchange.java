package io.tidings.presence;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;

/**
 * What nodes tell each other about who is present: questions by topic and version, and answers with
 * the changes since then. A topic that is not in an answer, but counted as answered, has not
 * changed. An answer has a bounded size, and what is left out is asked for again.
 */
final class Exchange {
  static final String WORD = "presence";

  static final String LIFE = "life";
  static final String TOPICS = "topics";

  /** How many of the topics, in their order, are answered. */
  static final String ANSWERED = "answered";

  /** Whether the node counts all its streams. */
  static final String COMPLETE = "complete";

  // of a topic in an answer
  static final String CURSOR = "cursor";
  static final String BASE = "base";
  static final String RESET = "reset";
  static final String MORE = "more";
  static final String ANONYMOUS = "anonymous";
  static final String MEMBERS = "members";

  /** Of the members in an answer. Requests between nodes have at most some 100 KB. */
  static final int MAX_BYTES = 80_000;

  private Exchange() {}

  /**
   * A topic in a question.
   *
   * @param cursor the version up to which the asking node was told
   * @param base everything that is gone since this version will be told, or was; at most the
   *     topic's version when the asking node began to be told
   */
  record Asked(String topic, long cursor, long base) {
    static Asked everything(String topic) {
      return new Asked(topic, 0, 0);
    }

    static Asked read(JsonArray json) {
      return new Asked(json.getString(0), json.getLong(1), json.getLong(2));
    }

    JsonArray json() {
      return new JsonArray().add(topic).add(cursor).add(base);
    }
  }

  /** An answer, topic by topic. */
  static final class Answer {
    private final JsonObject topics = new JsonObject();
    private final JsonObject json;
    private int answered;
    private int bytes;

    Answer(String life, boolean complete) {
      json = new JsonObject().put(LIFE, life).put(COMPLETE, complete).put(TOPICS, topics);
    }

    /**
     * Adds what has changed at a topic.
     *
     * @param now empty if nobody is present
     * @return whether there is room for another topic
     */
    boolean add(Asked asked, Optional<TopicMembers> now) {
      answered++;
      if (now.isEmpty()) {
        if (asked.base > 0) {
          bytes += overhead(asked);
          topics.put(
              asked.topic,
              header(0, 0, 0).put(RESET, true).put(MORE, false).put(MEMBERS, new JsonArray()));
        }
      } else {
        TopicMembers topic = now.get();
        boolean reset = asked.base < topic.floor();
        if (reset || asked.cursor < topic.version()) {
          bytes += overhead(asked);
          topics.put(asked.topic, changes(reset ? Asked.everything(asked.topic) : asked, topic));
        }
      }
      return bytes < MAX_BYTES;
    }

    /** The bytes of a topic without members: a character has three at most. */
    private static int overhead(Asked asked) {
      return 3 * asked.topic.length() + 100;
    }

    private static JsonObject header(long cursor, long base, int anonymous) {
      return new JsonObject().put(CURSOR, cursor).put(BASE, base).put(ANONYMOUS, anonymous);
    }

    private JsonObject changes(Asked from, TopicMembers topic) {
      var members = new JsonArray();
      long cursor = from.cursor;
      boolean more = false;
      for (Map.Entry<Long, MemberKey> change : topic.changesAfter(from.cursor).entrySet()) {
        if (bytes >= MAX_BYTES) {
          more = true;
          break;
        }
        cursor = change.getKey();
        MemberKey key = change.getValue();
        Optional<Member> member = topic.member(key);
        if (member.isPresent() || cursor > from.base && from.base > 0) {
          JsonObject json = member.map(Member::json).orElseGet(() -> Member.json(key));
          bytes += json.toBuffer().length();
          members.add(json);
        } // else it was gone before the asking node began to be told
      }
      long version = topic.version();
      // of a page that is not the last, the base stays that of the first page
      long base = from.base == 0 || !more ? version : from.base;
      return header(more ? cursor : version, base, topic.anonymous())
          .put(RESET, from.base == 0)
          .put(MORE, more)
          .put(MEMBERS, members);
    }

    JsonObject json() {
      return json.put(ANSWERED, answered);
    }
  }
}
