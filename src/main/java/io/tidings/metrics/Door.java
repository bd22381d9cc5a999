package io.tidings.metrics;

/** The ways into the hub, as labels of metrics and words of the audit log. */
public enum Door {
  /** One event by HTTP. */
  PUBLISH,
  /** Several events by HTTP. */
  BATCH,
  /** Server-Sent Events. */
  STREAM,
  /** A stream of JSON lines. */
  LINES,
  /** A long poll. */
  POLL,
  WEBSOCKET,
  STATS,
  PROBE,
  CLUSTER,
  METRICS,
  /** The browser's session: a token as a cookie. */
  SESSION,
  /** A ticket, which stands for a token in the URL of a stream. */
  TICKETS,
  /** The tokens that are not accepted any more, for administrators. */
  REVOCATIONS,
  /** The open streams, for administrators. */
  STREAMS,
  /** The publishers, for administrators. */
  PUBLISHERS,
  /** Who is present at a topic. */
  PRESENCE,
  HEALTH,
  SCENES,
  /** Every other path. */
  PAGES,
  /** A request on the event bus. */
  BUS;

  /** Whether it is a way to publish. */
  public boolean publishes() {
    return this == PUBLISH || this == BATCH || this == BUS;
  }

  /** Its name in labels, audit lines and topics. */
  public String word() {
    return RequestMetrics.word(this);
  }
}
