package io.tidings.log;

import io.tidings.event.Event;
import java.util.List;
import java.util.Optional;

/**
 * The lookups of deduplication: entries by publication key and by publisher's id.
 *
 * @param <X> what a failing lookup throws; {@link RuntimeException} if it can't fail
 */
interface PublishedEntries<X extends Exception> {
  /**
   * The entries of the newest publication with the key in the scope.
   *
   * @param sinceTime in milliseconds since 1970; empty if the publication is older
   */
  List<Entry> withKey(String scope, String key, long sinceTime) throws X;

  /**
   * The newest entry in the scope with the event's id in the event's topic.
   *
   * @param sinceTime in milliseconds since 1970; empty if the entry is older
   */
  Optional<Entry> newestWithId(String scope, Event event, long sinceTime) throws X;
}
