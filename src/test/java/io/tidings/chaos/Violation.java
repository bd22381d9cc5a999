package io.tidings.chaos;

/**
 * A promise that was not kept.
 *
 * @param detail the event or request, and who saw what
 */
record Violation(Kind kind, String detail) {
  enum Kind {
    /** Acknowledged, and not in the log of a node. */
    LOST,
    /** Received by a reader, and not in the log. */
    DELIVERED_THEN_LOST,
    /** Stored or delivered twice. */
    TWICE,
    /** Delivered in another order than that of the log. */
    REORDERED,
    /** Passed over by a reader whose span contains it. */
    MISSED,
    /** Refused, and there all the same. */
    REFUSED_BUT_THERE,
    /** Nobody published it. */
    FROM_NOWHERE,
    /** An event has another id than it was acknowledged or stored with, or two have the same id. */
    ID_DIFFERS,
    /** Two acknowledgements of one key name different ids. */
    ANSWERS_DIFFER,
    /** A batch is there in part, or not in its order. */
    TORN_BATCH,
    /** Two nodes have different logs. */
    REPLAYS_DIFFER,
    /** It was published after another was acknowledged, and comes before it. */
    BEFORE_ITS_TIME,
    /** The hub reported that entries are missing, though all are kept. */
    GAP,
    /** Other data than was published. */
    DAMAGED,
    /** Received, or told to be received, though it was not granted or not asked for then. */
    NOT_ALLOWED,
    /** A token was accepted, or a stream went on, too long after it had been revoked. */
    AFTER_REVOCATION,
    /** The same at a node that can't have heard of the revocation, and should know that. */
    AFTER_ISOLATION,
    /** Refused as revoked, though nobody revoked it, or was told that nothing was revoked. */
    REVOKED_WITHOUT_REASON,
    /** Revoked at some nodes only, after everything had ended. */
    HALF_REVOKED,
    /** A stream went on after the end of its token. */
    AFTER_EXPIRY,
    /** A stream ended with its token long before that ended. */
    EXPIRED_EARLY,
    /** A ticket that opens one stream opened two. */
    TICKET_TWICE,
    /** Two nodes led in one term. */
    TWO_LEADERS,
    /** The voters in the end are not those of the last change. */
    VOTERS_DIFFER,
    /** A node had voters whom nobody asked for. */
    VOTERS_FROM_NOWHERE,
    /** A change that must be refused was not. */
    VOTERS_NOT_REFUSED,
    /** The hub answered 500, by which it says that it has a bug. */
    FAILED
  }

  @Override
  public String toString() {
    return kind + ": " + detail;
  }
}
