package io.tidings.event;

import java.time.Duration;

/** From where in the log a stream wants to hear. */
public sealed interface ResumeRequest {
  /** The word that clients say in place of an id to hear all there is. */
  String EARLIEST = "earliest";

  /** From now on. */
  record Live() implements ResumeRequest {}

  /** All there is, then live. */
  record Earliest() implements ResumeRequest {}

  /** The newest entry of the filter, then live. */
  record Latest() implements ResumeRequest {}

  /** What is younger than the given age, then live. */
  record Since(Duration age) implements ResumeRequest {}

  /** What came after the entry with this id, be it the log's or a publisher's. */
  record After(String id) implements ResumeRequest {}
}
