package io.tidings.event;

import java.util.List;
import java.util.Objects;

/**
 * What is published: the topics, the type, and the data.
 *
 * @param topics at least one, without duplicates; the first is the canonical one
 * @param type the type that {@code EventSource} listeners are registered for; empty for none, which
 *     browsers dispatch as {@code message}
 * @param id the publisher's own id, a single line; if empty, the entry's position is its id
 * @param retry the client's reconnection delay in milliseconds; {@link #NO_RETRY} to leave it
 *     unchanged
 * @param data any text, of any number of lines
 * @param visibility who may receive it
 */
public record Event(
    List<String> topics, String type, String id, int retry, String data, Visibility visibility) {
  public static final int NO_RETRY = -1;

  /** The longest id and the longest type, in bytes of UTF-8. */
  public static final int MAX_FIELD_BYTES = 1_024;

  /** The maximum number of topics of one event. */
  public static final int MAX_TOPICS = 100;

  private static final long OBJECT_BYTES = HeapSize.object(HeapSize.references(5) + Integer.BYTES);

  /**
   * @throws InvalidEvent if a field breaks a rule for all events; {@link #checkPublished} has the
   *     rules for publishers
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
    Objects.requireNonNull(visibility, "visibility");
  }

  /** A public event. */
  public Event(List<String> topics, String type, String id, int retry, String data) {
    this(topics, type, id, retry, data, Visibility.PUBLIC);
  }

  /** A public event for one topic, without type or id. */
  public static Event of(String topic, String data) {
    return new Event(List.of(topic), "", "", NO_RETRY, data);
  }

  /** The same event with the given visibility. */
  public Event with(Visibility other) {
    return other == visibility ? this : new Event(topics, type, id, retry, data, other);
  }

  /** Whether it is marked private. */
  public boolean isPrivate() {
    return visibility == Visibility.PRIVATE;
  }

  /** The canonical topic. */
  public String topic() {
    return topics.get(0);
  }

  /** Its estimated size on the heap, in bytes. */
  public long cost() {
    return OBJECT_BYTES
        + HeapSize.of(topics)
        + HeapSize.of(type)
        + HeapSize.of(id)
        + HeapSize.of(data);
  }

  /**
   * Checks the rules for publishers, which the hub itself is exempt from: names that begin with
   * {@code hub.} are reserved, and so are ids with a meaning in resume requests.
   *
   * @param maxTopicBytes the maximum length of a topic, in bytes of UTF-8
   * @return this event
   * @throws InvalidEvent if a rule is broken
   */
  public Event checkPublished(int maxTopicBytes) {
    for (String topic : topics) {
      if (Topic.reserved(topic)) {
        throw new InvalidEvent("topic", "must not begin with hub., which is reserved");
      }
      if (topic.equals(Topic.HUB)) {
        throw new InvalidEvent("topic", "must not be hub, which is reserved");
      }
      if (TextRules.utf8Length(topic) > maxTopicBytes) {
        throw new InvalidEvent("topic", "must have at most " + maxTopicBytes + " bytes");
      }
    }
    if (Topic.reserved(type)) {
      throw new InvalidEvent("type", "must not begin with hub., which is reserved");
    }
    if (id.equals(ResumeRequest.EARLIEST)) {
      throw new InvalidEvent(
          "id", "must not be earliest, which clients send to replay the whole log");
    }
    return this;
  }
}
