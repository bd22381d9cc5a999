package io.tidings.presence;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Another node, and what it has told. Confined to the event loop of {@link Peers}.
 *
 * <p>Questions may overlap: an answer is taken for those topics of which nothing was told since it
 * was asked for.
 */
final class Peer {
  /** Of the topics in a question. Requests between nodes have at most some 100 KB. */
  private static final int MAX_QUESTION = 60_000;

  private final Map<String, PeerTopic> topics = new HashMap<>();
  private String name;
  private String life = "";
  private boolean countsAll = true;
  private long answeredMillis;
  private boolean answered;

  Peer(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  void name(String current) {
    name = current;
  }

  /** What is asked in one request. */
  record Question(String life, List<Exchange.Asked> topics) {
    JsonObject json() {
      var array = new JsonArray();
      topics.forEach(topic -> array.add(topic.json()));
      return new JsonObject().put(Exchange.LIFE, life).put(Exchange.TOPICS, array);
    }
  }

  /** Asks for these topics, as many as fit into a request. */
  Question question(List<String> names) {
    var asked = new ArrayList<Exchange.Asked>();
    int size = 0;
    for (int i = 0; i < names.size() && size < MAX_QUESTION; i++) {
      String topic = names.get(i);
      size += topic.length() * 3 + 50; // at most three bytes for a char
      asked.add(topics.computeIfAbsent(topic, first -> new PeerTopic()).question(topic));
    }
    return new Question(life, asked);
  }

  /**
   * Takes an answer.
   *
   * @return the topics of the question that have to be asked for again
   * @throws RuntimeException if it is not the JSON of one
   */
  List<String> apply(Question question, JsonObject answer, long now) {
    String current = answer.getString(Exchange.LIFE);
    if (!current.equals(life)) {
      topics.values().forEach(PeerTopic::restart);
      life = current;
    }
    answered = true;
    answeredMillis = now;
    countsAll = answer.getBoolean(Exchange.COMPLETE);
    JsonObject changed = answer.getJsonObject(Exchange.TOPICS);
    int count = answer.getInteger(Exchange.ANSWERED);
    var again = new ArrayList<String>();
    for (int i = 0; i < question.topics.size(); i++) {
      Exchange.Asked asked = question.topics.get(i);
      PeerTopic topic = topics.get(asked.topic());
      if (topic == null) {
        continue; // nobody wants to know it any more
      }
      if (i < count && isNews(question, asked, topic)) {
        apply(topic, changed.getJsonObject(asked.topic()));
      }
      if (i >= count || !topic.complete()) {
        again.add(asked.topic());
      }
    }
    return again;
  }

  /** Whether nothing was told of the topic since the question, which began at what was known. */
  private boolean isNews(Question question, Exchange.Asked asked, PeerTopic topic) {
    return question.life.equals(life)
        ? topic.question(asked.topic()).equals(asked)
        : topic.untold();
  }

  private static void apply(PeerTopic topic, JsonObject changes) {
    if (changes == null) {
      topic.unchanged();
    } else {
      topic.apply(changes);
    }
  }

  /** Forgets all topics but these. */
  void retain(Set<String> names) {
    topics.keySet().retainAll(names);
  }

  /** What it has told of the topic; empty if not everything was told yet. */
  Optional<PeerTopic> topic(String topic) {
    return Optional.ofNullable(topics.get(topic)).filter(PeerTopic::told);
  }

  /** Whether it counts all its streams. */
  boolean countsAll() {
    return countsAll;
  }

  /** Whether it has not answered for so long. */
  boolean silentFor(long millis, long now) {
    return !answered || now - answeredMillis >= millis;
  }
}
