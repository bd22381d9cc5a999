package io.tidings.auth;

import io.vertx.core.Future;
import java.time.Instant;

/** What all hubs of a log know about tickets: of two values for a key, the first one counts. */
@FunctionalInterface
public interface TicketTable {
  /**
   * Stores a value, unless the key of that kind has one.
   *
   * @param key begins with its owner and a colon, if it has one, who can store so many only
   * @param until when it may be forgotten
   * @return completes, on any thread, with the value that was stored first; fails with the log's
   *     failure if that can't be known now
   */
  Future<String> putIfAbsent(String kind, String key, String value, Instant until);
}
