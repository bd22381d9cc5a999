package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Reads a snapshot of a journal: what it contained when the query began, including records that
 * retention removes meanwhile. Belongs to one thread.
 */
public interface JournalReader {
  /** What the snapshot contains. */
  Journal.Extent extent();

  /**
   * Reads the entries after a position, up to the next place where records are lost.
   *
   * @param from not before the oldest record, and not within a gap
   * @param maxBytes the bytes of frames after which the page ends
   * @param until the offset at which the page may end early, because the window has the rest
   */
  Page after(Position from, Selection selection, int maxBytes, long until) throws IOException;

  /** The newest entry that the selection matches. */
  Optional<Entry> newestOf(Selection selection) throws IOException;

  /**
   * The offset before the first record of the given time or later.
   *
   * @param time in milliseconds since 1970
   */
  long before(long time) throws IOException;

  /**
   * The oldest entry with the publisher's id that the selection matches; otherwise the oldest that
   * the readable selection matches.
   */
  Optional<Entry> withId(String id, Selection selection, Selection readable) throws IOException;

  /**
   * The newest entry in the scope with the event's id in the event's topic.
   *
   * @param sinceTime in milliseconds since 1970; empty if the entry is older
   */
  Optional<Entry> newestWithId(String scope, Event event, long sinceTime) throws IOException;

  /**
   * The entries of the newest publication with the key in the scope.
   *
   * @param sinceTime in milliseconds since 1970; empty if the publication is older
   */
  List<Entry> withKey(String scope, String key, long sinceTime) throws IOException;

  /** As {@link Page#firstId(Selection)} of the entries after the offset. */
  default String idAfter(long epoch, long offset, Selection readable) throws IOException {
    return after(new Position(epoch, offset), Selection.EVERYTHING, 1, Long.MAX_VALUE)
        .firstId(readable);
  }
}
