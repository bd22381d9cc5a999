package io.tidings.log.disk;

import io.tidings.event.Position;
import io.tidings.log.Plural;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Backs a log up into another directory, also while a hub runs in it, and restores it. One thread.
 */
public final class LogCopy {
  private static final int CHUNK = 1 << 20;

  private LogCopy() {}

  /**
   * Copies a log, up to the newest record that is committed now.
   *
   * @param to an empty directory, or one that is made
   * @return what was copied, in one line
   * @throws IOException in one line, where that can't be done
   */
  public static String backup(Path from, Path to) throws IOException {
    try (LogFiles log = LogFiles.open(from)) {
      var target = new LogDirectory(emptied(to));
      copy(log, target.files());
      target.identify(log.identity());
      LogFiles.Summary summary = log.summary();
      return Plural.entries(summary.entries())
          + " copied"
          + summary.newest().map(entry -> ", up to " + entry.position()).orElse("");
    }
  }

  /**
   * Makes a log out of a backup. It goes on under a new epoch: up to the copy's end the ids of the
   * log that was copied are valid; a client that has received more is told of a gap.
   *
   * @param to an empty directory, or one that is made
   * @return what was done, in one line
   * @throws IOException in one line, where that can't be done, or the backup is damaged
   */
  public static String restore(Path backup, Path to) throws IOException {
    try (LogFiles log = LogFiles.open(backup)) {
      List<String> wrong = log.check();
      if (!wrong.isEmpty()) {
        throw new IOException("the backup is damaged: " + wrong.get(0));
      }
      Directory files = emptied(to);
      try (LogLock held = LogLock.of(to)) {
        copy(log, files);
        LogDirectory.Identity old = log.identity();
        long epoch = Position.newEpoch();
        new LogDirectory(files)
            .identify(
                new LogDirectory.Identity(
                    epoch, old.ancestors().branchedAt(old.epoch(), log.last())));
      }
      return Plural.entries(log.summary().entries())
          + " restored, up to "
          + new Position(log.identity().epoch(), log.last())
          + "; the log goes on under a new epoch";
    }
  }

  private static Directory emptied(Path path) throws IOException {
    FileDirectory.make(path);
    try (Stream<Path> files = Files.list(path)) {
      if (files.findAny().isPresent()) {
        throw new IOException(path + " is not empty");
      }
    }
    return new FileDirectory(path);
  }

  private static void copy(LogFiles log, Directory to) throws IOException {
    for (Segment segment : log.segments()) {
      if (segment.known().records() > 0) {
        segment.copy(to);
      }
    }
    to.force();
  }

  /** Copies a file's bytes up to the given one, and forces them to the disk. */
  static void file(Directory from, String name, Directory to, long length) throws IOException {
    try (DataFile source = from.open(name, false)) {
      file(source, to, name, length);
    }
  }

  /** Copies an open file, which may have lost its name. */
  static void file(DataFile from, Directory to, String name, long length) throws IOException {
    try (DataFile target = to.create(name)) {
      long end = Math.min(length, from.size());
      for (long at = 0; at < end; ) {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(CHUNK, end - at));
        int count = from.readFully(bytes, at);
        if (count <= 0) {
          throw new IOException(name + " became shorter while it was copied");
        }
        target.write(bytes.flip(), at);
        at += count;
      }
      target.force();
    }
  }
}
