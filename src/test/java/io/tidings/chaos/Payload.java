package io.tidings.chaos;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The data of an event of a run: its name, its topic, its length, and letters up to that length, so
 * that a reader knows all of it, and sees whether it is whole.
 */
record Payload(String event, String topic, int length) {
  private static final Pattern HEAD = Pattern.compile("(\\S+) (\\S+) (\\d+) ");

  String text() {
    String head = event + " " + topic + " " + length + " ";
    return head + "x".repeat(Math.max(0, length - head.length()));
  }

  /** Empty if the text is none, or not whole. */
  static Optional<Payload> parse(String text) {
    Matcher head = HEAD.matcher(text.substring(0, Math.min(text.length(), 200)));
    if (!head.lookingAt()) {
      return Optional.empty();
    }
    var payload = new Payload(head.group(1), head.group(2), Integer.parseInt(head.group(3)));
    return text.equals(payload.text()) ? Optional.of(payload) : Optional.empty();
  }
}
