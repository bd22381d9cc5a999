package io.tidings.log.disk;

import io.tidings.event.Position;
import io.tidings.log.EpochAncestors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The directory of a log: its files, format, epochs and segments. One thread. */
final class LogDirectory {
  private static final Pattern SEGMENT = Pattern.compile("\\d{20}\\.log");
  private static final Pattern INDEX = Pattern.compile("\\d{20}\\.idx");
  private static final Pattern NUMBERS = Pattern.compile("[a-z]+( \\d{1,19})+");
  private static final String META = "meta";

  private final Directory files;

  LogDirectory(Directory files) {
    this.files = files;
  }

  Directory files() {
    return files;
  }

  /**
   * The identity of a log.
   *
   * @param epoch the current epoch
   * @param ancestors the earlier epochs of a log that was restored
   */
  record Identity(long epoch, EpochAncestors ancestors) {
    private String text() {
      var text = new StringBuilder("format " + SegmentFormat.FORMAT + "\nepoch " + epoch + "\n");
      ancestors
          .lastOffsets()
          .forEach((old, last) -> text.append("ancestor " + old + " " + last + "\n"));
      return text.toString();
    }
  }

  /** The file names of the segments, the oldest first. */
  List<String> segments() throws IOException {
    return files.names().stream().filter(name -> SEGMENT.matcher(name).matches()).toList();
  }

  /**
   * Reads the identity from {@code meta}, or from a segment if that is missing or damaged.
   *
   * @return empty if the directory has no log
   * @throws IOException if the log has another format, or cannot be read
   */
  Optional<Identity> identity() throws IOException {
    if (files.exists(META)) {
      Optional<Identity> identity = parse(read(META));
      if (identity.isPresent()) {
        return identity;
      }
    }
    for (String name : segments()) {
      Optional<SegmentFormat.Header> header = header(name);
      if (header.isPresent()) {
        return Optional.of(new Identity(header.get().epoch(), EpochAncestors.NONE));
      }
    }
    return Optional.empty();
  }

  /** Parses {@code meta}; empty if it is damaged. */
  private static Optional<Identity> parse(String meta) throws IOException {
    long epoch = -1;
    Map<Long, Long> ancestors = new LinkedHashMap<>();
    for (String line : meta.split("\n")) {
      if (!NUMBERS.matcher(line).matches()) {
        return Optional.empty();
      }
      String[] words = line.split(" ");
      long number = Long.parseLong(words[1]);
      if (words[0].equals("format") && number != SegmentFormat.FORMAT) {
        throw new IOException(otherFormat(number));
      } else if (words[0].equals("epoch")) {
        epoch = number;
      } else if (words[0].equals("ancestor") && words.length == 3) {
        ancestors.put(number, Long.parseLong(words[2]));
      }
    }
    return epoch < 0 || epoch > Position.MAX_EPOCH
        ? Optional.empty()
        : Optional.of(new Identity(epoch, new EpochAncestors(ancestors)));
  }

  private static String otherFormat(long format) {
    return format == FormatOneReader.FORMAT
        ? "has format 1: migrate it to format 2 with java -jar tidings.jar log migrate --dir DIR"
        : "has format " + format + ", which this version can't read";
  }

  private String read(String name) throws IOException {
    try (DataFile file = files.open(name, Directory.Access.READ_ONLY)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), 1 << 20));
      file.readFully(bytes, 0);
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
    }
  }

  /** Writes {@code meta} and forces it to the disk. */
  void writeIdentity(Identity identity) throws IOException {
    String temporary = META + Directory.TEMPORARY;
    files.writeForced(temporary, identity.text().getBytes(StandardCharsets.US_ASCII));
    files.rename(temporary, META);
    files.force();
  }

  /**
   * Reads the identity; a directory without one gets it.
   *
   * @param newEpoch the epoch of that
   */
  Identity readOrCreateIdentity(long newEpoch) throws IOException {
    Optional<Identity> existing = identity();
    Identity identity = existing.orElseGet(() -> new Identity(newEpoch, EpochAncestors.NONE));
    if (existing.isEmpty() || !files.exists(META)) {
      writeIdentity(identity);
    }
    return identity;
  }

  /** Deletes {@code meta}. */
  void deleteIdentity() throws IOException {
    files.delete(META);
  }

  /** Deletes temporary files, and indexes without segments. */
  void deleteLeftovers() throws IOException {
    List<String> names = files.names();
    for (String name : names) {
      boolean orphan =
          INDEX.matcher(name).matches()
              && !names.contains(
                  name.replace(SegmentFormat.INDEX_SUFFIX, SegmentFormat.SEGMENT_SUFFIX));
      if (orphan || name.endsWith(Directory.TEMPORARY)) {
        files.delete(name);
      }
    }
  }

  /** Opens all segments for reading and writing, the oldest first. */
  List<Segment> openToWrite(long epoch) throws IOException {
    return open(epoch, Long.MAX_VALUE, Directory.Access.READ_WRITE);
  }

  /**
   * Opens the segments for reading, the oldest first.
   *
   * @param last the highest offset that counts; segments that begin after it are left out
   * @throws NoSuchFileException if a running hub deletes segments at the same time
   */
  List<Segment> open(long epoch, long last) throws IOException {
    return open(epoch, last, Directory.Access.READ_ONLY);
  }

  private List<Segment> open(long epoch, long last, Directory.Access access) throws IOException {
    List<String> names = segments();
    var opened = new ArrayList<Segment>();
    try {
      for (int i = 0; i < names.size(); i++) {
        long first = first(names.get(i));
        long previous = opened.isEmpty() ? first - 1 : opened.get(opened.size() - 1).last();
        var fallback = SegmentFormat.Header.of(epoch, first, previous, Long.MIN_VALUE);
        long limit = Math.min(last, limit(names, i));
        Segment segment = Segment.open(files, names.get(i), fallback, limit, access);
        if (segment.previous() > last) { // a running hub began it after its commit mark was read
          segment.release();
          break;
        }
        opened.add(segment);
      }
      if (opened.isEmpty() && !names.isEmpty()) {
        throw new NoSuchFileException(names.get(0), null, "the segments before it were deleted");
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.forEach(Segment::release);
      throw e;
    }
  }

  /** The predecessor that is named by the next segment with an intact header. */
  private long limit(List<String> names, int segment) throws IOException {
    for (int next = segment + 1; next < names.size(); next++) {
      Optional<SegmentFormat.Header> header = header(names.get(next));
      if (header.isPresent()) {
        return header.get().previous();
      }
    }
    return Long.MAX_VALUE;
  }

  /** The lowest offset that a segment may have, by its name. */
  static long first(String name) {
    return Long.parseLong(name.substring(0, name.indexOf('.')));
  }

  /** Reads the header of a segment; empty if it is damaged. */
  Optional<SegmentFormat.Header> header(String name) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(SegmentFormat.HEADER);
    try (DataFile file = files.open(name, Directory.Access.READ_ONLY)) {
      file.readFully(header, 0);
    }
    return SegmentFormat.header(header.flip());
  }
}
