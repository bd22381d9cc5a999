package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import java.util.Optional;

/** The entries of a window that have an id from their publisher, by that id. Not thread-safe. */
final class PublisherIds {
  private final EntryRing entries;
  private final SequenceIndex index = new SequenceIndex();

  PublisherIds(EntryRing entries) {
    this.entries = entries;
  }

  /** Adds an entry of the ring, if it has an id. */
  void add(Entry entry, long sequence) {
    if (!entry.event().id().isEmpty()) {
      index.add(entry.event().id(), sequence);
    }
  }

  /** Removes the oldest entry of the ring, if it has an id. */
  void removeFirst(Entry oldest) {
    if (!oldest.event().id().isEmpty()) {
      index.removeFirst(oldest.event().id());
    }
  }

  void clear() {
    index.clear();
  }

  /** The newest entry with the event's id in the event's topic. */
  Optional<Entry> newest(Event event) {
    OffsetQueue sequences = index.get(event.id());
    for (int i = sequences == null ? -1 : sequences.size() - 1; i >= 0; i--) {
      Entry entry = entries.get(sequences.get(i));
      if (entry.event().topic().equals(event.topic())) {
        return Optional.of(entry);
      }
    }
    return Optional.empty();
  }

  /** The oldest entry with the id that the filter matches; otherwise the oldest with the id. */
  Optional<Entry> oldest(String id, Filter filter) {
    OffsetQueue sequences = index.get(id);
    if (sequences == null) {
      return Optional.empty();
    }
    for (int i = 0; i < sequences.size(); i++) {
      Entry entry = entries.get(sequences.get(i));
      if (filter.matches(entry.event().topics())) {
        return Optional.of(entry);
      }
    }
    return Optional.of(entries.get(sequences.get(0)));
  }
}
