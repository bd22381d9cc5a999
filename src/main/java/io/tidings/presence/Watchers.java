package io.tidings.presence;

import io.tidings.fanout.Notices;
import io.tidings.fanout.Notices.Notice;
import io.tidings.fanout.Subscriber;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The streams of this node that are told who is present, by topic. Confined to one event loop; the
 * streams are written to on their own.
 */
final class Watchers {
  private static final System.Logger LOG = System.getLogger(Watchers.class.getName());

  /** How long the first state waits for nodes that have not answered yet. */
  private static final long FIRST_STATE_MILLIS = 3_000;

  private final Executor loop;
  private final LongSupplier clock;
  private final Map<String, WatchedTopic> topics = new HashMap<>();
  private final Map<Subscriber, List<String>> streams = new HashMap<>();

  /**
   * @param loop runs tasks on the event loop
   * @param clock monotonic milliseconds
   */
  Watchers(Executor loop, LongSupplier clock) {
    this.loop = loop;
    this.clock = clock;
  }

  /** A stream wants to be told, at first of nothing. */
  void add(Subscriber stream) {
    streams.put(stream, List.of());
  }

  /** A stream, if it wants to be told, is to be told of these topics, and their state anew. */
  void follow(Subscriber stream, List<String> names) {
    if (streams.containsKey(stream)) {
      forget(stream);
      streams.put(stream, names);
      long now = clock.getAsLong();
      names.forEach(
          name -> topics.computeIfAbsent(name, first -> new WatchedTopic(now)).add(stream));
    }
  }

  void remove(Subscriber stream) {
    forget(stream);
    streams.remove(stream);
  }

  private void forget(Subscriber stream) {
    for (String name : streams.getOrDefault(stream, List.of())) {
      WatchedTopic topic = topics.get(name);
      topic.remove(stream);
      if (topic.isEmpty()) {
        topics.remove(name);
      }
    }
  }

  /** The topics that are watched. */
  Set<String> topics() {
    return topics.keySet();
  }

  /** Whether no stream wants to be told. */
  boolean isEmpty() {
    return streams.isEmpty() && topics.isEmpty();
  }

  /**
   * Tells all streams what has changed.
   *
   * @param states gives the state of a topic now, the same object while nothing has changed
   */
  void tell(Function<String, TopicState> states) {
    topics.forEach(
        (name, topic) -> {
          try {
            if (!topic.telling()) {
              tell(topic, states.apply(name));
            }
          } catch (RuntimeException | Error e) {
            topic.told(failed(e)); // the other topics go on, and this one next time
          }
        });
  }

  private void tell(WatchedTopic topic, TopicState now) {
    boolean first = topic.state() == null;
    boolean waits = clock.getAsLong() - topic.sinceMillis() < FIRST_STATE_MILLIS;
    if (first && waits && !now.missing().isEmpty() || now == topic.state() && topic.allTold()) {
      return;
    }
    Map<Subscriber, Notice> notices = topic.tell(now);
    if (!notices.isEmpty()) {
      Notices.write(notices)
          .onComplete(
              written ->
                  loop.execute(
                      () ->
                          topic.told(
                              written.succeeded() ? written.result() : failed(written.cause()))));
    }
  }

  /** Who was told is not known: all are told the state again. */
  private static Collection<Subscriber> failed(Throwable failure) {
    LOG.log(System.Logger.Level.ERROR, "telling who is present failed", failure);
    return List.of();
  }
}
