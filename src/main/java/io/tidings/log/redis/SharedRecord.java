package io.tidings.log.redis;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.log.EventCodec;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A publication, or a part of a large one, as hubs hand it to each other through a {@link
 * RecordStore}. Numbers are big-endian, text is UTF-8:
 *
 * <pre>
 *  0  1  format: 1
 *  1  1  flags: 1 its events are taken once by their ids, 2 it may be there already
 *  2  8  writer: chosen at random by the hub's log when it was opened
 * 10  8  number: counts the writer's publications from 1
 * 18  4  part: 0 for the first record of the publication
 * 22  4  parts: how many records the publication has; at least 1
 * 26  8  seen: the offset of the last record that the writer knew when it wrote
 * 34  8  time of writing, in milliseconds since 1970
 * 42  2  length of the key, then the publication's key
 *     2  number of events, then the events, as {@link EventCodec} describes them
 * </pre>
 *
 * @param writer whose it is
 * @param number the publication's
 * @param part which part of it
 * @param parts of how many
 * @param seen what the writer had looked at when it decided that this is new
 * @param time of writing
 * @param key the publication's, or empty
 * @param once whether events are taken once by their ids
 * @param again whether it may be there already, because its first way there ended in the dark
 * @param events none for a record that says nothing
 */
record SharedRecord(
    long writer,
    long number,
    int part,
    int parts,
    long seen,
    long time,
    String key,
    boolean once,
    boolean again,
    List<Event> events) {
  private static final int FORMAT = 1;

  /** The bytes before the key. */
  private static final int HEADER = 42;

  private static final int ONCE = 1;
  private static final int AGAIN = 2;

  /** Cuts a publication into records of so many events. */
  static List<SharedRecord> of(
      Publication what, long writer, long number, long seen, long time, boolean again, int each) {
    var records = new ArrayList<SharedRecord>();
    List<Event> events = what.events();
    int parts = Math.max(1, (events.size() + each - 1) / each);
    for (int part = 0; part < parts; part++) {
      int to = Math.min(events.size(), (part + 1) * each);
      records.add(
          new SharedRecord(
              writer,
              number,
              part,
              parts,
              seen,
              time,
              what.key(),
              what.once(),
              again,
              events.subList(part * each, to)));
    }
    return records;
  }

  /** What makes a publication the same to the log: who wrote it, and its number. */
  Object identity() {
    return List.of(writer, number);
  }

  /** Whether it matters what was there between {@link #seen} and the record. */
  boolean mayRepeat() {
    return again || once || !key.isEmpty();
  }

  boolean last() {
    return part == parts - 1;
  }

  /** By which clients' ids name the entry; see {@link Position}. */
  long mark() {
    long mixed = (writer + number * 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 31)) * 0x94d049bb133111ebL;
    return 1 + Math.floorMod(mixed ^ (mixed >>> 32), Position.MAX_EPOCH);
  }

  Buffer encode() {
    int most = HEADER + EventCodec.maxBytes(key) + Short.BYTES;
    for (Event event : events) {
      most += EventCodec.maxBytes(event);
    }
    ByteBuffer to = ByteBuffer.allocate(most);
    to.put((byte) FORMAT).put((byte) ((once ? ONCE : 0) | (again ? AGAIN : 0)));
    to.putLong(writer).putLong(number).putInt(part).putInt(parts);
    to.putLong(seen).putLong(time);
    EventCodec.put(to, key);
    to.putShort((short) events.size());
    events.forEach(event -> EventCodec.put(to, event));
    return Buffer.buffer(Arrays.copyOf(to.array(), to.position()));
  }

  /**
   * @throws IllegalArgumentException where it is not of this format: a hub of another version wrote
   *     it, or something else
   */
  static SharedRecord decode(Buffer from) {
    try {
      return decode(ByteBuffer.wrap(from.getBytes()));
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("not a record of this hub's version", e);
    }
  }

  private static SharedRecord decode(ByteBuffer from) {
    if (from.get(0) != FORMAT) {
      throw new IllegalArgumentException("format " + from.get(0));
    }
    int flags = from.get(1);
    int at = EventCodec.afterText(from, HEADER);
    int count = from.getShort(at) & 0xffff;
    at += Short.BYTES;
    var events = new ArrayList<Event>(count);
    for (int i = 0; i < count; i++) {
      events.add(EventCodec.event(from, at));
      at = EventCodec.afterEvent(from, at);
    }
    return new SharedRecord(
        from.getLong(2),
        from.getLong(10),
        from.getInt(18),
        from.getInt(22),
        from.getLong(26),
        from.getLong(34),
        EventCodec.text(from, HEADER),
        (flags & ONCE) != 0,
        (flags & AGAIN) != 0,
        events);
  }
}
