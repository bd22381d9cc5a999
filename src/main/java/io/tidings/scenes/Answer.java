package io.tidings.scenes;

import io.tidings.bus.Publisher;
import io.tidings.event.Event;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * One answer: the events that it consists of, and how many of them the log has. Each is published
 * with a key of its own, so that the log has it once, also if it is published again after a restart
 * or by another node. Confined to its verticle's event loop.
 */
final class Answer {
  /** A word with the space after it. */
  private static final Pattern WORD = Pattern.compile("\\S+\\s*");

  private final String topic;
  private final String key;
  private final List<Step> steps;

  /** How many of the steps the log has. */
  private int appended;

  /** Published next in place of the steps that are left; null while the answer goes on. */
  private Step end;

  private boolean publishing;

  /** The key of the last event that the log has acknowledged, and perhaps not delivered yet. */
  private String acknowledged = "";

  /** An event of the answer, without its topic. */
  private record Step(String type, String data) {
    static Step end(String type, JsonObject data) {
      return new Step(type, data.encode());
    }

    boolean isOf(Event event) {
      return type.equals(event.type()) && data.equals(event.data());
    }
  }

  private Answer(String topic, String key, List<Step> steps) {
    this.topic = topic;
    this.key = key;
    this.steps = steps;
  }

  /**
   * The question, the words of the text, and the end.
   *
   * @param key distinguishes this answer from all others, also of the same topic
   */
  static Answer of(String topic, String key, String question, String text) {
    var steps = new ArrayList<Step>();
    steps.add(new Step("question", question));
    words(text).forEach(word -> steps.add(new Step("word", word)));
    steps.add(Step.end("done", new JsonObject()));
    return new Answer(topic, key, List.copyOf(steps));
  }

  /** An answer that only says why there is none. */
  static Answer refusal(String topic, String key, String reason) {
    return new Answer(topic, key, List.of(failure(reason)));
  }

  /** The words of the text, each with the space after it, so that joined they are the text. */
  static List<String> words(String text) {
    return WORD.matcher(text).results().map(MatchResult::group).toList();
  }

  private static Step failure(String reason) {
    return Step.end("failed", new JsonObject().put("reason", reason));
  }

  /** Whether it only says why there is no answer. */
  boolean isRefusal() {
    return steps.size() == 1;
  }

  /** Whether an event of this type ends an answer. */
  static boolean isEnd(Event event) {
    return List.of("done", "stopped", "failed").contains(event.type());
  }

  void stop() {
    end = Step.end("stopped", new JsonObject());
  }

  /** Takes note of an event of this answer that the log has. */
  void apply(Event event) {
    if (steps.get(appended).isOf(event)) {
      appended++;
    } else if (end == null) {
      end = failure("the manual was changed meanwhile, so the answer can't be continued");
    }
  }

  /**
   * Publishes the next event, unless one is being published, or was and is on its way back here.
   *
   * @return as of {@link Publisher#publish(Event, String)}
   */
  Future<?> publishNext(Publisher publisher) {
    Step step = end == null ? steps.get(appended) : end;
    String stepKey = key + "/" + (end == null ? appended : end.type);
    if (publishing || stepKey.equals(acknowledged)) {
      return Future.succeededFuture();
    }
    publishing = true;
    return publisher
        .publish(new Event(List.of(topic), step.type, "", Event.NO_RETRY, step.data), stepKey)
        .onSuccess(id -> acknowledged = stepKey)
        .onComplete(result -> publishing = false);
  }
}
