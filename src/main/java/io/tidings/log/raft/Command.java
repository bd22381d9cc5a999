package io.tidings.log.raft;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.event.TextRules;
import io.tidings.log.EventCodec;
import io.tidings.log.ExpiringRecord;
import io.tidings.settings.CommonSettings;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A command of the replicated log. Numbers are big-endian, text is two bytes of length and UTF-8:
 *
 * <pre>
 *  0  1  kind: 1 {@link Publish}, 2 {@link Configure}, 3 {@link SetCheckpoint}, 4 {@link Publish}
 *        with scopes, which a version that does not know scopes must not apply, 5 {@link Publish}
 *        with private events, and perhaps scopes, likewise, 6 {@link PutRecord}, 7 {@link
 *        ReportClock}, 8 {@link ChangeSettings}
 *  1  8  the leader's time, in milliseconds since 1970
 *
 *  publish:    9  8  origin   17  8  first   25  4  number of publications, then for each of them:
 *                 1  flags: 1 deduplicate events by their ids, 2 there is a scope, 4 an event is private
 *                    the scope, if flagged, and the key
 *                 4  number of events, then the events, as {@link EventCodec} describes them
 *  configure:  9  8  epoch   17  8  base   25  8  once, in milliseconds   33  8  once, in bytes
 *  checkpoint: 9     name, id
 *  record:     9  8  until, in milliseconds since 1970   17     kind, key, value
 *  clock:      9  8  its time, in milliseconds since 1970   17  4  number of voters   21     voter
 *  settings:   9  2  number of changes, then for each of them its name and   8  its number; then the
 *                    same of those that are set unless they are already
 * </pre>
 *
 * <p>Kinds are numbered in the order in which versions introduced them. A kind above {@link
 * #ASSUMED_KIND} is written by way of {@link KindGate} alone: a node that does not know it could
 * not go on.
 */
public sealed interface Command {
  /** The highest kind that this version knows; it knows all below. */
  int KNOWN_KIND = ChangeSettings.KIND;

  /** The highest kind of the versions that did not state which they know. */
  int ASSUMED_KIND = ReportClock.KIND;

  /** When the leader received it; a command may be older than the one before it. */
  long time();

  /** The kind that a node must know to apply it, {@link #ASSUMED_KIND} if that is not above. */
  default int requiredKind() {
    return ASSUMED_KIND;
  }

  /** Encodes the command. */
  byte[] encode();

  /** Sets the leader's time of an encoded command. */
  static void setTime(byte[] command, long time) {
    ByteBuffer.wrap(command).putLong(1, time);
  }

  /**
   * Decodes a command.
   *
   * @throws UnknownCommand if it is of another version, or malformed: a node that skipped it would
   *     no longer agree with the others
   */
  static Command decode(byte[] command) {
    ByteBuffer from = ByteBuffer.wrap(command);
    try {
      byte kind = from.get(0);
      return switch (kind) {
        case Publish.KIND, Publish.SCOPED_KIND, Publish.PRIVATE_KIND -> Publish.decode(from);
        case Configure.KIND -> Configure.decode(from);
        case SetCheckpoint.KIND -> SetCheckpoint.decode(from);
        case PutRecord.KIND -> PutRecord.decode(from);
        case ReportClock.KIND -> ReportClock.decode(from);
        case ChangeSettings.KIND -> ChangeSettings.decode(from);
        default -> throw new UnknownCommand("its kind is " + kind, null);
      };
    } catch (UnknownCommand e) {
      throw e;
    } catch (RuntimeException e) {
      throw new UnknownCommand("it is malformed", e);
    }
  }

  private static void checkEnd(ByteBuffer from, int end) {
    if (end != from.limit()) {
      throw new UnknownCommand("it has " + (from.limit() - end) + " bytes too many", null);
    }
  }

  /**
   * Publications that are committed together.
   *
   * @param origin the life of the node that sends them; 0 for none, then {@code first} has no
   *     meaning
   * @param first the number of the first publication among those of its origin, which are numbered
   *     from 1; a number that was applied before is not applied again
   * @param publications at least one
   */
  record Publish(long time, long origin, long first, List<Publication> publications)
      implements Command {
    private static final byte KIND = 1;
    private static final byte SCOPED_KIND = 4;
    private static final byte PRIVATE_KIND = 5;
    private static final int ORIGIN = 9;
    private static final int FIRST = 17;
    private static final int COUNT = 25;
    private static final int ONCE = 1;
    private static final int SCOPED = 2;
    private static final int PRIVATE = 4;

    /** The bytes before the publications. */
    static final int HEADER = 29;

    /**
     * @throws IllegalArgumentException if there is no publication
     */
    public Publish {
      publications = List.copyOf(publications);
      if (publications.isEmpty()) {
        throw new IllegalArgumentException("a command needs a publication");
      }
    }

    /** Publications without an origin. */
    public Publish(long time, List<Publication> publications) {
      this(time, 0, 0, publications);
    }

    @Override
    public byte[] encode() {
      byte[] encoded = join(origin, first, publications.stream().map(Publish::encode).toList());
      setTime(encoded, time);
      return encoded;
    }

    /** Encodes a publication, for {@link #join}. */
    static byte[] encode(Publication publication) {
      String scope = publication.scope();
      int maxBytes = 1 + EventCodec.maxBytes(publication.key()) + Integer.BYTES;
      maxBytes += scope.isEmpty() ? 0 : EventCodec.maxBytes(scope);
      for (Event event : publication.events()) {
        maxBytes += EventCodec.maxBytes(event);
      }
      ByteBuffer to = ByteBuffer.allocate(maxBytes);
      to.put(flags(publication));
      if (!scope.isEmpty()) {
        EventCodec.put(to, scope);
      }
      EventCodec.put(to, publication.key());
      to.putInt(publication.events().size());
      publication.events().forEach(event -> EventCodec.put(to, event));
      return to.position() == maxBytes ? to.array() : Arrays.copyOf(to.array(), to.position());
    }

    private static byte flags(Publication publication) {
      int flags = publication.once() ? ONCE : 0;
      flags |= publication.scope().isEmpty() ? 0 : SCOPED;
      flags |= publication.events().stream().anyMatch(Event::isPrivate) ? PRIVATE : 0;
      return (byte) flags;
    }

    /** Makes a command, whose time is not set yet, of encoded publications. */
    static byte[] join(long origin, long first, List<byte[]> publications) {
      int bytes = HEADER;
      int flags = 0;
      for (byte[] publication : publications) {
        bytes += publication.length;
        flags |= publication[0];
      }
      ByteBuffer to = ByteBuffer.allocate(bytes);
      to.put(kind(flags)).putLong(0).putLong(origin).putLong(first).putInt(publications.size());
      publications.forEach(to::put);
      return to.array();
    }

    /** The kind of a command of publications that have these flags. */
    private static byte kind(int flags) {
      if ((flags & PRIVATE) != 0) {
        return PRIVATE_KIND;
      }
      return (flags & SCOPED) == 0 ? KIND : SCOPED_KIND;
    }

    private static Publish decode(ByteBuffer from) {
      int count = from.getInt(COUNT);
      var publications = new ArrayList<Publication>();
      int at = HEADER;
      for (int p = 0; p < count; p++) {
        int flags = from.get(at++);
        if ((flags & ~(ONCE | SCOPED | PRIVATE)) != 0) {
          throw new UnknownCommand("it has flags %x".formatted(flags), null);
        }
        String scope = "";
        if ((flags & SCOPED) != 0) {
          scope = EventCodec.text(from, at);
          at = EventCodec.afterText(from, at);
        }
        String key = EventCodec.text(from, at);
        at = EventCodec.afterText(from, at);
        int eventCount = from.getInt(at);
        at += Integer.BYTES;
        var events = new ArrayList<Event>();
        for (int e = 0; e < eventCount; e++) {
          events.add(EventCodec.event(from, at));
          at = EventCodec.afterEvent(from, at);
        }
        publications.add(new Publication(events, key, (flags & ONCE) != 0, scope));
      }
      checkEnd(from, at);
      return new Publish(from.getLong(1), from.getLong(ORIGIN), from.getLong(FIRST), publications);
    }
  }

  /**
   * What must be equal on all nodes. The first one begins the log; later ones change the limits.
   *
   * @param epoch of the positions; only the first one counts
   * @param base a digest of the state with which the log begins; 0 for an empty log
   * @param onceMillis how long repetitions are recognised; 0 for never
   * @param onceBytes the maximum size of what they are recognised by
   */
  record Configure(long time, long epoch, long base, long onceMillis, long onceBytes)
      implements Command {
    private static final byte KIND = 2;
    private static final int BYTES = 41;

    @Override
    public byte[] encode() {
      ByteBuffer to = ByteBuffer.allocate(BYTES);
      to.put(KIND).putLong(time).putLong(epoch).putLong(base);
      return to.putLong(onceMillis).putLong(onceBytes).array();
    }

    private static Configure decode(ByteBuffer from) {
      checkEnd(from, BYTES);
      return new Configure(
          from.getLong(1), from.getLong(9), from.getLong(17), from.getLong(25), from.getLong(33));
    }
  }

  /**
   * Stores how far a consumer has read that reads once for all nodes.
   *
   * @param name of the consumer
   * @param id of the last entry that it has processed
   */
  record SetCheckpoint(long time, String name, String id) implements Command {
    private static final byte KIND = 3;
    private static final int NAME = 9;
    private static final int MAX_BYTES = 65_535;

    /**
     * @throws IllegalArgumentException if a text has more than {@value #MAX_BYTES} bytes of UTF-8
     */
    public SetCheckpoint {
      if (TextRules.utf8Length(name) > MAX_BYTES || TextRules.utf8Length(id) > MAX_BYTES) {
        throw new IllegalArgumentException("the name or the id of a checkpoint is too long");
      }
    }

    @Override
    public byte[] encode() {
      ByteBuffer to =
          ByteBuffer.allocate(NAME + EventCodec.maxBytes(name) + EventCodec.maxBytes(id));
      to.put(KIND).putLong(time);
      EventCodec.put(to, name);
      EventCodec.put(to, id);
      return Arrays.copyOf(to.array(), to.position());
    }

    private static SetCheckpoint decode(ByteBuffer from) {
      int id = EventCodec.afterText(from, NAME);
      checkEnd(from, EventCodec.afterText(from, id));
      return new SetCheckpoint(
          from.getLong(1), EventCodec.text(from, NAME), EventCodec.text(from, id));
    }
  }

  /** Stores an expiring record unless there is one with its kind and key. */
  record PutRecord(long time, ExpiringRecord record) implements Command {
    private static final byte KIND = 6;
    private static final int UNTIL = 9;
    private static final int TEXTS = 17;

    @Override
    public byte[] encode() {
      ByteBuffer to =
          ByteBuffer.allocate(
              TEXTS
                  + EventCodec.maxBytes(record.kind())
                  + EventCodec.maxBytes(record.key())
                  + EventCodec.maxBytes(record.value()));
      to.put(KIND).putLong(time).putLong(record.until().toEpochMilli());
      EventCodec.put(to, record.kind());
      EventCodec.put(to, record.key());
      EventCodec.put(to, record.value());
      return Arrays.copyOf(to.array(), to.position());
    }

    private static PutRecord decode(ByteBuffer from) {
      int key = EventCodec.afterText(from, TEXTS);
      int value = EventCodec.afterText(from, key);
      checkEnd(from, EventCodec.afterText(from, value));
      var record =
          new ExpiringRecord(
              EventCodec.text(from, TEXTS),
              EventCodec.text(from, key),
              EventCodec.text(from, value),
              Instant.ofEpochMilli(from.getLong(UNTIL)));
      return new PutRecord(from.getLong(1), record);
    }
  }

  /**
   * A voter reports what time it is by its clock.
   *
   * @param voters how many there are
   * @param clock in milliseconds since 1970
   */
  record ReportClock(long time, String voter, int voters, long clock) implements Command {
    private static final byte KIND = 7;
    private static final int VOTER = 21;

    @Override
    public byte[] encode() {
      ByteBuffer to = ByteBuffer.allocate(VOTER + EventCodec.maxBytes(voter));
      to.put(KIND).putLong(time).putLong(clock).putInt(voters);
      EventCodec.put(to, voter);
      return Arrays.copyOf(to.array(), to.position());
    }

    private static ReportClock decode(ByteBuffer from) {
      checkEnd(from, EventCodec.afterText(from, VOTER));
      return new ReportClock(
          from.getLong(1), EventCodec.text(from, VOTER), from.getInt(17), from.getLong(9));
    }
  }

  /**
   * Changes settings that all nodes have in common, all of them or none.
   *
   * @param changes numbers by name, as of {@link CommonSettings#numbers}
   * @param others those that are set too, unless they have been set before
   */
  record ChangeSettings(long time, Map<String, Long> changes, Map<String, Long> others)
      implements Command {
    private static final byte KIND = 8;
    private static final int COUNT = 9;

    /**
     * @throws IllegalArgumentException if a name is not known, or a number can't be one of it
     */
    public ChangeSettings {
      changes = Collections.unmodifiableMap(new TreeMap<>(changes));
      others = Collections.unmodifiableMap(new TreeMap<>(others));
      CommonSettings.DEFAULT.withNumbers(changes).withNumbers(others);
    }

    @Override
    public int requiredKind() {
      return KIND;
    }

    @Override
    public byte[] encode() {
      ByteBuffer to = ByteBuffer.allocate(COUNT + maxBytes(changes) + maxBytes(others));
      to.put(KIND).putLong(time);
      put(to, changes);
      put(to, others);
      return Arrays.copyOf(to.array(), to.position());
    }

    private static int maxBytes(Map<String, Long> numbers) {
      return Short.BYTES
          + numbers.keySet().stream().mapToInt(EventCodec::maxBytes).sum()
          + numbers.size() * Long.BYTES;
    }

    private static void put(ByteBuffer to, Map<String, Long> numbers) {
      to.putShort((short) numbers.size());
      numbers.forEach(
          (name, number) -> {
            EventCodec.put(to, name);
            to.putLong(number);
          });
    }

    private static ChangeSettings decode(ByteBuffer from) {
      var changes = new TreeMap<String, Long>();
      var others = new TreeMap<String, Long>();
      checkEnd(from, get(from, get(from, COUNT, changes), others));
      return new ChangeSettings(from.getLong(1), changes, others);
    }

    /** Returns where they end. */
    private static int get(ByteBuffer from, int begin, Map<String, Long> numbers) {
      int at = begin + Short.BYTES;
      for (int left = from.getShort(begin); left > 0; left--) {
        int number = EventCodec.afterText(from, at);
        numbers.put(EventCodec.text(from, at), from.getLong(number));
        at = number + Long.BYTES;
      }
      return at;
    }
  }

  /** A command that this version can't apply. */
  final class UnknownCommand extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnknownCommand(String why, Throwable cause) {
      super("the replicated log has a command that this version can't apply: " + why, cause);
    }
  }
}
