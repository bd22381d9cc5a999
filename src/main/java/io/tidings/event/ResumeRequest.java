package io.tidings.event;

import java.time.Duration;
import java.util.Objects;

/** The position in the log at which a stream asks to begin. */
public sealed interface ResumeRequest {
  /** The value that clients send in place of an id to replay the whole log. */
  String EARLIEST = "earliest";

  /** At the head of the log. */
  record Live() implements ResumeRequest {}

  /** At the oldest retained entry. */
  record Earliest() implements ResumeRequest {}

  /** At the newest entry that matches the filter. */
  record Latest() implements ResumeRequest {}

  /**
   * At the oldest entry that is not older than the given age.
   *
   * @param age not negative; more than a century is as much
   */
  record Since(Duration age) implements ResumeRequest {
    private static final Duration MAX = Duration.ofDays(36_525);

    public Since {
      if (Objects.requireNonNull(age, "age").isNegative()) {
        throw new IllegalArgumentException("age: must not be negative");
      }
      age = age.compareTo(MAX) < 0 ? age : MAX;
    }
  }

  /** After the entry with this id, a position or a publisher's id. */
  record After(String id) implements ResumeRequest {
    public After {
      Objects.requireNonNull(id, "id");
    }
  }
}
