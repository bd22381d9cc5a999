package io.tidings.log.raft;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.log.EventCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The publications and events of the last while that a repetition is recognised by: publications
 * with a key, by that, and events that were published once, by topic and id. Part of the replicated
 * state, so it depends on nothing but the commands: entries leave it by the time of the log, never
 * for lack of room, and the measure of its size is fixed. Confined to the thread that applies.
 */
final class DedupTable {
  /** The measure of an entry beside its texts and offsets, in bytes. */
  private static final int ENTRY_BYTES = 160;

  private static final int DIGEST_BYTES = 16;

  /** These two are read by any thread. */
  private volatile long windowMillis;

  private volatile long maxBytes;

  /** The table's own time, in milliseconds: ages are differences of it. */
  private long clock;

  private final Map<Name, Entry> entries = new HashMap<>();

  /**
   * The same in the order of insertion, which is that of the times. In one array, so that a copy of
   * some 100,000 costs the thread that applies a millisecond; to walk a linked list takes a
   * hundred.
   */
  private final ArrayDeque<Entry> inOrder = new ArrayDeque<>();

  private long bytes;

  /**
   * @param windowMillis how long repetitions are recognised; 0 for never
   * @param maxBytes the maximum size, by the table's own measure
   */
  DedupTable(long windowMillis, long maxBytes) {
    this.windowMillis = windowMillis;
    this.maxBytes = maxBytes;
  }

  /**
   * What a repetition is recognised by.
   *
   * @param topic the event's topic; empty for a publication. If the publisher has a scope, it comes
   *     before that, with a line feed between them, which no topic has
   * @param text the event's id or the publication's key
   */
  record Name(String topic, String text) {
    static Name of(Publication publication) {
      return ofKey(publication.scope(), publication.key());
    }

    static Name ofKey(String scope, String key) {
      return new Name(scope.isEmpty() ? "" : scope + '\n', key);
    }

    static Name of(String scope, Event event) {
      return new Name(scope.isEmpty() ? event.topic() : scope + '\n' + event.topic(), event.id());
    }
  }

  /**
   * What is known of a publication or an event.
   *
   * @param time of the log, in milliseconds since 1970
   * @param digest of the publication's events; empty for an event
   * @param offsets of the entries, in the order of the events
   */
  record Known(long time, byte[] digest, long[] offsets) {
    boolean has(List<Event> events) {
      return Arrays.equals(digest, digestOf(events));
    }

    boolean has(long offset) {
      return Arrays.stream(offsets).anyMatch(each -> each == offset);
    }
  }

  /**
   * A name with what is known; immutable.
   *
   * @param added when it was added, by the table's time
   */
  record Entry(Name name, Known known, long added) {}

  /**
   * Changes the limits for what is added or expires from now on.
   *
   * @param newWindowMillis how long repetitions are recognised; 0 for never
   * @param newMaxBytes the maximum size; what is known already stays
   */
  void limit(long newWindowMillis, long newMaxBytes) {
    windowMillis = newWindowMillis;
    maxBytes = newMaxBytes;
  }

  /** How long repetitions are recognised; 0 for never. Any thread. */
  long windowMillis() {
    return windowMillis;
  }

  /** The maximum size. Any thread. */
  long maxBytes() {
    return maxBytes;
  }

  /** Whether repetitions are recognised at all. */
  boolean enabled() {
    return windowMillis > 0;
  }

  /** Lets time pass, and removes the entries that are too old then. */
  void pass(long millis) {
    clock += millis;
    Entry oldest = inOrder.peek();
    while (oldest != null && oldest.added < clock - windowMillis) {
      inOrder.remove();
      entries.remove(oldest.name);
      bytes -= size(oldest.name, oldest.known.offsets.length);
      oldest = inOrder.peek();
    }
  }

  Optional<Known> find(Name name) {
    Entry entry = entries.get(name);
    return entry == null ? Optional.empty() : Optional.of(entry.known);
  }

  /** Whether what is not known of the publication, its key and its events' ids, fits in. */
  boolean hasRoom(Publication publication) {
    long more = 0;
    if (!publication.key().isEmpty()) {
      more += sizeIfUnknown(Name.of(publication), publication.events().size());
    }
    if (publication.once()) {
      for (Event event : publication.events()) {
        more += sizeIfUnknown(Name.of(publication.scope(), event), 1);
      }
    }
    return more == 0 || bytes + more <= maxBytes;
  }

  private long sizeIfUnknown(Name name, int offsets) {
    return entries.containsKey(name) ? 0 : size(name, offsets);
  }

  /** Adds a publication with a key, and the offsets of its events. */
  void add(Publication publication, long time, long[] offsets) {
    put(Name.of(publication), new Known(time, digestOf(publication.events()), offsets));
  }

  /**
   * Adds a publication with a key, in place of an earlier one with the same name.
   *
   * @param events those that have entries
   */
  void replace(Name name, List<Event> events, long time, long[] offsets) {
    replace(name, new Known(time, digestOf(events), offsets));
  }

  /** Adds an event with an id, in place of an earlier one with the same name. */
  void replace(Name name, long time, long offset) {
    replace(name, new Known(time, new byte[0], new long[] {offset}));
  }

  private void replace(Name name, Known known) {
    Entry earlier = entries.remove(name);
    if (earlier != null) {
      inOrder.removeIf(entry -> entry == earlier); // rare, and not while commands are applied
      bytes -= size(name, earlier.known.offsets.length);
    }
    clock = Math.max(clock, known.time);
    put(name, known, known.time);
  }

  /** Adds an event with an id. */
  void add(Name name, long time, long offset) {
    put(name, new Known(time, new byte[0], new long[] {offset}));
  }

  private void put(Name name, Known known) {
    put(name, known, clock);
  }

  private void put(Name name, Known known, long added) {
    var entry = new Entry(name, known, added);
    if (entries.putIfAbsent(name, entry) == null) {
      inOrder.add(entry);
      bytes += size(name, known.offsets.length);
    }
  }

  private static long size(Name name, int offsets) {
    return ENTRY_BYTES
        + 2L * (name.topic.length() + name.text.length())
        + (long) Long.BYTES * offsets;
  }

  long bytes() {
    return bytes;
  }

  int size() {
    return entries.size();
  }

  private static byte[] digestOf(List<Event> events) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (Event event : events) {
        ByteBuffer encoded = ByteBuffer.allocate(EventCodec.maxBytes(event));
        EventCodec.put(encoded, event);
        sha.update(encoded.flip());
      }
      return Arrays.copyOf(sha.digest(), DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }

  /** What the table has now; of any thread. */
  Copy copy() {
    return new Copy(windowMillis, maxBytes, clock, inOrder.toArray(new Entry[0]));
  }

  /** A table that changes no more. */
  record Copy(long windowMillis, long maxBytes, long clock, Entry[] entries) {
    void write(DataOutput to) throws IOException {
      to.writeLong(windowMillis);
      to.writeLong(maxBytes);
      to.writeLong(clock);
      to.writeInt(entries.length);
      for (Entry entry : entries) {
        StateText.write(to, entry.name.topic);
        StateText.write(to, entry.name.text);
        Known known = entry.known;
        to.writeLong(entry.added);
        to.writeLong(known.time);
        to.writeByte(known.digest.length);
        to.write(known.digest);
        to.writeInt(known.offsets.length);
        for (long offset : known.offsets) {
          to.writeLong(offset);
        }
      }
    }
  }

  static DedupTable read(DataInput from) throws IOException {
    var table = new DedupTable(from.readLong(), from.readLong());
    table.clock = from.readLong();
    for (int count = from.readInt(); count > 0; count--) {
      var name = new Name(StateText.read(from), StateText.read(from));
      long added = from.readLong();
      long time = from.readLong();
      var digest = new byte[from.readUnsignedByte()];
      from.readFully(digest);
      List<Long> offsets = new ArrayList<>();
      for (int i = from.readInt(); i > 0; i--) {
        offsets.add(from.readLong());
      }
      table.put(name, new Known(time, digest, offsets.stream().mapToLong(o -> o).toArray()), added);
    }
    return table;
  }
}
