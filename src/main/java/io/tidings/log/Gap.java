package io.tidings.log;

import io.tidings.event.TextRules;

/**
 * Entries that a stream may have missed.
 *
 * @param reason why they are missing
 * @param after the position or publisher's id from which the stream was to resume, as it was given;
 *     null if it was requested by age
 * @param next the id of the entry with which the stream continues; null if the log has none yet
 */
public record Gap(Reason reason, String after, String next) {
  /** A copy with the id of the entry with which the stream continues. */
  public Gap resumingAt(String id) {
    return new Gap(reason, after, id);
  }

  /**
   * The id with which a client can repeat the request and get the same gap; empty if there is none,
   * or if not every client can send it back.
   */
  public String resumableAfter() {
    boolean id = after != null && TextRules.printableAscii(after) && after.equals(after.strip());
    return id ? after : "";
  }

  /** Why the log can't continue at the requested position. */
  public enum Reason {
    /** The entries were removed by retention. */
    REMOVED("removed"),
    /** The log does not know the id. */
    UNKNOWN("unknown"),
    /** The position belongs to another log, or to another epoch of this one. */
    EPOCH("epoch"),
    /** The entries were lost because the storage was damaged. */
    LOST("lost");

    private final String word;

    Reason(String word) {
      this.word = word;
    }

    /** The reason as sent to clients. */
    public String word() {
      return word;
    }
  }
}
