package io.tidings.chaos;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

/** Events that are published together, all or none, with the answers to all requests for them. */
final class Publication {
  /** An event as it was published; its name occurs once in a run. */
  record Sent(String event, String topic) {}

  private final String key;
  private final List<Sent> events;
  private final List<Answer> answers = new CopyOnWriteArrayList<>();

  /**
   * @param key by which the hub recognises a repetition; empty for none, and then only one request
   */
  Publication(String key, List<Sent> events) {
    this.key = key;
    this.events = List.copyOf(events);
  }

  void answered(Answer answer) {
    answers.add(answer);
  }

  String key() {
    return key;
  }

  List<Sent> events() {
    return events;
  }

  List<Answer> answers() {
    return answers;
  }

  List<Answer> acknowledgements() {
    return answers.stream()
        .filter(answer -> answer.outcome() == Answer.Outcome.ACKNOWLEDGED)
        .toList();
  }

  /** What is known after all requests. */
  Answer.Outcome outcome() {
    if (!acknowledgements().isEmpty()) {
      return Answer.Outcome.ACKNOWLEDGED;
    }
    boolean refused =
        answers.stream().allMatch(answer -> answer.outcome() == Answer.Outcome.REFUSED);
    return refused ? Answer.Outcome.REFUSED : Answer.Outcome.UNKNOWN;
  }

  /** Before the first request; empty if there was none. */
  OptionalLong firstSent() {
    return answers.stream().mapToLong(Answer::sent).min();
  }

  /** When it was first known to be stored. */
  OptionalLong firstAcknowledged() {
    return acknowledgements().stream().mapToLong(Answer::received).min();
  }

  @Override
  public String toString() {
    return (key.isEmpty() ? "" : "key " + key + ", ") + events + ", answers " + answers;
  }
}
