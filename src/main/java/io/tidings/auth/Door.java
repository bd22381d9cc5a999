package io.tidings.auth;

import java.util.Locale;

/** The ways into a hub. Each one decides by the grants of the principal that uses it. */
public enum Door {
  /** One event, or a batch, over HTTP. */
  PUBLISH,

  /** A stream of Server-Sent Events or of lines of JSON. */
  SUBSCRIBE,

  /** One long poll. */
  POLL,

  /** A stream over a WebSocket. */
  WEBSOCKET,

  /** The stream that shows what is between client and hub. */
  PROBE,

  /** The statistics of the last minutes. */
  STATS,

  /** The nodes of the cluster. */
  CLUSTER,

  /** The metrics of this node. */
  METRICS,

  /** The browser's session: a token as a cookie. */
  SESSION,

  /** Publishing over the event bus. */
  BUS;

  /** Its name in audit lines and metrics. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
