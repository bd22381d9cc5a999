package io.tidings.event;

import java.util.Optional;

/** Who may receive an event, of those whose filter has one of its topics. */
public enum Visibility {
  /** Everybody. */
  PUBLIC,

  /** Those to whom one of its topics is granted by their own token: {@link Selection}. */
  PRIVATE;

  /** The name of the mark in requests. */
  public static final String MARK = "private";

  /**
   * Reads the mark where it is a flag: present or not.
   *
   * @param flag its value; empty if it is not present
   * @throws InvalidEvent if it has another value than none, or true
   */
  public static Visibility ofFlag(Optional<String> flag) {
    if (flag.isEmpty()) {
      return PUBLIC;
    } else if (flag.get().isEmpty() || flag.get().equals("true")) {
      return PRIVATE;
    }
    throw new InvalidEvent(MARK, "must have no value, or true");
  }
}
