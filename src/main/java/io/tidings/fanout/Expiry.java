package io.tidings.fanout;

/**
 * The end of one stream's token, as entered in the {@link ExpiryWheel}. The client is told {@link
 * #NOTICE_MILLIS} before it; the stream ends somewhat before it, or once an event that is being
 * sent in parts is complete; at the latest it is cut when the token ends. Confined to the loop of
 * its stream.
 */
final class Expiry {
  /** How long before the token's end its client is told. */
  static final long NOTICE_MILLIS = 30_000;

  private enum Step {
    NOTICE,
    END,
    CUT
  }

  private final Subscriber stream;
  private final long tokenEnds;
  private final long streamEnds;
  private Step next = Step.NOTICE;
  private long due;

  // of the list of its slot, which the wheel keeps
  Expiry before;
  Expiry after;
  boolean entered;

  /**
   * @param tokenEnds in milliseconds since 1970
   * @param streamEnds the same, not after it
   */
  Expiry(Subscriber stream, long tokenEnds, long streamEnds) {
    this.stream = stream;
    this.tokenEnds = tokenEnds;
    this.streamEnds = streamEnds;
    this.due = Math.min(streamEnds, tokenEnds - NOTICE_MILLIS);
  }

  /** When the next step is due, in milliseconds since 1970. */
  long due() {
    return due;
  }

  Subscriber stream() {
    return stream;
  }

  /** Whether there is nothing more to do. */
  boolean done() {
    return stream.left();
  }

  /** Does the next step, which is due. */
  void step() {
    Step step = next;
    switch (step) {
      case NOTICE -> {
        next = Step.END;
        due = streamEnds;
        stream.tellRights();
      }
      case END -> {
        next = Step.CUT;
        due = tokenEnds;
        stream.expire(CloseReason.TOKEN_EXPIRED);
      }
      case CUT -> stream.cut(CloseReason.TOKEN_EXPIRED);
    }
  }
}
