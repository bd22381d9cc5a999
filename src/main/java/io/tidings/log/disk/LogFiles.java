package io.tidings.log.disk;

import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.Journal;
import io.tidings.log.LogRecord;
import io.tidings.log.Page;
import io.tidings.log.TopicKeys;
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
 * The directory of a log, opened read-only and without a hub. If a hub runs in it, the records that
 * it had committed when the directory was opened are read. One thread.
 */
public final class LogFiles implements AutoCloseable {
  private static final int PAGE_BYTES = 1 << 20;
  private static final int ATTEMPTS = 10;

  /** The part of a directory that the log of a cluster has beside the segments. */
  private static final String RAFT = "raft";

  private final Directory files;
  private final LogDirectory.Identity identity;
  private final List<Segment> segments;
  private final boolean running;

  private LogFiles(
      Directory files, LogDirectory.Identity identity, List<Segment> segments, boolean running) {
    this.files = files;
    this.identity = identity;
    this.segments = segments;
    this.running = running;
  }

  /**
   * The contents of a log.
   *
   * @param bytes the size of the records
   * @param topics the number of entries by topic
   * @param oldest empty if the log has no entries that can be read
   */
  public record Summary(
      long epoch,
      int segments,
      long entries,
      long bytes,
      Map<String, Long> topics,
      Optional<Entry> oldest,
      Optional<Entry> newest) {}

  /** Whether the directory is that of a cluster's voter, so that only the cluster appends to it. */
  public static boolean isVoters(Path directory) {
    return Files.exists(directory.resolve(RAFT));
  }

  /**
   * Opens the directory.
   *
   * @throws IOException with a message of one line, if it has no log
   */
  public static LogFiles open(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      throw new IOException("is not a directory");
    }
    var directory = new LogDirectory(new FileDirectory(path));
    for (int attempt = 1; ; attempt++) {
      try {
        return open(path, directory);
      } catch (NoSuchFileException e) { // the running hub has just deleted it
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
      if (newest.indexInMemory()) {
        new SegmentRepair(newest).dropIncomplete();
      }
    }
    return new LogFiles(directory.files(), identity, segments, running);
  }

  LogDirectory.Identity identity() {
    return identity;
  }

  /** The segments, the oldest first; this object releases them. */
  List<Segment> segments() {
    return segments;
  }

  /** The offset of the newest record; 0 for none. */
  public long last() {
    return segments.isEmpty() ? 0 : segments.get(segments.size() - 1).last();
  }

  /**
   * The expiring records of a single node.
   *
   * @throws IOException with a message of one line, if their file is damaged
   */
  public List<ExpiringRecord> expiring() throws IOException {
    return RecordFile.read(files).records();
  }

  /** Summarizes the contents. */
  public Summary summary() throws IOException {
    long entries = 0;
    long bytes = 0;
    Map<String, Long> topics = new HashMap<>();
    for (Segment segment : segments) {
      entries += segment.contents().records();
      bytes += segment.contents().length();
      segment
          .index()
          .forEachTopic(
              (key, locations) ->
                  topics.merge(TopicKeys.topic(key), (long) locations.size(), Long::sum));
    }
    var oldest = new ArrayList<Entry>();
    read(start(), Selection.EVERYTHING, 1, record -> oldest.add(record.entry()));
    Optional<Entry> newest = reader().newestOf(Selection.EVERYTHING);
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
   * @return one line for each problem; empty if everything is intact
   */
  public List<String> check() throws IOException {
    var problems = new ArrayList<String>();
    long last = start().offset();
    for (Segment segment : segments) {
      if (segment.previous() != last) {
        problems.add(lost(segment, last, segment.previous()));
      }
      last = check(segment, problems);
    }
    try {
      expiring();
    } catch (IOException e) {
      problems.add(e.getMessage());
    }
    return problems;
  }

  private long check(Segment segment, List<String> problems) throws IOException {
    String file = segment.name();
    if (segment.file().headerDamaged()) {
      problems.add(file + ": its header is damaged");
    }
    SegmentReader reader = segment.file().reader(segment.file().size());
    long position = SegmentFormat.HEADER;
    long last = segment.previous();
    while (reader.find(position, Math.max(last, segment.first() - 1))
        && reader.offset() <= segment.limit()) {
      if (reader.position() > position) {
        problems.add(
            file + ": bytes " + position + " to " + (reader.position() - 1) + " are not a record");
      }
      if (reader.previous() > last) {
        problems.add(lost(segment, last, reader.previous()));
      }
      last = reader.offset();
      position = reader.next();
    }
    if (last < segment.last()) {
      problems.add(lost(segment, last, segment.last()));
    } else if (position < segment.file().size() && hasIncompleteTail(segment)) {
      problems.add(
          file + ": the last " + (segment.file().size() - position) + " bytes are not a record");
    }
    if (!running && segment.indexFileDamaged()) {
      problems.add(file + ": its index is damaged; the next start rebuilds it");
    }
    return Math.max(last, segment.last());
  }

  /** Whether the bytes after the segment's records were being written when the hub ended. */
  private boolean hasIncompleteTail(Segment segment) {
    boolean newest = segment == segments.get(segments.size() - 1);
    return newest && segment.indexInMemory() && !running;
  }

  private static String lost(Segment segment, long after, long to) {
    return segment.name() + ": offsets " + (after + 1) + " to " + to + " are lost";
  }

  /** The position before the oldest entry. */
  public Position start() {
    return new Position(identity.epoch(), segments.isEmpty() ? 0 : segments.get(0).previous());
  }

  /** The position of the entry with the id that clients know; empty if there is none. */
  public Optional<Position> find(String id) throws IOException {
    Optional<Position> own =
        Position.parse(id).filter(position -> position.epoch() == identity.epoch());
    return own.isPresent()
        ? own
        : reader().withId(id, Selection.EVERYTHING, Selection.EVERYTHING).map(Entry::position);
  }

  /**
   * Reads the records after the position that the selection selects, in order.
   *
   * @param max the maximum number of records
   */
  public void read(Position after, Selection selection, long max, Consumer<LogRecord> to)
      throws IOException {
    Position at = after;
    long left = max;
    boolean more = true;
    while (more && left > 0) {
      var records = new ArrayList<LogRecord>();
      Page page = reader().records(at, selection, PAGE_BYTES, records::add);
      for (LogRecord record : records) {
        if (left-- > 0) {
          to.accept(record);
        }
      }
      more = page.end().offset() > at.offset();
      at = page.end();
    }
  }

  /**
   * Reads the newest records, in order.
   *
   * @param span older ones than this before the newest one, in milliseconds, are left out
   */
  public void readNewest(long span, Consumer<LogRecord> to) throws IOException {
    long newest = segments.isEmpty() ? 0 : segments.get(segments.size() - 1).contents().lastTime();
    for (Segment segment : segments) {
      if (segment.contents().lastTime() >= newest - span) {
        readSince(newest - span, segment, to);
      }
    }
  }

  private void readSince(long time, Segment segment, Consumer<LogRecord> to) throws IOException {
    SegmentReader reader = segment.reader();
    long position = SegmentFormat.HEADER;
    long last = Math.max(segment.previous(), segment.first() - 1);
    while (reader.find(position, last) && reader.offset() <= segment.limit()) {
      if (reader.time() >= time) {
        to.accept(reader.record(identity.epoch()));
      }
      last = reader.offset();
      position = reader.next();
    }
  }

  private DiskReader reader() {
    // losses are not reported here, so there are no gaps
    var extent = new Journal.Extent(start().offset(), Long.MIN_VALUE, List.of());
    return new DiskReader(segments, extent, List::of, new Position(identity.epoch(), last()));
  }

  @Override
  public void close() {
    segments.forEach(Segment::release);
  }
}
