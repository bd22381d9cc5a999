package io.tidings.chaos;

import java.util.List;

/**
 * What a publisher knows of one request.
 *
 * @param ids of an acknowledgement: the events' ids, in the order of the request
 * @param sent before the request, by {@link System#nanoTime}
 * @param received when the outcome was known
 * @param node that was asked
 * @param detail the status or the exception
 */
record Answer(
    Outcome outcome, List<String> ids, long sent, long received, int node, String detail) {
  /** What the request did, as far as the publisher can know. */
  enum Outcome {
    /** It is stored, and stays. */
    ACKNOWLEDGED,
    /** This request stored nothing and never will. */
    REFUSED,
    /** Either of both. */
    UNKNOWN
  }
}
