package io.tidings.scenes;

import io.tidings.bus.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Publishes answers word by word, each on its topic {@code scenes.answer.<id>}: events {@code
 * word}, whose data is the word and the space after it, then {@code done}, {@code stopped} or
 * {@code failed}. Confined to its verticle's event loop.
 */
final class Answers {
  /** The topic of requests, with the types {@code ask} and {@code stop}. */
  static final String TOPIC = "scenes.answers";

  static final int MAX_CONCURRENT = 4;
  private static final System.Logger LOG = System.getLogger(Answers.class.getName());
  private static final String TOPIC_PREFIX = "scenes.answer.";

  /** Timer ids begin at 0; cancelling an id that was never set would cancel another's timer. */
  private static final long NO_TIMER = -1;

  private static final Pattern WORD = Pattern.compile("\\S+\\s*");

  private final Vertx vertx;
  private final Publisher publisher;
  private final Manual manual;
  private final long wordMillis;
  private final Map<String, Answer> active = new HashMap<>();

  /**
   * @param manual the source of the answers
   * @param wordMillis the delay from word to word
   */
  Answers(Vertx vertx, Publisher publisher, Manual manual, long wordMillis) {
    this.vertx = vertx;
    this.publisher = publisher;
    this.manual = manual;
    this.wordMillis = wordMillis;
  }

  void ask(String id, String question) {
    if (active.containsKey(id)) {
      return; // a repeated request
    }
    var report = new TopicReporter(publisher, TOPIC_PREFIX + id);
    if (active.size() == MAX_CONCURRENT) {
      String reason = "the hub gives " + MAX_CONCURRENT + " answers already; try again in a minute";
      report
          .publish("failed", new JsonObject().put("reason", reason))
          .onFailure(Answers::logFailure);
      return;
    }
    var answer = new Answer(id, report, words(manual.answer(question)));
    active.put(id, answer);
    answer.next();
  }

  void stop(String id) {
    Answer answer = active.get(id);
    if (answer != null) {
      answer.end("stopped");
    }
  }

  /** Stops all answers; completes when their last events are published. */
  Future<?> stop() {
    var ends = List.copyOf(active.values()).stream().map(answer -> answer.end("stopped")).toList();
    return Future.join(ends).otherwiseEmpty();
  }

  /** The words of the text, each with the space after it, so that joined they are the text. */
  static List<String> words(String text) {
    return WORD.matcher(text).results().map(MatchResult::group).toList();
  }

  private static void logFailure(Throwable failure) {
    LOG.log(
        System.Logger.Level.WARNING, "an answer could not be published: {0}", failure.getMessage());
  }

  private final class Answer {
    private final String id;
    private final TopicReporter report;
    private final Deque<String> words;
    private long timer = NO_TIMER;

    Answer(String id, TopicReporter report, List<String> words) {
      this.id = id;
      this.report = report;
      this.words = new ArrayDeque<>(words);
    }

    void next() {
      if (words.isEmpty()) {
        end("done");
        return;
      }
      report
          .publish("word", words.poll())
          .onSuccess(
              published -> {
                if (active.get(id) == this) {
                  timer = vertx.setTimer(wordMillis, tick -> next());
                }
              })
          .onFailure(
              e -> {
                active.remove(id, this);
                logFailure(e);
              });
    }

    Future<?> end(String type) {
      vertx.cancelTimer(timer);
      active.remove(id);
      return report.publish(type, new JsonObject()).onFailure(Answers::logFailure);
    }
  }
}
