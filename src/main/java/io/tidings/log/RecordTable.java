package io.tidings.log;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Expiring records in memory, in the order in which they were stored. A function of the calls
 * alone: time is given by the caller. Thread-safe.
 */
public final class RecordTable {
  /**
   * The most records of a kind. Each kind has room of its own, so that who stores many of one kind,
   * as by tickets, does not prevent those of another, such as the revocation of his token.
   */
  public static final int MAX_RECORDS = 100_000;

  /** The most bytes of all records of a kind. */
  public static final long MAX_BYTES = 16L << 20;

  /**
   * For how long a record is kept beyond its end: the caller's clock may be ahead of the clocks by
   * which others see whether a token has ended.
   */
  public static final Duration GRACE = Duration.ofHours(1);

  /** No text of a record is longer. */
  private static final int MAX_TEXT_BYTES = 1 << 16;

  private record Key(String kind, String key) {
    static Key of(ExpiringRecord record) {
      return new Key(record.kind(), record.key());
    }
  }

  private final Map<Key, ExpiringRecord> records = new LinkedHashMap<>();

  /** The keys by the time at which their records end. */
  private final TreeMap<Instant, Set<Key>> ends = new TreeMap<>();

  /** What the records of each kind occupy. */
  private final Map<String, Use> uses = new HashMap<>();

  /** Records of one kind. */
  private record Use(int records, long bytes) {
    static final Use NONE = new Use(0, 0);

    Use plus(Use other) {
      return new Use(records + other.records, bytes + other.bytes);
    }
  }

  /**
   * Stores a record unless there is one with its kind and key.
   *
   * @return the stored one; empty if there is no room, then nothing has changed
   */
  public synchronized Optional<ExpiringRecord> putIfAbsent(ExpiringRecord record) {
    ExpiringRecord first = records.get(Key.of(record));
    if (first != null) {
      return Optional.of(first);
    }
    if (!hasRoom(record, new RecordTable())) {
      return Optional.empty();
    }
    put(record);
    return Optional.of(record);
  }

  /** Stores a record in place of one with its kind and key, even if there is no room. */
  synchronized void put(ExpiringRecord record) {
    Key key = Key.of(record);
    ExpiringRecord before = records.remove(key);
    if (before != null) {
      forget(key, before);
      Set<Key> sameEnd = ends.get(before.until());
      sameEnd.remove(key);
      if (sameEnd.isEmpty()) {
        ends.remove(before.until());
      }
    }
    records.put(key, record);
    ends.computeIfAbsent(record.until(), end -> new LinkedHashSet<>()).add(key);
    uses.merge(record.kind(), new Use(1, record.bytes()), Use::plus);
  }

  private void forget(Key key, ExpiringRecord record) {
    records.remove(key);
    uses.merge(record.kind(), new Use(-1, -record.bytes()), Use::plus);
  }

  /**
   * Whether there is room for a further record.
   *
   * @param others that will be stored before it, and are not in this table
   */
  synchronized boolean hasRoom(ExpiringRecord record, RecordTable others) {
    Use all = use(record.kind()).plus(others.use(record.kind())).plus(new Use(1, record.bytes()));
    return all.records <= MAX_RECORDS && all.bytes <= MAX_BYTES;
  }

  private synchronized Use use(String kind) {
    return uses.getOrDefault(kind, Use.NONE);
  }

  /** Removes the records that have ended some time before. */
  public synchronized void prune(Instant now) {
    Instant ended = now.minus(GRACE);
    while (!ends.isEmpty() && !ends.firstKey().isAfter(ended)) {
      for (Key key : ends.pollFirstEntry().getValue()) {
        forget(key, records.get(key));
      }
    }
  }

  public synchronized Optional<ExpiringRecord> find(String kind, String key) {
    return Optional.ofNullable(records.get(new Key(kind, key)));
  }

  /** All records, in the order in which they were stored. */
  public synchronized List<ExpiringRecord> all() {
    return List.copyOf(records.values());
  }

  /** All records of a kind, in the order in which they were stored. */
  synchronized List<ExpiringRecord> all(String kind) {
    return records.values().stream().filter(record -> record.kind().equals(kind)).toList();
  }

  public synchronized boolean isEmpty() {
    return records.isEmpty();
  }

  synchronized long bytes() {
    return uses.values().stream().mapToLong(Use::bytes).sum();
  }

  /** Why a record of the kind is refused for which there is no room. */
  public LogUnavailable full(String kind) {
    Use use = use(kind);
    return new LogUnavailable(
        "there is no room for a further expiring record: %d of at most %d, with %d of %d bytes; nothing was stored"
            .formatted(use.records, MAX_RECORDS, use.bytes, MAX_BYTES),
        null);
  }

  // ---- encoding

  /** Writes all records; equal tables have equal bytes. */
  public synchronized void write(DataOutput to) throws IOException {
    to.writeInt(records.size());
    for (ExpiringRecord record : records.values()) {
      write(to, record);
    }
  }

  /** Reads a table. */
  public static RecordTable read(DataInput from) throws IOException {
    var table = new RecordTable();
    for (int count = from.readInt(); count > 0; count--) {
      table.put(readRecord(from));
    }
    return table;
  }

  /** Writes records, without their number. */
  public static void write(DataOutput to, ExpiringRecord record) throws IOException {
    to.writeLong(record.until().toEpochMilli());
    for (String text : List.of(record.kind(), record.key(), record.value())) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      to.writeInt(utf8.length);
      to.write(utf8);
    }
  }

  /**
   * Reads one record.
   *
   * @throws IOException if it is damaged
   */
  public static ExpiringRecord readRecord(DataInput from) throws IOException {
    Instant until = Instant.ofEpochMilli(from.readLong());
    var texts = new ArrayList<String>();
    for (int text = 0; text < 3; text++) {
      int length = from.readInt();
      if (length < 0 || length > MAX_TEXT_BYTES) {
        throw new IOException("an expiring record is damaged: a text of " + length + " bytes");
      }
      var utf8 = new byte[length];
      from.readFully(utf8);
      texts.add(new String(utf8, StandardCharsets.UTF_8));
    }
    try {
      return new ExpiringRecord(texts.get(0), texts.get(1), texts.get(2), until);
    } catch (IllegalArgumentException e) {
      throw new IOException("an expiring record is damaged: " + e.getMessage(), e);
    }
  }
}
