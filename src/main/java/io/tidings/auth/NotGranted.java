package io.tidings.auth;

import io.tidings.event.InvalidEvent;

/** A principal may not do what it asks for: none of its grants has the topic, or the right. */
public final class NotGranted extends InvalidEvent {
  private static final long serialVersionUID = 1L;

  private final String topic;
  private final boolean identified;

  private NotGranted(String field, String rule, int line, String topic, boolean identified) {
    super(field, rule, line);
    this.topic = topic;
    this.identified = identified;
  }

  /**
   * @param topic the first topic that it may not publish to
   */
  public static NotGranted publish(Principal principal, String topic) {
    return ofTopic(principal, topic, "publish");
  }

  /**
   * @param topic the first topic, or glob, of which it may read nothing
   */
  public static NotGranted subscribe(Principal principal, String topic) {
    return ofTopic(principal, topic, "subscribe");
  }

  private static NotGranted ofTopic(Principal principal, String topic, String right) {
    return new NotGranted(
        "topic",
        "must be one that is granted (" + right + "): " + topic,
        0,
        topic,
        principal.identified());
  }

  /**
   * @param right what is missing, in words
   */
  public static NotGranted right(Principal principal, String right) {
    return new NotGranted("grants", "must have " + right, 0, "", principal.identified());
  }

  @Override
  public NotGranted atLine(int number) {
    return new NotGranted(field(), rule(), number, topic, identified);
  }

  /** The topic or glob that is not granted; empty if it is about another right. */
  public String topic() {
    return topic;
  }

  /** Whether the principal has shown a token; otherwise one may help. */
  public boolean identified() {
    return identified;
  }
}
