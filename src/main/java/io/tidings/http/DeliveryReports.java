package io.tidings.http;

import io.tidings.auth.Principal;
import io.tidings.auth.TopicRights;
import io.tidings.bus.ContextFutures;
import io.tidings.cluster.AllNodes;
import io.tidings.cluster.AllNodes.Answer;
import io.tidings.cluster.AllNodes.Answers;
import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Visibility;
import io.tidings.fanout.OpenStreams;
import io.tidings.fanout.PublishedTopics;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.log.Entry;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Tells a publisher which streams its event reaches: how many of this node in every answer, and
 * with the parameter {@code report} those of all nodes, and how many of them are behind. Only for
 * topics that the publisher may read. Confined to one event loop.
 */
final class DeliveryReports {
  static final String PARAMETER = "report";
  static final int MAX_TOPICS = 1_000;

  private static final System.Logger LOG = System.getLogger(DeliveryReports.class.getName());
  private static final String QUESTION = "reach";
  private static final String TOPICS = "topics";
  private static final String PRIVATES = "privates";
  private static final String STREAMS = "streams";
  private static final String LIVE = "live";
  private static final String BEHIND = "behind";

  /** Of the topics, in a question to another node. */
  private static final int MAX_CHARACTERS = 30_000;

  private final SubscriptionCounts subscriptions;
  private final AllNodes nodes;

  DeliveryReports(SubscriptionCounts subscriptions, AllNodes nodes) {
    this.subscriptions = subscriptions;
    this.nodes = nodes;
  }

  /** Makes a node answer for its own streams. Called once for each node. */
  static void answer(AllNodes nodes, OpenStreams streams) {
    nodes.answer(
        QUESTION,
        asked -> {
          var topics = new PublishedTopics(set(asked, TOPICS), set(asked, PRIVATES));
          return streams
              .reach(topics)
              .map(reach -> json(reach.streams(), reach.live(), reach.behind()));
        });
  }

  /** Whether the publisher wants a report. */
  static boolean asked(QueryParameters query) {
    Optional<String> report = query.single(PARAMETER);
    if (report.filter(text -> !text.isEmpty() && !text.equals("true")).isPresent()) {
      throw new InvalidEvent(PARAMETER, "must have no value, or true");
    }
    return report.isPresent();
  }

  /** The streams of this node that the event reaches; empty unless the principal may know it. */
  Optional<Integer> subscribers(Principal principal, Event event) {
    return TopicRights.mayRead(principal, event)
        ? Optional.of(subscriptions.streams(event))
        : Optional.empty();
  }

  private static boolean mayKnow(Principal principal, PublishedTopics topics) {
    return mayKnow(principal, topics.open(), Visibility.PUBLIC)
        && mayKnow(principal, topics.privates(), Visibility.PRIVATE);
  }

  private static boolean mayKnow(Principal principal, Set<String> topics, Visibility visibility) {
    return topics.stream().allMatch(topic -> TopicRights.mayRead(principal, topic, visibility));
  }

  /**
   * Adds the report of entries that were stored to the answer, unless the principal may not read
   * one of their topics. Never fails, since the answer is about what was stored.
   */
  Future<JsonObject> add(JsonObject answer, Principal principal, List<Entry> entries) {
    PublishedTopics topics = PublishedTopics.of(entries.stream().map(Entry::event)::iterator);
    if (!mayKnow(principal, topics)) {
      return Future.succeededFuture(answer);
    }
    if (tooMany(topics)) {
      return Future.succeededFuture(answer.putNull(PARAMETER));
    }
    var question =
        new JsonObject()
            .put(TOPICS, new JsonArray(List.copyOf(topics.open())))
            .put(PRIVATES, new JsonArray(List.copyOf(topics.privates())));
    return ContextFutures.of(nodes.ask(QUESTION, question))
        .map(answers -> answer.put(PARAMETER, report(answers)))
        .otherwise(
            e -> {
              LOG.log(System.Logger.Level.WARNING, "the streams could not be counted", e);
              return answer.putNull(PARAMETER);
            });
  }

  private static boolean tooMany(PublishedTopics topics) {
    return topics.open().size() + topics.privates().size() > MAX_TOPICS
        || characters(topics.open()) + characters(topics.privates()) > MAX_CHARACTERS;
  }

  private static long characters(Set<String> topics) {
    return topics.stream().mapToLong(String::length).sum();
  }

  private static Set<String> set(JsonObject asked, String name) {
    var topics = new HashSet<String>();
    asked.getJsonArray(name).forEach(topic -> topics.add((String) topic));
    return topics;
  }

  private static JsonObject report(Answers all) {
    var nodes = new JsonObject();
    int live = 0;
    int behind = 0;
    for (Answer answer : all.answers()) {
      live += answer.content().getInteger(LIVE);
      behind += answer.content().getInteger(BEHIND);
      nodes.put(answer.node(), answer.content());
    }
    return json(live + behind, live, behind)
        .put("nodes", nodes)
        .put("missing", new JsonArray(all.missing()));
  }

  private static JsonObject json(int streams, int live, int behind) {
    return new JsonObject().put(STREAMS, streams).put(LIVE, live).put(BEHIND, behind);
  }
}
