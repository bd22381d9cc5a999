package io.tidings.log.redis;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.log.DedupNames;
import io.tidings.log.EventCodec;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A publication of one event, or one event of a larger one, in the form in which hubs exchange it
 * through a {@link RecordStore}. Numbers are big-endian, text is UTF-8:
 *
 * <pre>
 *  0  1  format: 1; 2 with a scope, which a version that does not know scopes must not read; 3 with
 *        a private event, which a version that does not know the mark must not show
 *  1  1  flags: 1 deduplicate events by their ids, 2 retry: the publication may be stored already
 *  2  8  writer: chosen at random by the hub's log when it was opened
 * 10  8  number: counts the writer's publications from 1
 * 18  4  part: 0 for the first record of the publication
 * 22  4  parts: the number of records of the publication; at least 1
 * 26  8  seen: the offset of the last record that the writer had read when it wrote
 * 34  8  time of writing, in milliseconds since 1970
 * 42  2  length of the key, then the publication's key
 *     2  in formats 2 and 3: length of the scope, then the scope in which key and ids are deduplicated
 *     2  number of events: 0 or 1, then the event, as {@link EventCodec} describes it
 * </pre>
 *
 * @param writer identifies the writing log
 * @param number the publication's number
 * @param part the index of this part
 * @param parts the number of parts
 * @param seen the offset up to which the writer had checked for duplicates
 * @param time of writing
 * @param key the publication's key, or empty
 * @param once whether events are deduplicated by their ids
 * @param retry whether it may be stored already, because the outcome of an earlier add is unknown
 * @param event empty for a record that only tests the store
 * @param scope in which key and ids are deduplicated; empty for that of publishers without
 *     identity, and if there is neither key nor id
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
    boolean retry,
    Optional<Event> event,
    String scope) {
  private static final int FORMAT = 1;
  private static final int SCOPED_FORMAT = 2;
  private static final int PRIVATE_FORMAT = 3;

  /** The length of the header in bytes; the key follows. */
  private static final int HEADER = 42;

  private static final int ONCE = 1;
  private static final int RETRY = 2;

  /**
   * Makes a record of each event of a publication; of one without events, a record without one.
   *
   * @param origin writer, number, seen, time and retry of all parts
   */
  static List<SharedRecord> split(Publication publication, Origin origin) {
    var records = new ArrayList<SharedRecord>();
    List<Event> events = publication.events();
    int parts = Math.max(1, events.size());
    for (int part = 0; part < parts; part++) {
      Optional<Event> event = events.isEmpty() ? Optional.empty() : Optional.of(events.get(part));
      records.add(
          new SharedRecord(
              origin.writer,
              origin.number,
              part,
              parts,
              origin.seen,
              origin.time,
              publication.key(),
              publication.once(),
              origin.retry,
              event,
              compared(publication, event) ? publication.scope() : ""));
    }
    return records;
  }

  private static boolean compared(Publication publication, Optional<Event> event) {
    return DedupNames.compared(publication.key(), event.map(Event::id).orElse(""));
  }

  /** The components of the record that are equal in all parts of a publication. */
  record Origin(long writer, long number, long seen, long time, boolean retry) {}

  /** Identifies the publication in the log: its writer and number. */
  Object identity() {
    return List.of(writer, number);
  }

  /** Whether records between {@link #seen} and this one can make it a duplicate. */
  boolean mayBeDuplicate() {
    return retry || once || !key.isEmpty();
  }

  boolean last() {
    return part == parts - 1;
  }

  /** The mark of its entries' positions; see {@link Position}. */
  long mark() {
    long mixed = (writer + number * 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 31)) * 0x94d049bb133111ebL;
    return 1 + Math.floorMod(mixed ^ (mixed >>> 32), Position.MAX_EPOCH);
  }

  Buffer encode() {
    int eventBytes = event.map(EventCodec::maxBytes).orElse(0);
    int texts = EventCodec.maxBytes(key) + EventCodec.maxBytes(scope);
    int maxBytes = HEADER + texts + Short.BYTES + eventBytes;
    ByteBuffer to = ByteBuffer.allocate(maxBytes);
    int format = format();
    to.put((byte) format);
    to.put((byte) ((once ? ONCE : 0) | (retry ? RETRY : 0)));
    to.putLong(writer).putLong(number).putInt(part).putInt(parts);
    to.putLong(seen).putLong(time);
    EventCodec.put(to, key);
    if (format != FORMAT) {
      EventCodec.put(to, scope);
    }
    to.putShort((short) (event.isPresent() ? 1 : 0));
    event.ifPresent(one -> EventCodec.put(to, one));
    return Buffer.buffer(Arrays.copyOf(to.array(), to.position()));
  }

  private int format() {
    if (event.isPresent() && event.get().isPrivate()) {
      return PRIVATE_FORMAT;
    }
    return scope.isEmpty() ? FORMAT : SCOPED_FORMAT;
  }

  /**
   * @throws IllegalArgumentException if the record is not of this format: written by a hub of
   *     another version or by another program
   */
  static SharedRecord decode(Buffer from) {
    try {
      return decode(ByteBuffer.wrap(from.getBytes()));
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("not a record of this hub's version", e);
    }
  }

  private static SharedRecord decode(ByteBuffer from) {
    int format = from.get(0);
    boolean scoped = format != FORMAT;
    if (format < FORMAT || format > PRIVATE_FORMAT) {
      throw new IllegalArgumentException("format " + format);
    }
    int flags = from.get(1);
    int at = EventCodec.afterText(from, HEADER);
    String scope = scoped ? EventCodec.text(from, at) : "";
    at = scoped ? EventCodec.afterText(from, at) : at;
    int count = from.getShort(at) & 0xffff;
    if (count > 1) {
      throw new IllegalArgumentException(count + " events");
    }
    at += Short.BYTES;
    Optional<Event> event = count == 0 ? Optional.empty() : Optional.of(EventCodec.event(from, at));
    return new SharedRecord(
        from.getLong(2),
        from.getLong(10),
        from.getInt(18),
        from.getInt(22),
        from.getLong(26),
        from.getLong(34),
        EventCodec.text(from, HEADER),
        (flags & ONCE) != 0,
        (flags & RETRY) != 0,
        event,
        scope);
  }
}
