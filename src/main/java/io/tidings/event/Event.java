package io.tidings.event;

import java.util.List;
import java.util.Objects;

/**
 * What is said: to which topics, of which type, and the words themselves.
 *
 * @param topics where it is heard, at least one, each once; the first is the canonical one
 * @param type the type that {@code EventSource} listeners are registered for; empty for none, which
 *     browsers hear as {@code message}
 * @param id the publisher's own id, a single line; empty for none, and then the log makes one
 * @param retry how long a client shall wait before it connects again, in milliseconds; {@link
 *     #NO_RETRY} to leave that alone
 * @param data any text, of many lines or none
 */
public record Event(List<String> topics, String type, String id, int retry, String data) {
  public static final int NO_RETRY = -1;

  /** The longest id and the longest type, in bytes of UTF-8. */
  public static final int MAX_FIELD_BYTES = 1_024;

  /** The most topics one event can have. */
  public static final int MAX_TOPICS = 100;

  private static final long OBJECT_BYTES = HeapSize.object(HeapSize.references(4) + Integer.BYTES);

  /**
   * @throws InvalidEvent where a field breaks a rule that holds for every event; what only
   *     publishers must keep is in {@link #checkPublished}
   */
  public Event {
    topics = List.copyOf(topics);
    if (topics.isEmpty() || topics.size() > MAX_TOPICS) {
      throw new InvalidEvent("topic", "must be given once to " + MAX_TOPICS + " times");
    }
    topics.forEach(Topic::check);
    if (topics.size() > 1 && topics.stream().distinct().count() < topics.size()) {
      throw new InvalidEvent("topic", "must not be given twice");
    }
    TextRules.singleLine("type", type, MAX_FIELD_BYTES);
    TextRules.singleLine("id", id, MAX_FIELD_BYTES);
    if (!id.equals(id.strip())) {
      throw new InvalidEvent("id", "must not begin or end with a space, which headers lose");
    }
    if (retry < NO_RETRY) {
      throw new InvalidEvent(
          "retry", "must be a whole number of milliseconds from 0 to " + Integer.MAX_VALUE);
    }
    TextRules.wellFormed("data", Objects.requireNonNull(data, "data"));
  }

  /** Data for one topic, without type or id. */
  public static Event of(String topic, String data) {
    return new Event(List.of(topic), "", "", NO_RETRY, data);
  }

  /** The canonical topic. */
  public String topic() {
    return topics.get(0);
  }

  /** How many bytes it takes on the heap. */
  public long cost() {
    return OBJECT_BYTES
        + HeapSize.of(topics)
        + HeapSize.of(type)
        + HeapSize.of(id)
        + HeapSize.of(data);
  }

  /**
   * Checks what those who publish must keep and the hub itself need not: names that begin with
   * {@code hub.} are the hub's, and so are the ids by which clients ask for a place.
   *
   * @param maxTopicBytes the longest topic, in bytes of UTF-8
   * @return this event
   * @throws InvalidEvent where a rule is broken
   */
  public Event checkPublished(int maxTopicBytes) {
    for (String topic : topics) {
      if (Topic.reserved(topic)) {
        throw new InvalidEvent("topic", "must not begin with hub., which is the hub's own");
      }
      if (topic.equals(Topic.HUB)) {
        throw new InvalidEvent("topic", "must not be hub, which is the hub's own");
      }
      if (TextRules.utf8Length(topic) > maxTopicBytes) {
        throw new InvalidEvent("topic", "must have at most " + maxTopicBytes + " bytes");
      }
    }
    if (Topic.reserved(type)) {
      throw new InvalidEvent("type", "must not begin with hub., which is the hub's own");
    }
    if (id.equals(ResumeRequest.EARLIEST)) {
      throw new InvalidEvent("id", "must not be earliest, which clients say to hear all there is");
    }
    return this;
  }
}
