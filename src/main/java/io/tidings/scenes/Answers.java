package io.tidings.scenes;

import io.tidings.bus.Publisher;
import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.log.Entry;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Publishes answers word by word, each on its topic {@code scenes.answer.<id>}: an event {@code
 * question}, events {@code word}, whose data is the word and the space after it, then {@code done},
 * {@code stopped} or {@code failed}.
 *
 * <p>What is published next follows from the log alone. All nodes apply the same events, and the
 * leading one publishes; so the next leader, or this node after a restart, continues the answers
 * where the log ends. Confined to its verticle's event loop.
 */
final class Answers {
  /** The topic of requests, with the types {@code ask} and {@code stop}. */
  static final String TOPIC = "scenes.answers";

  static final int MAX_CONCURRENT = 4;
  private static final System.Logger LOG = System.getLogger(Answers.class.getName());
  private static final String TOPIC_PREFIX = "scenes.answer.";
  private static final String REFUSAL =
      "the hub gives " + MAX_CONCURRENT + " answers already; try again in a minute";

  /** Timer ids begin at 0; cancelling an id that was never set would cancel another's timer. */
  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final Publisher publisher;
  private final Manual manual;
  private final long wordMillis;
  private final BooleanSupplier leads;

  /** The answers without an end in the log, by topic. */
  private final Map<String, Answer> active = new HashMap<>();

  private long timer = NO_TIMER;

  /**
   * @param manual the source of the answers
   * @param wordMillis the delay from word to word
   * @param leads whether this node publishes them
   */
  Answers(Vertx vertx, Publisher publisher, Manual manual, long wordMillis, BooleanSupplier leads) {
    this.vertx = vertx;
    this.publisher = publisher;
    this.manual = manual;
    this.wordMillis = wordMillis;
    this.leads = leads;
  }

  /** Whether events of this topic are applied. */
  static boolean concern(String topic) {
    return topic.equals(TOPIC) || topic.startsWith(TOPIC_PREFIX);
  }

  /** The topic of the answer that the event requests. */
  static String topicOf(Command command) {
    return TOPIC_PREFIX + command.id();
  }

  /**
   * Applies an entry of the log: a request, or an event of an answer.
   *
   * @throws InvalidEvent if it is not a valid request
   */
  void apply(Entry entry) {
    Event event = entry.event();
    if (event.topic().equals(TOPIC)) {
      execute(Command.of(event), entry.position().toString());
    } else if (Answer.isEnd(event)) {
      active.remove(event.topic());
    } else if (active.containsKey(event.topic())) {
      active.get(event.topic()).apply(event);
    }
    publishWhileActive();
  }

  private void execute(Command command, String position) {
    String topic = topicOf(command);
    switch (command.verb()) {
      case "ask" ->
          active.computeIfAbsent(topic, fresh -> answer(topic, position, command.question()));
      case "stop" -> {
        if (active.containsKey(topic)) {
          active.get(topic).stop();
        }
      }
      default -> throw new InvalidEvent("type", "is not a command of this topic");
    }
  }

  private Answer answer(String topic, String key, String question) {
    long given = active.values().stream().filter(answer -> !answer.isRefusal()).count();
    return given < MAX_CONCURRENT
        ? Answer.of(topic, key, question, manual.answer(question))
        : Answer.refusal(topic, key, REFUSAL);
  }

  private void publishWhileActive() {
    if (timer == NO_TIMER && !active.isEmpty()) {
      timer = vertx.setTimer(wordMillis, tick -> publishNext());
    }
  }

  private void publishNext() {
    timer = NO_TIMER;
    if (leads.getAsBoolean()) {
      List.copyOf(active.entrySet()).forEach(one -> publishNext(one.getKey(), one.getValue()));
    }
    publishWhileActive();
  }

  private void publishNext(String topic, Answer answer) {
    answer
        .publishNext(publisher)
        .onFailure(
            e -> {
              boolean permanent = Publisher.isPermanent(e);
              if (permanent) {
                active.remove(topic, answer);
              }
              String next = permanent ? "is given up" : "waits for the log";
              LOG.log(System.Logger.Level.WARNING, "an answer {0}: {1}", next, e.getMessage());
            });
  }

  /** Publishes nothing more. The answers continue when the hub is started again. */
  void stop() {
    vertx.cancelTimer(timer);
    active.clear();
  }
}
