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
   * The most records of one kind. Each kind has room of its own: whoever redeems many tickets must
   * not keep tokens from being revoked.
   */
  public static final int MAX_RECORDS = 100_000;

  /** The most records of one kind of one owner: nobody must use up the room of all others. */
  public static final int MAX_OF_OWNER = 10_000;

  /** The most bytes of all records of one kind. */
  public static final long MAX_BYTES = 16L << 20;

  /**
   * For how long a record is kept beyond its end: the caller's clock may be ahead of the clocks by
   * which others see whether a token has ended.
   */
  public static final Duration GRACE = Duration.ofHours(1);

  private static final RecordTable NONE = new RecordTable();

  /** No text of a record is longer. */
  private static final int MAX_TEXT_BYTES = 1 << 16;

  private record Key(String kind, String key) {
    static Key of(ExpiringRecord record) {
      return new Key(record.kind(), record.key());
    }
  }

  /** The records of a kind, or only those of one owner. */
  private record Scope(String kind, String owner) {
    static Scope ofKind(String kind) {
      return new Scope(kind, "");
    }

    static Scope ofOwner(ExpiringRecord record) {
      return new Scope(record.kind(), record.owner());
    }
  }

  /** What the records of a scope occupy. */
  private record Use(int records, long bytes) {
    private static final Use NONE = new Use(0, 0);

    static Use of(ExpiringRecord record) {
      return new Use(1, record.bytes());
    }

    Use plus(Use other) {
      return new Use(records + other.records, bytes + other.bytes);
    }

    Use minus(Use other) {
      return new Use(records - other.records, bytes - other.bytes);
    }
  }

  private final Map<Key, ExpiringRecord> records = new LinkedHashMap<>();
  private final Map<Scope, Use> uses = new HashMap<>();

  /** The keys by the time at which their records end. */
  private final TreeMap<Instant, Set<Key>> ends = new TreeMap<>();

  private long bytes;

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
    if (!hasRoom(record, NONE)) {
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
    uses.merge(Scope.ofKind(record.kind()), Use.of(record), Use::plus);
    if (!record.owner().isEmpty()) {
      uses.merge(Scope.ofOwner(record), Use.of(record), Use::plus);
    }
    bytes += record.bytes();
  }

  private void forget(Key key, ExpiringRecord record) {
    records.remove(key);
    subtract(Scope.ofKind(record.kind()), record);
    if (!record.owner().isEmpty()) {
      subtract(Scope.ofOwner(record), record);
    }
    bytes -= record.bytes();
  }

  private void subtract(Scope scope, ExpiringRecord record) {
    Use left = use(scope).minus(Use.of(record));
    if (left.equals(Use.NONE)) {
      uses.remove(scope);
    } else {
      uses.put(scope, left);
    }
  }

  private synchronized Use use(Scope scope) {
    return uses.getOrDefault(scope, Use.NONE);
  }

  /** Whether there is room for a further record when all of another table are added. */
  synchronized boolean hasRoom(ExpiringRecord record, RecordTable others) {
    Scope kind = Scope.ofKind(record.kind());
    Use all = use(kind).plus(others.use(kind)).plus(Use.of(record));
    return all.records <= MAX_RECORDS && all.bytes <= MAX_BYTES && hasRoomForOwner(record, others);
  }

  private boolean hasRoomForOwner(ExpiringRecord record, RecordTable others) {
    Scope owner = Scope.ofOwner(record);
    return record.owner().isEmpty()
        || use(owner).records + others.use(owner).records < MAX_OF_OWNER;
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
    return bytes;
  }

  /** Why a record is refused for which there is no room when all of another table are added. */
  synchronized LogUnavailable refusal(ExpiringRecord record, RecordTable others) {
    if (!hasRoomForOwner(record, others)) {
      return new TooManyRecords(record.kind());
    }
    String kind = record.kind();
    Use use = use(Scope.ofKind(kind));
    return new LogUnavailable(
        "there is no room for a further expiring record (%s): %d of at most %d, with %d of %d bytes; nothing was stored"
            .formatted(kind, use.records, MAX_RECORDS, use.bytes, MAX_BYTES),
        null);
  }

  /** Why {@link #putIfAbsent} has refused a record. */
  public LogUnavailable refusal(ExpiringRecord record) {
    return refusal(record, NONE);
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
