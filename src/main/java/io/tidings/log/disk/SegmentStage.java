package io.tidings.log.disk;

import io.tidings.log.FetchedLog;
import io.tidings.log.FetchedState;
import io.tidings.log.LogParts;
import io.tidings.log.Retention;
import io.tidings.log.SegmentPart;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The files of a fetched log, in the directory of the node's own log. They have names of their own,
 * which no hub takes for a log's:
 *
 * <ul>
 *   <li>{@code N.log.part.fetch}: the first bytes of a segment
 *   <li>{@code N.log.fetch}, {@code N.idx.fetch}: a segment whose records were verified, and its
 *       index. All of them follow each other, and follow a record of the node's own log or replace
 *       all of it
 *   <li>{@code state.fetch}: the saved state
 *   <li>{@code ready.fetch}, then {@code cut.fetch}: see {@link SegmentInstall}
 * </ul>
 *
 * <p>One thread.
 */
final class SegmentStage implements FetchedLog {
  static final String SUFFIX = ".fetch";
  private static final String PART = ".part" + SUFFIX;
  static final String STATE = "state";

  private final Directory files;
  private final SuffixedDirectory staged;
  private final SuffixedDirectory parts;
  private final Retention bounds;
  private final Locking locking;

  /** Excludes other processes from the directory. */
  interface Locking {
    Closeable acquire() throws IOException;
  }

  /**
   * @param bounds of what this node keeps of its own accord: older segments are not fetched
   */
  SegmentStage(Directory files, Retention bounds, Locking locking) {
    this.files = files;
    this.bounds = bounds;
    this.staged = new SuffixedDirectory(files, SUFFIX);
    this.parts = new SuffixedDirectory(files, PART);
    this.locking = locking;
  }

  // ---- what is to be fetched

  /**
   * The first segment to fetch is the one with the record after those that are there; a part of it
   * may be there too, and is cut off, since segments of two nodes begin at different records.
   */
  @Override
  public List<SegmentPart> plan(LogParts peer, long own, long upTo) throws IOException {
    if (peer.last() < upTo) {
      throw new IOException("its log ends at %d, before %d".formatted(peer.last(), upTo));
    }
    dropUnusable(peer);
    long have = have(own, upTo);
    List<SegmentPart> needed = withinBounds(needed(peer.segments(), have, upTo));
    if (!needed.isEmpty() && needed.get(0).previous() <= have) {
      continueSegment(needed.get(0));
      cutStaged(needed.get(0).previous());
    } else if (!needed.isEmpty()) {
      cutStaged(-1); // what would follow was removed, or is not kept here: all is replaced
    }
    dropParts(needed);
    return needed;
  }

  private static List<SegmentPart> needed(List<SegmentPart> all, long have, long upTo) {
    var needed = new ArrayList<SegmentPart>();
    if (have >= upTo) {
      return needed;
    }
    for (int i = 0; i < all.size(); i++) {
      boolean before = i + 1 < all.size() && all.get(i + 1).previous() <= have;
      boolean reached = !needed.isEmpty() && all.get(i).previous() >= upTo;
      if (!before && !reached) {
        needed.add(all.get(i));
      }
    }
    return needed;
  }

  /** Without the oldest, which the retention would remove at once. */
  private List<SegmentPart> withinBounds(List<SegmentPart> needed) {
    long bytes = needed.stream().mapToLong(SegmentPart::length).sum();
    long records = needed.stream().mapToLong(SegmentPart::records).sum();
    int dropped = 0;
    while (dropped + 1 < needed.size() && bounds.exceededBy(bytes, records)) {
      bytes -= needed.get(dropped).length();
      records -= needed.get(dropped).records();
      dropped++;
    }
    return needed.subList(dropped, needed.size());
  }

  /**
   * Records of another log, segments with damaged headers, and those that do not follow the one
   * before: a power cut may bring back some of the names that were removed. The peer's log may have
   * had other epochs before: it has the records of these up to where they ended, and its own
   * segments whole.
   */
  private void dropUnusable(LogParts peer) throws IOException {
    var directory = new LogDirectory(staged);
    OptionalLong before = OptionalLong.empty();
    for (String name : directory.segments()) {
      Optional<SegmentFormat.Header> header = directory.header(name);
      if (header.isEmpty()) {
        cutStaged(-1);
        return;
      }
      long last = last(name);
      long common = common(peer, header.get());
      if (last > common) {
        cutStaged(common);
        return;
      } else if (before.isPresent() && header.get().previous() != before.getAsLong()) {
        cutStaged(before.getAsLong());
        return;
      }
      before = OptionalLong.of(last);
    }
  }

  /** Up to which offset the peer has the records of a segment. */
  private static long common(LogParts peer, SegmentFormat.Header header) {
    boolean whole =
        header.epoch() == peer.epoch()
            || peer.segments().stream().anyMatch(part -> part.salt() == header.salt());
    return whole
        ? Long.MAX_VALUE
        : peer.ancestors().lastOffsets().getOrDefault(header.epoch(), -1L);
  }

  /** The offset of the last record of what is there: of the staged segments, or else the own. */
  private long have(long own, long upTo) throws IOException {
    var directory = new LogDirectory(staged);
    List<String> names = directory.segments();
    if (names.isEmpty()) {
      return own;
    }
    if (directory.header(names.get(0)).orElseThrow().previous() > upTo) {
      cutStaged(-1); // staged for a later state, which no peer has any more
      return own;
    }
    long last = last(names.get(names.size() - 1));
    if (last < own) {
      cutStaged(-1);
    }
    return Math.max(own, last);
  }

  private long last(String name) throws IOException {
    SegmentFormat.Header header =
        new LogDirectory(staged)
            .header(name)
            .orElseThrow(() -> new IOException("the header of " + name + " is damaged"));
    Segment segment =
        Segment.open(staged, name, header, Long.MAX_VALUE, Directory.Access.READ_ONLY);
    try {
      return segment.last();
    } finally {
      segment.release();
    }
  }

  /** A staged segment that has grown at its peer is received further. */
  private void continueSegment(SegmentPart part) throws IOException {
    String name = SegmentFormat.segmentName(part.first());
    if (staged.exists(name)
        && new LogDirectory(staged)
            .header(name)
            .filter(one -> one.salt() == part.salt())
            .isPresent()) {
      files.rename(staged.suffixed(name), parts.suffixed(name));
      staged.delete(SegmentFormat.indexName(part.first()));
    }
  }

  /** Removes the staged records after the offset; all of them if it is negative. */
  private void cutStaged(long last) throws IOException {
    SegmentInstall.cut(staged, last);
  }

  private void dropParts(List<SegmentPart> needed) throws IOException {
    for (String name : parts.names()) {
      boolean wanted =
          needed.stream()
              .anyMatch(
                  part ->
                      SegmentFormat.segmentName(part.first()).equals(name) && isPartOf(name, part));
      if (!wanted) {
        parts.delete(name);
      }
    }
  }

  /** Whether the file is a part of that segment, as far as its header says. */
  private boolean isPartOf(String name, SegmentPart part) {
    try {
      return new LogDirectory(parts)
          .header(name)
          .filter(header -> header.salt() == part.salt())
          .isPresent();
    } catch (IOException e) {
      return false; // received again
    }
  }

  // ---- receiving

  @Override
  public long received(SegmentPart part) throws IOException {
    String name = SegmentFormat.segmentName(part.first());
    if (!parts.exists(name)) {
      return 0;
    }
    try (DataFile file = parts.open(name, Directory.Access.READ_ONLY)) {
      return Math.min(part.length(), file.size());
    }
  }

  @Override
  public void write(SegmentPart part, ByteBuffer bytes) throws IOException {
    String name = SegmentFormat.segmentName(part.first());
    long position = received(part);
    try (DataFile file =
        position == 0 ? parts.create(name) : parts.open(name, Directory.Access.READ_WRITE)) {
      file.write(bytes, position);
    }
  }

  @Override
  public void complete(SegmentPart part) throws IOException {
    String name = SegmentFormat.segmentName(part.first());
    String index = SegmentFormat.indexName(part.first());
    try (DataFile file = parts.open(name, Directory.Access.READ_WRITE)) {
      file.truncate(part.length());
    }
    parts.delete(index);
    if (!verify(name, part)) {
      parts.delete(name);
      parts.delete(index);
      throw new DamagedPart(name + " is not as the peer described it");
    }
    files.rename(parts.suffixed(index), staged.suffixed(index));
    files.rename(parts.suffixed(name), staged.suffixed(name));
    files.force();
  }

  /** Reads all records, and writes their index. */
  private boolean verify(String name, SegmentPart part) throws IOException {
    var fallback = SegmentFormat.Header.of(0, part.first(), part.previous(), Long.MIN_VALUE);
    Segment segment = Segment.open(parts, name, fallback, part.last(), Directory.Access.READ_WRITE);
    try {
      SegmentContents contents = segment.contents();
      boolean intact =
          !segment.file().headerDamaged()
              && segment.file().header().salt() == part.salt()
              && segment.previous() == part.previous()
              && contents.last() == part.last()
              && contents.length() == part.length()
              && contents.records() == part.records();
      if (intact) {
        segment.seal();
        segment.file().force();
      }
      return intact;
    } finally {
      segment.release();
    }
  }

  @Override
  public void storeState(byte[] state) throws IOException {
    parts.writeForced(STATE, state);
    files.rename(parts.suffixed(STATE), staged.suffixed(STATE));
    files.force();
  }

  @Override
  public byte[] state() throws IOException {
    return staged.read(STATE);
  }

  // ---- the installation

  @Override
  public long kept(long own, long upTo) throws IOException {
    var directory = new LogDirectory(staged);
    List<String> names = directory.segments();
    if (names.isEmpty()) {
      return upTo;
    }
    long previous = directory.header(names.get(0)).orElseThrow().previous();
    return previous <= own && own > 0 ? previous : -1;
  }

  @Override
  public void decide(FetchedState state) throws IOException {
    new SegmentInstall(files, staged).decide(state);
  }

  @Override
  public Optional<FetchedState> decided() throws IOException {
    return new SegmentInstall(files, staged).decided();
  }

  @Override
  public void install(FetchedState state) throws IOException {
    try (Closeable held = locking.acquire()) {
      new SegmentInstall(files, staged).install(state);
    }
  }

  @Override
  public void clear() throws IOException {
    new SegmentInstall(files, staged).clear();
  }

  @Override
  public long usableBytes() throws IOException {
    return files.usableBytes();
  }
}
