package io.tidings.log.raft;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.log.Attributes;
import io.tidings.log.Entry;
import io.tidings.log.LogRecord;
import io.tidings.log.raft.DedupTable.Known;
import io.tidings.log.raft.DedupTable.Name;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The state that commands change: the next offset, the time, and what repetitions are recognised
 * by. A function of the commands alone. Offsets are dense and begin at 1. Confined to the thread
 * that applies.
 */
public final class ReplicatedState {
  private static final int FORMAT = 1;

  private final long epoch;
  private final DedupTable dedup;
  private long next;
  private long lastTime;

  private ReplicatedState(long epoch, DedupTable dedup, long next, long lastTime) {
    this.epoch = epoch;
    this.dedup = dedup;
    this.next = next;
    this.lastTime = lastTime;
  }

  /**
   * The state of a new log.
   *
   * @param epoch of the positions
   * @param onceMillis how long repetitions are recognised; 0 for never
   * @param onceBytes the maximum size of what they are recognised by
   */
  public static ReplicatedState empty(long epoch, long onceMillis, long onceBytes) {
    return new ReplicatedState(epoch, new DedupTable(onceMillis, onceBytes), 1, 0);
  }

  /**
   * What a command does.
   *
   * @param records the new records, in order; none if all was known or refused
   * @param results one for each publication, in order
   */
  public record Applied(List<LogRecord> records, List<Result> results) {}

  /** What a command does for one of its publications. */
  public sealed interface Result {
    /**
     * The publication is stored, by this command or an earlier one.
     *
     * @param entries of all events, in order
     */
    record Stored(List<Entry> entries) implements Result {}

    /** The key was used before with other events; nothing is stored. */
    record KeyReused() implements Result {}

    /** There is no room for what a repetition would be recognised by; nothing is stored. */
    record NoRoom() implements Result {}
  }

  /**
   * Applies a command.
   *
   * @param index of the command in the Raft log, which its records carry
   */
  public Applied apply(long index, Command command) {
    lastTime = Math.max(lastTime, command.time());
    dedup.expire(lastTime);
    Attributes attributes = Attributes.NONE.with(Attributes.RAFT_INDEX, index);
    var records = new ArrayList<LogRecord>();
    var results = new ArrayList<Result>();
    for (Publication publication : command.publications()) {
      results.add(apply(publication, attributes, records));
    }
    return new Applied(records, results);
  }

  private Result apply(Publication publication, Attributes attributes, List<LogRecord> records) {
    boolean keyed = dedup.enabled() && !publication.key().isEmpty();
    boolean once = dedup.enabled() && publication.once();
    if (keyed) {
      Optional<Known> known = dedup.find(Name.of(publication));
      if (known.isPresent()) {
        return known.get().has(publication)
            ? stored(publication.events(), known.get())
            : new Result.KeyReused();
      }
    }
    if ((keyed || once) && !dedup.hasRoom(publication)) {
      return new Result.NoRoom();
    }
    Result.Stored stored = append(publication, once, attributes, records);
    if (keyed) {
      dedup.add(
          publication, lastTime, stored.entries().stream().mapToLong(Entry::offset).toArray());
    }
    return stored;
  }

  private Result.Stored stored(List<Event> events, Known known) {
    var entries = new ArrayList<Entry>(events.size());
    for (int i = 0; i < events.size(); i++) {
      entries.add(entry(known.offsets()[i], known.time(), events.get(i)));
    }
    return new Result.Stored(entries);
  }

  private Result.Stored append(
      Publication publication, boolean once, Attributes attributes, List<LogRecord> records) {
    var entries = new ArrayList<Entry>(publication.events().size());
    var fresh = new ArrayList<Entry>();
    for (Event event : publication.events()) {
      Optional<Known> known = once ? dedup.find(Name.of(event)) : Optional.empty();
      if (known.isPresent()) {
        entries.add(entry(known.get().offsets()[0], known.get().time(), event));
        continue;
      }
      Entry entry = entry(next++, lastTime, event);
      entries.add(entry);
      fresh.add(entry);
      if (once) {
        dedup.add(event, lastTime, entry.offset());
      }
    }
    for (int i = 0; i < fresh.size(); i++) {
      String key = i == 0 ? publication.key() : "";
      records.add(new LogRecord(fresh.get(i), fresh.size() - 1 - i, key, 0, attributes));
    }
    return new Result.Stored(entries);
  }

  private Entry entry(long offset, long time, Event event) {
    return Entry.of(new Position(epoch, offset), offset - 1, time, event);
  }

  /** The offset of the next record. */
  public long next() {
    return next;
  }

  /** The time of the newest command, in milliseconds since 1970; never falls. */
  public long lastTime() {
    return lastTime;
  }

  public long epoch() {
    return epoch;
  }

  /** The size of what repetitions are recognised by. */
  public long dedupBytes() {
    return dedup.bytes();
  }

  /** Encodes the state; equal states have equal bytes. */
  public byte[] encode() {
    var bytes = new ByteArrayOutputStream();
    try (var to = new DataOutputStream(bytes)) {
      to.writeByte(FORMAT);
      to.writeLong(epoch);
      to.writeLong(next);
      to.writeLong(lastTime);
      dedup.write(to);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // not possible: the output is an array
    }
    return bytes.toByteArray();
  }

  /**
   * Decodes a state.
   *
   * @throws IOException if it is of another version, or damaged
   */
  public static ReplicatedState decode(byte[] bytes) throws IOException {
    try (var from = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = from.readUnsignedByte();
      if (format != FORMAT) {
        throw new IOException("the state has format " + format + ", not " + FORMAT);
      }
      long epoch = from.readLong();
      long next = from.readLong();
      long lastTime = from.readLong();
      return new ReplicatedState(epoch, DedupTable.read(from), next, lastTime);
    }
  }
}
