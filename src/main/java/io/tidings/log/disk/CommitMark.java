package io.tidings.log.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * The file {@code committed}: up to which record a running hub has committed, for programs that
 * read the directory meanwhile; behind it, records are being written and may yet be refused. Of no
 * use to the hub itself, so that its failures are reported and change nothing. One thread writes.
 */
final class CommitMark implements Closeable {
  private static final System.Logger LOG = System.getLogger(CommitMark.class.getName());
  private static final String NAME = "committed";
  private static final int SIZE = 12;
  private static final int ATTEMPTS = 100;

  private final Directory directory;
  private final ByteBuffer bytes = ByteBuffer.allocateDirect(SIZE);
  private DataFile file;
  private boolean failed;

  CommitMark(Directory directory) {
    this.directory = directory;
  }

  /** Everything up to the offset is committed. */
  void set(long offset) {
    try {
      if (file == null) {
        file = directory.exists(NAME) ? directory.open(NAME, true) : directory.create(NAME);
      }
      bytes.clear().putLong(offset);
      file.write(bytes.putInt(SegmentFormat.sum(bytes, 0, 8)).flip(), 0);
      failed = false;
    } catch (IOException e) {
      if (!failed) {
        failed = true;
        LOG.log(
            System.Logger.Level.WARNING,
            "backups of the running log can''t see the newest entries: {0}",
            e.getMessage());
      }
    }
  }

  /** As {@link #set}, where that failed the last time. */
  void retry(long offset) {
    if (failed) {
      set(offset);
    }
  }

  /** Up to which record it is committed; nothing where the file does not tell. */
  static OptionalLong read(Directory directory) throws IOException {
    if (!directory.exists(NAME)) {
      return OptionalLong.empty();
    }
    try (DataFile file = directory.open(NAME, false)) {
      for (int i = 0; i < ATTEMPTS; i++) { // it may be written in this moment
        ByteBuffer bytes = ByteBuffer.allocate(SIZE);
        if (file.readFully(bytes, 0) == SIZE && bytes.getInt(8) == SegmentFormat.sum(bytes, 0, 8)) {
          return OptionalLong.of(bytes.getLong(0));
        }
      }
    }
    return OptionalLong.empty();
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
