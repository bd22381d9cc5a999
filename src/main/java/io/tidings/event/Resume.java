package io.tidings.event;

import java.time.Duration;

/** From where in the log a stream wants to hear. */
public sealed interface Resume {
  /** The word that clients say in place of an id to hear all there is. */
  String EARLIEST = "earliest";

  /** From now on. */
  record Live() implements Resume {}

  /** All there is, then live. */
  record Earliest() implements Resume {}

  /** The newest entry of the selection, then live. */
  record Latest() implements Resume {}

  /** What is younger than the given age, then live. */
  record Since(Duration age) implements Resume {}

  /** What came after the entry with this id, be it the log's or a publisher's. */
  record After(String id) implements Resume {}
}
