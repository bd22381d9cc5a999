package io.tidings.log.disk;

import io.tidings.event.Position;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.Plural;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Backs up a log to another directory, even while a hub runs in it, and restores it. One thread.
 */
public final class LogCopy {
  private static final int CHUNK = 1 << 20;

  private LogCopy() {}

  /**
   * Copies a log up to its newest committed record.
   *
   * @param to an empty directory, or a path at which one is created
   * @return a summary of one line
   * @throws IOException with a message of one line
   */
  public static String backup(Path from, Path to) throws IOException {
    try (LogFiles log = LogFiles.open(from)) {
      var target = new LogDirectory(emptyDirectory(to));
      copy(log, target.files());
      copyRecords(log, target.files());
      target.writeIdentity(log.identity());
      LogFiles.Summary summary = log.summary();
      return Plural.entries(summary.entries())
          + " copied"
          + summary.newest().map(entry -> ", up to " + entry.position()).orElse("");
    }
  }

  /**
   * Creates a log from a backup, with a new epoch. Ids of the original log are valid up to the end
   * of the backup; a client that has received later entries gets a gap.
   *
   * @param to an empty directory, or a path at which one is created
   * @return a summary of one line
   * @throws IOException with a message of one line, also if the backup is damaged
   */
  public static String restore(Path backup, Path to) throws IOException {
    try (LogFiles log = LogFiles.open(backup)) {
      List<String> problems = log.check();
      if (!problems.isEmpty()) {
        throw new IOException("the backup is damaged: " + problems.get(0));
      }
      Directory files = emptyDirectory(to);
      try (LogLock held = LogLock.acquire(to)) {
        copy(log, files);
        copyRecords(log, files);
        LogDirectory.Identity old = log.identity();
        long epoch = Position.newEpoch();
        new LogDirectory(files)
            .writeIdentity(
                new LogDirectory.Identity(
                    epoch, old.ancestors().branchedAt(old.epoch(), log.last())));
      }
      return Plural.entries(log.summary().entries())
          + " restored, up to "
          + new Position(log.identity().epoch(), log.last())
          + "; the log continues under a new epoch";
    }
  }

  private static Directory emptyDirectory(Path path) throws IOException {
    FileDirectory.createDirectories(path);
    try (Stream<Path> files = Files.list(path)) {
      if (files.findAny().isPresent()) {
        throw new IOException(path + " is not empty");
      }
    }
    return new FileDirectory(path);
  }

  private static void copy(LogFiles log, Directory to) throws IOException {
    for (Segment segment : log.segments()) {
      if (segment.contents().records() > 0) {
        segment.copy(to);
      }
    }
    to.force();
  }

  /** Copies the expiring records; what is being added at the same time may be left out. */
  private static void copyRecords(LogFiles from, Directory to) throws IOException {
    List<ExpiringRecord> records = from.expiring();
    if (!records.isEmpty()) {
      var file = new RecordFile(to);
      file.replace(records);
      file.close();
    }
  }

  /** Copies the first bytes of a file, and forces them to the disk. */
  static void file(Directory from, String name, Directory to, long length) throws IOException {
    try (DataFile source = from.open(name, Directory.Access.READ_ONLY)) {
      file(source, to, name, length);
    }
  }

  /** Copies the first bytes of an open file, which may have been deleted from its directory. */
  static void file(DataFile from, Directory to, String name, long length) throws IOException {
    try (DataFile target = to.create(name)) {
      long end = Math.min(length, from.size());
      for (long at = 0; at < end; ) {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(CHUNK, end - at));
        int count = from.readFully(bytes, at);
        if (count <= 0) {
          throw new IOException(name + " was truncated while it was copied");
        }
        target.write(bytes.flip(), at);
        at += count;
      }
      target.force();
    }
  }
}
