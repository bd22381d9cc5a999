package io.tidings.log.disk;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.log.Entry;
import io.tidings.log.Journal;
import io.tidings.log.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The directory of a log, read without a hub, and without changing anything. Where a hub runs in
 * it, what that has committed is read; what it adds afterwards is not. One thread.
 */
public final class LogFiles implements AutoCloseable {
  private static final int PAGE_BYTES = 1 << 20;
  private static final int ATTEMPTS = 10;

  private final LogDirectory.Identity identity;
  private final List<Segment> segments;
  private final boolean running;

  private LogFiles(LogDirectory.Identity identity, List<Segment> segments, boolean running) {
    this.identity = identity;
    this.segments = segments;
    this.running = running;
  }

  /**
   * What is in a log.
   *
   * @param bytes of the records
   * @param topics the number of entries of each
   * @param oldest nothing where it has no entries that can be read
   */
  public record Summary(
      long epoch,
      int segments,
      long entries,
      long bytes,
      Map<String, Long> topics,
      Optional<Entry> oldest,
      Optional<Entry> newest) {}

  /**
   * @throws IOException in one line, where there is no log
   */
  public static LogFiles open(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      throw new IOException("is not a directory");
    }
    var directory = new LogDirectory(new FileDirectory(path));
    for (int attempt = 1; ; attempt++) {
      try {
        return open(path, directory);
      } catch (NoSuchFileException e) { // the hub has forgotten it in this moment
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static LogFiles open(Path path, LogDirectory directory) throws IOException {
    LogDirectory.Identity identity =
        directory.identity().orElseThrow(() -> new IOException("has no log"));
    boolean running = LogLock.held(path);
    OptionalLong committed = running ? CommitMark.read(directory.files()) : OptionalLong.empty();
    long last = committed.orElse(Long.MAX_VALUE);
    List<Segment> segments = directory.open(identity.epoch(), last);
    if (!segments.isEmpty()) {
      Segment newest = segments.get(segments.size() - 1);
      if (newest.open()) {
        newest.forgetIncomplete();
      }
    }
    return new LogFiles(identity, segments, running);
  }

  /** Whose log it is. */
  LogDirectory.Identity identity() {
    return identity;
  }

  /** Its segments, the oldest first; closed with this. */
  List<Segment> segments() {
    return segments;
  }

  /** The offset of the newest record; 0 for none. */
  long last() {
    return segments.isEmpty() ? 0 : segments.get(segments.size() - 1).last();
  }

  /** What is in it. */
  public Summary summary() throws IOException {
    long entries = 0;
    long bytes = 0;
    Map<String, Long> topics = new HashMap<>();
    for (Segment segment : segments) {
      entries += segment.known().records();
      bytes += segment.known().length();
      segment.index().topics((topic, rows) -> topics.merge(topic, (long) rows.size(), Long::sum));
    }
    var oldest = new ArrayList<Entry>();
    read(start(), Filter.EVERYTHING, 1, oldest::add);
    Optional<Entry> newest = reader().newestOf(Filter.EVERYTHING);
    return new Summary(
        identity.epoch(),
        segments.size(),
        entries,
        bytes,
        topics,
        oldest.stream().findFirst(),
        newest);
  }

  /**
   * Reads every record and every index.
   *
   * @return what is wrong, a line for each; none where all is whole
   */
  public List<String> check() throws IOException {
    var wrong = new ArrayList<String>();
    long last = start().offset();
    for (Segment segment : segments) {
      if (segment.previous() != last) {
        wrong.add(lost(segment, last, segment.previous()));
      }
      last = check(segment, wrong);
    }
    return wrong;
  }

  private long check(Segment segment, List<String> wrong) throws IOException {
    String file = segment.name();
    if (segment.headerDamaged()) {
      wrong.add(file + ": its header is damaged");
    }
    SegmentReader reader = segment.rawReader();
    long place = SegmentFormat.HEADER;
    long last = segment.previous();
    while (reader.find(place, Math.max(last, segment.first() - 1))
        && reader.offset() <= segment.limit()) {
      if (reader.position() > place) {
        wrong.add(file + ": bytes " + place + " to " + (reader.position() - 1) + " are no record");
      }
      if (reader.previous() > last) {
        wrong.add(lost(segment, last, reader.previous()));
      }
      last = reader.offset();
      place = reader.next();
    }
    if (last < segment.last()) {
      wrong.add(lost(segment, last, segment.last()));
    } else if (place < segment.size() && endedUnfinished(segment)) {
      wrong.add(file + ": the last " + (segment.size() - place) + " bytes are no record");
    }
    if (!running && segment.damagedIndex()) {
      wrong.add(file + ": its index is damaged; the next start makes it again");
    }
    return Math.max(last, segment.last());
  }

  /** Whether what is behind the segment's records was being written when the hub ended. */
  private boolean endedUnfinished(Segment segment) {
    boolean newest = segment == segments.get(segments.size() - 1);
    return newest && segment.open() && !running;
  }

  private static String lost(Segment segment, long after, long to) {
    return segment.name() + ": offsets " + (after + 1) + " to " + to + " are lost";
  }

  /** The position before the oldest entry. */
  public Position start() {
    return new Position(identity.epoch(), segments.isEmpty() ? 0 : segments.get(0).previous());
  }

  /** The position of the entry that clients know by the id; nothing where it is not there. */
  public Optional<Position> find(String id) throws IOException {
    Optional<Position> own =
        Position.parse(id).filter(position -> position.epoch() == identity.epoch());
    return own.isPresent() ? own : reader().withId(id, Filter.EVERYTHING).map(Entry::position);
  }

  /** Hands over what comes after the position for the filter, in order, at most so many. */
  public void read(Position after, Filter what, long most, Consumer<Entry> to) throws IOException {
    Position at = after;
    long left = most;
    boolean more = true;
    while (more && left > 0) {
      Page page = reader().after(at, what, PAGE_BYTES, Long.MAX_VALUE);
      for (Entry entry : page.entries()) {
        if (left-- > 0) {
          to.accept(entry);
        }
      }
      more = page.end().offset() > at.offset();
      at = page.end();
    }
  }

  private DiskReader reader() {
    // losses need not be told here, so there are no gaps
    var extent = new Journal.Extent(start().offset(), Long.MIN_VALUE, List.of());
    return new DiskReader(segments, extent, List::of, new Position(identity.epoch(), last()));
  }

  @Override
  public void close() {
    segments.forEach(Segment::release);
  }
}
