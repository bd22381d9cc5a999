package io.tidings.log;

import io.tidings.event.TextRules;

/**
 * Tells that a stream may have missed something, and why.
 *
 * @param reason why
 * @param after the place or id after which it wanted to hear, as it was given; null where it asked
 *     by age
 * @param next the id of the entry with which it goes on; null where the log is empty
 */
public record Gap(Reason reason, String after, String next) {
  /** The same, with the id of the entry with which the stream goes on. */
  public Gap resumingAt(String id) {
    return new Gap(reason, after, id);
  }

  /**
   * The id with which a client would ask for the same place again, and be told of the gap again;
   * empty where it has none, or one that not every client can send back.
   */
  public String resumableAfter() {
    boolean id = after != null && TextRules.printableAscii(after) && after.equals(after.strip());
    return id ? after : "";
  }

  /** Why the log can't go on where a stream wants it to. */
  public enum Reason {
    /** The log had it, and no longer does. */
    FORGOTTEN("forgotten"),
    /** The log never had it, as far as it knows. */
    UNKNOWN("unknown"),
    /** It belongs to another log, or to another life of this one. */
    EPOCH("epoch"),
    /** The log had it, and its storage was damaged. */
    LOST("lost");

    private final String word;

    Reason(String word) {
      this.word = word;
    }

    /** The word that clients are told. */
    public String word() {
      return word;
    }
  }
}
