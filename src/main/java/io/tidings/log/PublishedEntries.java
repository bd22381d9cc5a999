package io.tidings.log;

import io.tidings.event.Event;
import java.util.List;
import java.util.Optional;

/**
 * The lookups that deduplication needs: what was published with a key, or with a publisher's id.
 *
 * @param <X> what a lookup throws where it fails; {@link RuntimeException} where it can't
 */
interface PublishedEntries<X extends Exception> {
  /**
   * The entries of the newest publication with the key.
   *
   * @param sinceTime in milliseconds; nothing where the publication is older
   */
  List<Entry> withKey(String key, long sinceTime) throws X;

  /**
   * The newest entry with the event's id in the event's topic.
   *
   * @param sinceTime in milliseconds; nothing where the entry is older
   */
  Optional<Entry> newestWithId(Event event, long sinceTime) throws X;
}
