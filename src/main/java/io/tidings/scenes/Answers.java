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
 * The answers that are being given, word by word as somebody would say them: each on {@code
 * scenes.answer.} and its id, by {@code word}, whose data is the word and the space after it, and
 * then {@code done}, {@code stopped} or {@code failed}. Confined to its verticle's event loop.
 */
final class Answers {
  /** Where pages ask, by {@code ask} and {@code stop}. */
  static final String TOPIC = "scenes.answers";

  static final int MOST = 4;
  private static final System.Logger LOG = System.getLogger(Answers.class.getName());
  private static final String TOPIC_OF_ONE = "scenes.answer.";
  private static final Pattern WORD = Pattern.compile("\\S+\\s*");

  private final Vertx vertx;
  private final Publisher publisher;
  private final Manual manual;
  private final long paceMillis;
  private final Map<String, Answer> given = new HashMap<>();

  /**
   * @param manual what is known
   * @param paceMillis from word to word
   */
  Answers(Vertx vertx, Publisher publisher, Manual manual, long paceMillis) {
    this.vertx = vertx;
    this.publisher = publisher;
    this.manual = manual;
    this.paceMillis = paceMillis;
  }

  void ask(String id, String question) {
    if (given.containsKey(id)) {
      return; // asked twice
    }
    var report = new TopicReporter(publisher, TOPIC_OF_ONE + id);
    if (given.size() == MOST) {
      String reason = "the hub gives " + MOST + " answers already; try again in a minute";
      report.say("failed", new JsonObject().put("reason", reason)).onFailure(Answers::untold);
      return;
    }
    var answer = new Answer(id, report, words(manual.answer(question)));
    given.put(id, answer);
    answer.next();
  }

  void stop(String id) {
    Answer answer = given.get(id);
    if (answer != null) {
      answer.end("stopped");
    }
  }

  /** Stops all; completes when they have said so. */
  Future<?> stop() {
    var ends = List.copyOf(given.values()).stream().map(answer -> answer.end("stopped")).toList();
    return Future.join(ends).otherwiseEmpty();
  }

  /** Put together again they are the text. */
  static List<String> words(String text) {
    return WORD.matcher(text).results().map(MatchResult::group).toList();
  }

  private static void untold(Throwable failure) {
    LOG.log(System.Logger.Level.WARNING, "an answer breaks off: {0}", failure.getMessage());
  }

  private final class Answer {
    private final String id;
    private final TopicReporter report;
    private final Deque<String> words;
    private long timer;

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
          .say("word", words.poll())
          .onSuccess(
              said -> {
                if (given.get(id) == this) {
                  timer = vertx.setTimer(paceMillis, tick -> next());
                }
              })
          .onFailure(
              e -> {
                given.remove(id, this);
                untold(e);
              });
    }

    Future<?> end(String type) {
      vertx.cancelTimer(timer);
      given.remove(id);
      return report.say(type, new JsonObject()).onFailure(Answers::untold);
    }
  }
}
