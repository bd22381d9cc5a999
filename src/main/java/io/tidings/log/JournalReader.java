package io.tidings.log;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Reads what a journal had when the question was asked; also what the log forgets meanwhile.
 * Belongs to one thread.
 */
public interface JournalReader {
  /** What the journal had. */
  Journal.Extent extent();

  /**
   * Reads on, up to the next place where records are lost.
   *
   * @param from where; not before the oldest record, and not where something is missed
   * @param maxBytes how many bytes of frames are enough
   * @param until an offset with which the page may end early, because memory has the rest
   */
  Page after(Position from, Filter what, int maxBytes, long until) throws IOException;

  /** The newest entry of the filter. */
  Optional<Entry> newestOf(Filter what) throws IOException;

  /** The offset before the first record that is of the given time or younger. */
  long before(long time) throws IOException;

  /**
   * The oldest entry with the publisher's id in the filter, or else the oldest of all that have it.
   */
  Optional<Entry> withId(String id, Filter what) throws IOException;

  /** The newest entry with the publisher's id in the topic, if it is as young as that. */
  Optional<Entry> newestWithId(String id, String topic, long sinceTime) throws IOException;

  /** The entries of the newest publication with the key, if it is as young as that. */
  List<Entry> withKey(String key, long sinceTime) throws IOException;

  /** The id of the first entry after the offset; null where there is none. */
  default String idAfter(long epoch, long offset) throws IOException {
    return after(new Position(epoch, offset), Filter.EVERYTHING, 1, Long.MAX_VALUE).firstId();
  }
}
