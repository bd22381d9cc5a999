package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
 *     2  number of events; each is
 *        4  retry in milliseconds, or -1
 *        2  number of topics
 *           the topics, the type and the id, each as two bytes of length and the text
 *        4  length of the data, then the data
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
    Buffer to = Buffer.buffer(256);
    to.appendByte((byte) FORMAT).appendByte((byte) ((once ? ONCE : 0) | (again ? AGAIN : 0)));
    to.appendLong(writer).appendLong(number).appendInt(part).appendInt(parts);
    to.appendLong(seen).appendLong(time);
    text(to, key);
    to.appendShort((short) events.size());
    for (Event event : events) {
      to.appendInt(event.retry());
      to.appendShort((short) event.topics().size());
      event.topics().forEach(topic -> text(to, topic));
      text(to, event.type());
      text(to, event.id());
      byte[] data = event.data().getBytes(StandardCharsets.UTF_8);
      to.appendInt(data.length).appendBytes(data);
    }
    return to;
  }

  private static void text(Buffer to, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    to.appendShort((short) bytes.length).appendBytes(bytes);
  }

  /**
   * @throws IllegalArgumentException where it is not of this format: a hub of another version wrote
   *     it, or something else
   */
  static SharedRecord decode(Buffer from) {
    try {
      return new Reader(from).record();
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("not a record of this hub's version", e);
    }
  }

  private static final class Reader {
    private final Buffer from;
    private int at;

    Reader(Buffer from) {
      this.from = from;
    }

    SharedRecord record() {
      if (from.getByte(0) != FORMAT) {
        throw new IllegalArgumentException("format " + from.getByte(0));
      }
      int flags = from.getByte(1);
      at = 42;
      String key = text();
      int count = shortNumber();
      var events = new ArrayList<Event>(count);
      for (int i = 0; i < count; i++) {
        events.add(event());
      }
      return new SharedRecord(
          from.getLong(2),
          from.getLong(10),
          from.getInt(18),
          from.getInt(22),
          from.getLong(26),
          from.getLong(34),
          key,
          (flags & ONCE) != 0,
          (flags & AGAIN) != 0,
          events);
    }

    private Event event() {
      int retry = number();
      int count = shortNumber();
      var topics = new ArrayList<String>(count);
      for (int i = 0; i < count; i++) {
        topics.add(text());
      }
      String type = text();
      String id = text();
      return new Event(topics, type, id, retry, string(number()));
    }

    private String text() {
      return string(shortNumber());
    }

    private String string(int length) {
      at += length;
      return from.getString(at - length, at);
    }

    private int shortNumber() {
      at += 2;
      return from.getUnsignedShort(at - 2);
    }

    private int number() {
      at += 4;
      return from.getInt(at - 4);
    }
  }
}
