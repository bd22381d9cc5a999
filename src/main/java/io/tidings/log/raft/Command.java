package io.tidings.log.raft;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.log.EventCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A command of the replicated log: publications that are committed together. Numbers are
 * big-endian, text is UTF-8:
 *
 * <pre>
 *  0  1  kind: 1
 *  1  8  the leader's time, in milliseconds since 1970
 *  9  4  number of publications, then for each of them:
 *     1  flags: 1 deduplicate events by their ids
 *        the key, as two bytes of length and the text
 *     4  number of events, then the events, as {@link EventCodec} describes them
 * </pre>
 *
 * @param time when the leader received it; a command may be older than the one before it
 * @param publications at least one
 */
public record Command(long time, List<Publication> publications) {
  private static final byte PUBLICATIONS = 1;
  private static final int TIME = 1;
  private static final int HEADER = 13;
  private static final int ONCE = 1;

  /**
   * @throws IllegalArgumentException if there is no publication
   */
  public Command {
    publications = List.copyOf(publications);
    if (publications.isEmpty()) {
      throw new IllegalArgumentException("a command needs a publication");
    }
  }

  /** Encodes the command. */
  public byte[] encode() {
    int maxBytes = HEADER;
    for (Publication publication : publications) {
      maxBytes += 1 + EventCodec.maxBytes(publication.key()) + Integer.BYTES;
      for (Event event : publication.events()) {
        maxBytes += EventCodec.maxBytes(event);
      }
    }
    ByteBuffer to = ByteBuffer.allocate(maxBytes);
    to.put(PUBLICATIONS).putLong(time).putInt(publications.size());
    for (Publication publication : publications) {
      to.put((byte) (publication.once() ? ONCE : 0));
      EventCodec.put(to, publication.key());
      to.putInt(publication.events().size());
      publication.events().forEach(event -> EventCodec.put(to, event));
    }
    return Arrays.copyOf(to.array(), to.position());
  }

  /** Sets the leader's time of an encoded command. */
  public static void setTime(byte[] command, long time) {
    ByteBuffer.wrap(command).putLong(TIME, time);
  }

  /**
   * Decodes a command.
   *
   * @throws UnknownCommand if it is of another version, or malformed: a node that skipped it would
   *     no longer agree with the others
   */
  public static Command decode(byte[] command) {
    try {
      return decode(ByteBuffer.wrap(command));
    } catch (UnknownCommand e) {
      throw e;
    } catch (RuntimeException e) {
      throw new UnknownCommand("it is malformed", e);
    }
  }

  private static Command decode(ByteBuffer from) {
    if (from.get(0) != PUBLICATIONS) {
      throw new UnknownCommand("its kind is " + from.get(0), null);
    }
    int count = from.getInt(HEADER - Integer.BYTES);
    var publications = new ArrayList<Publication>();
    int at = HEADER;
    for (int p = 0; p < count; p++) {
      boolean once = (from.get(at++) & ONCE) != 0;
      String key = EventCodec.text(from, at);
      at = EventCodec.afterText(from, at);
      int eventCount = from.getInt(at);
      at += Integer.BYTES;
      var events = new ArrayList<Event>();
      for (int e = 0; e < eventCount; e++) {
        events.add(EventCodec.event(from, at));
        at = EventCodec.afterEvent(from, at);
      }
      publications.add(new Publication(events, key, once));
    }
    if (at != from.limit()) {
      throw new UnknownCommand("it has " + (from.limit() - at) + " bytes too many", null);
    }
    return new Command(from.getLong(TIME), publications);
  }

  /** A command that this version can't apply. */
  public static final class UnknownCommand extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnknownCommand(String why, Throwable cause) {
      super("the replicated log has a command that this version can't apply: " + why, cause);
    }
  }
}
