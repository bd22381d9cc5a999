package io.tidings.log;

import io.tidings.event.Position;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A log's directory: which files are in it, whose it is, and its epoch. */
final class LogDirectory {
  private static final Pattern SEGMENT = Pattern.compile("\\d{20}\\.log");
  private static final Pattern META = Pattern.compile("format (\\d+)\nepoch (\\d{1,13})\n");
  private static final String RESERVED = "reserved";

  private final Path path;

  LogDirectory(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  Path reserved() {
    return path.resolve(RESERVED);
  }

  /**
   * Takes the directory for this process, and makes it where there is none.
   *
   * @return what must stay open for as long as the directory is used
   * @throws IOException in one line, where it can't be had
   */
  FileChannel lock() throws IOException {
    FileChannel lock = null;
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new IOException("is no directory");
    }
    try {
      Files.createDirectories(path);
      lock =
          FileChannel.open(
              path.resolve("LOCK"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock held = lock.tryLock();
      if (held == null) {
        throw new IOException("is used by another hub, process " + holder(lock));
      }
      // over what is there, which works on a full disk too
      lock.write(ascii("%-19d\n".formatted(ProcessHandle.current().pid())), 0);
      return lock;
    } catch (OverlappingFileLockException e) {
      lock.close();
      throw new IOException("is used by another hub in this process", e);
    } catch (AccessDeniedException e) {
      throw new IOException("can't be written to: permission denied", e);
    } catch (FileSystemException e) {
      String why = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
      throw new IOException("can't be used as a directory: " + why, e);
    } catch (IOException e) {
      if (lock != null) {
        lock.close();
      }
      throw e;
    }
  }

  private static String holder(FileChannel lock) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(20);
    lock.read(text, 0);
    String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
    lock.close();
    return pid;
  }

  /** The files of the segments, the oldest first. */
  List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(file -> SEGMENT.matcher(file.getFileName().toString()).matches())
          .sorted()
          .toList();
    }
  }

  /** The epoch that the directory was made with; nothing where it does not tell. */
  OptionalLong epoch() throws IOException {
    Path meta = path.resolve("meta");
    if (Files.exists(meta)) {
      Matcher form = META.matcher(Files.readString(meta));
      if (form.matches()) {
        if (Integer.parseInt(form.group(1)) != SegmentFormat.FORMAT) {
          throw new IOException("has format " + form.group(1) + ", which this version can't read");
        }
        return OptionalLong.of(Long.parseLong(form.group(2)));
      }
    }
    for (Path file : segments()) {
      ByteBuffer header = ByteBuffer.allocate(SegmentFormat.HEADER);
      try (var from = FileChannel.open(file, StandardOpenOption.READ)) {
        from.read(header, 0);
      }
      if (SegmentFormat.isHeader(header.flip())) {
        return OptionalLong.of(header.getLong(8));
      }
    }
    return OptionalLong.empty();
  }

  /** The epoch, which a directory that has none is given, for good. */
  long epochForGood() throws IOException {
    OptionalLong there = epoch();
    long epoch = there.orElseGet(Position::newEpoch);
    Path meta = path.resolve("meta");
    if (there.isEmpty() || !Files.exists(meta)) {
      try (var to =
          FileChannel.open(
              meta,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        to.write(ascii("format " + SegmentFormat.FORMAT + "\nepoch " + epoch + "\n"));
        to.force(true);
      }
      force();
    }
    return epoch;
  }

  /** Removes what an end that was none may have left: indexes half written, or without segments. */
  void tidy() throws IOException {
    List<Path> leftovers;
    try (Stream<Path> files = Files.list(path)) {
      leftovers = files.filter(LogDirectory::leftover).toList();
    }
    for (Path file : leftovers) {
      Files.delete(file);
    }
  }

  private static boolean leftover(Path file) {
    String name = file.getFileName().toString();
    String segment = name.replace(SegmentFormat.INDEX_SUFFIX, SegmentFormat.SEGMENT_SUFFIX);
    return name.matches("\\d{20}\\.log\\.tmp")
        || name.matches("\\d{20}\\.idx") && !Files.exists(file.resolveSibling(segment));
  }

  /** Opens all segments, the oldest first. */
  List<Segment> open(long epoch, boolean writable) throws IOException {
    var opened = new ArrayList<Segment>();
    long previous = -1;
    for (Path file : segments()) {
      Segment segment = Segment.open(file, epoch, previous, writable);
      opened.add(segment);
      previous = segment.last();
    }
    return opened;
  }

  /** Sees to it that files which were made in the directory survive a power cut. */
  void force() throws IOException {
    try (var directory = FileChannel.open(path, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }
}
