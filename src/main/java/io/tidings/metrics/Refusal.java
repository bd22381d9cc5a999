package io.tidings.metrics;

/** Why a client was refused, as a label of metrics and a word of the audit log. */
public enum Refusal {
  /** Limit: open streams. */
  STREAMS,
  /** Limit: streams opened a second. */
  OPENS,
  /** Limit: events published a second. */
  PUBLISHES,
  /** Limit: bytes published a second. */
  BYTES,
  /** Limit: logins that failed. */
  LOGINS,
  /** Limit: tickets that were redeemed. */
  TICKETS,
  /** The request names a host that is not the hub's. */
  HOST,
  /** The request comes from a page of an origin that is not allowed. */
  ORIGIN,
  /** There is no token, and without one it is not allowed. */
  NO_TOKEN,
  /** The token proves nothing: malformed, forged, expired, of an unknown issuer. */
  TOKEN,
  /** The topic may not be read. */
  SUBSCRIBE,
  /** The topic may not be published to. */
  PUBLISH,
  /** Only an administrator may do this. */
  ADMIN
}
