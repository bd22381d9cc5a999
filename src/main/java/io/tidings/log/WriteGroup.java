package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is written at once: publications one after the other, with their places and their bytes.
 * Belongs to the thread that writes, which begins it again for each write.
 */
final class WriteGroup {
  /** About how many bytes of events are written at once. */
  static final int BYTES = 1 << 20;

  private static final int ROOM = 2 * BYTES;
  private static final int MOST_KEPT = 16 * BYTES;

  private final DiskStore store;
  private final Repeats repeats;
  private final List<Segment.Added> records = new ArrayList<>();
  private ByteBuffer buffer = ByteBuffer.allocateDirect(ROOM);
  private Repeats.Pending pending;
  private long time;
  private long previous;
  private long next;

  WriteGroup(DiskStore store, Repeats repeats) {
    this.store = store;
    this.repeats = repeats;
  }

  /** Begins anew, with nothing, after what the log has. */
  void begin(long now) {
    time = now;
    previous = store.previous();
    next = store.next();
    pending = repeats.pending();
    records.clear();
    if (buffer.capacity() > MOST_KEPT) {
      buffer = ByteBuffer.allocateDirect(ROOM);
    }
    buffer.clear();
  }

  boolean isEmpty() {
    return records.isEmpty();
  }

  long first() {
    return records.get(0).entry().offset();
  }

  long last() {
    return previous;
  }

  long time() {
    return time;
  }

  /** The records' bytes, from the buffer's beginning to its position. */
  ByteBuffer bytes() {
    return buffer.duplicate().flip();
  }

  /** The records, where their bytes were written at the given place. */
  List<Segment.Added> placedAt(int place) {
    return records.stream()
        .map(record -> new Segment.Added(record.entry(), place + record.place(), record.key()))
        .toList();
  }

  List<Entry> entries() {
    return records.stream().map(Segment.Added::entry).toList();
  }

  /**
   * Gives the events their places, but for those that the log has already.
   *
   * @return the entries of all of them
   * @throws InvalidEvent where the publication's key was given before, with other events
   * @throws IOException where it can't be read what was published before; then nothing was placed
   */
  List<Entry> take(Publication publication) throws IOException {
    List<Entry> answer = pending.known(publication, time);
    if (answer == null) {
      answer = publication.once() ? takeOnce(publication) : place(publication);
    }
    pending.add(publication, answer);
    return answer;
  }

  private List<Entry> takeOnce(Publication publication) throws IOException {
    Map<Event, Entry> known = pending.knownEvents(publication, time);
    Map<Object, Event> fresh = new LinkedHashMap<>();
    for (Event event : publication.events()) {
      if (!known.containsKey(event)) {
        fresh.putIfAbsent(Repeats.identity(event), event);
      }
    }
    Map<Object, Entry> placed = new HashMap<>();
    place(new Publication(List.copyOf(fresh.values()), publication.key(), true))
        .forEach(entry -> placed.put(Repeats.identity(entry.event()), entry));
    return publication.events().stream()
        .map(
            event ->
                known.containsKey(event) ? known.get(event) : placed.get(Repeats.identity(event)))
        .toList();
  }

  private List<Entry> place(Publication publication) {
    List<Event> events = publication.events();
    var entries = new ArrayList<Entry>(events.size());
    for (int i = 0; i < events.size(); i++) {
      Event event = events.get(i);
      Entry entry = Entry.of(new Position(store.epoch(), next), previous, time, event);
      String key = i == 0 ? publication.key() : "";
      int room = SegmentFormat.most(event, key);
      if (buffer.remaining() < room) {
        grow(room);
      }
      records.add(new Segment.Added(entry, buffer.position(), key));
      SegmentFormat.put(buffer, entry, events.size() - 1 - i, key);
      entries.add(entry);
      previous = next++;
    }
    return entries;
  }

  private void grow(int room) {
    int needed = buffer.position() + room;
    ByteBuffer larger = ByteBuffer.allocateDirect(Math.max(needed, 2 * buffer.capacity()));
    buffer.flip();
    buffer = larger.put(buffer);
  }
}
