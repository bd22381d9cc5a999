package io.tidings.log;

import io.tidings.event.Position;
import io.tidings.event.Selection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The directory of a log, looked at without a hub, and without changing anything. What a hub that
 * runs there adds meanwhile is not seen. One thread.
 */
public final class LogFiles implements AutoCloseable {
  private static final int PAGE_BYTES = 1 << 20;

  private final long epoch;
  private final List<Segment> segments;

  private LogFiles(long epoch, List<Segment> segments) {
    this.epoch = epoch;
    this.segments = segments;
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
    var directory = new LogDirectory(path);
    if (!Files.isDirectory(path)) {
      throw new IOException("is no directory");
    }
    long epoch = directory.epoch().orElseThrow(() -> new IOException("has no log"));
    return new LogFiles(epoch, directory.open(epoch, false));
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
    read(start(), Selection.EVERYTHING, 1, oldest::add);
    Optional<Entry> newest = reader().newestOf(Selection.EVERYTHING);
    return new Summary(
        epoch, segments.size(), entries, bytes, topics, oldest.stream().findFirst(), newest);
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

  private static long check(Segment segment, List<String> wrong) throws IOException {
    Path file = segment.path().getFileName();
    SegmentReader reader = segment.rawReader();
    long place = SegmentFormat.HEADER;
    long last = segment.previous();
    while (reader.find(place, Math.max(last, segment.first() - 1))) {
      if (reader.position() > place) {
        wrong.add(file + ": bytes " + place + " to " + (reader.position() - 1) + " are no record");
      }
      if (reader.previous() > last) {
        wrong.add(lost(segment, last, reader.previous()));
      }
      last = reader.offset();
      place = reader.next();
    }
    if (place < segment.size()) {
      wrong.add(file + ": the last " + (segment.size() - place) + " bytes are no record");
    }
    if (last < segment.last()) {
      wrong.add(lost(segment, last, segment.last()));
    }
    if (segment.damagedIndex()) {
      wrong.add(file + ": its index is damaged; the next start makes it anew");
    }
    return Math.max(last, segment.last());
  }

  private static String lost(Segment segment, long after, long to) {
    return segment.path().getFileName() + ": offsets " + (after + 1) + " to " + to + " are lost";
  }

  /** The place before the oldest entry. */
  public Position start() {
    return new Position(epoch, segments.isEmpty() ? 0 : segments.get(0).previous());
  }

  /** The place of the entry that clients know by the id; nothing where it is not there. */
  public Optional<Position> find(String id) throws IOException {
    Optional<Position> own = Position.parse(id).filter(position -> position.epoch() == epoch);
    return own.isPresent() ? own : reader().withId(id, Selection.EVERYTHING).map(Entry::position);
  }

  /** Hands over what comes after the place for the selection, in order, at most so many. */
  public void read(Position after, Selection what, long most, Consumer<Entry> to)
      throws IOException {
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
    long last = segments.isEmpty() ? 0 : segments.get(segments.size() - 1).last();
    // losses need not be told here, so there are no breaks
    return new DiskReader(segments, List::of, new Position(epoch, last));
  }

  @Override
  public void close() {
    segments.forEach(Segment::release);
  }
}
