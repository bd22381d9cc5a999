package io.tidings.log.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * The file {@code committed}: the offset of the last record that a running hub has committed, for
 * programs that read the directory meanwhile; later records are being written and may still be
 * refused. The hub itself does not read it, so a failure to write it is only logged. One thread
 * writes.
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

  /** Records that everything up to the offset is committed. */
  void set(long offset) {
    try {
      if (file == null) {
        file =
            directory.exists(NAME)
                ? directory.open(NAME, Directory.Access.READ_WRITE)
                : directory.create(NAME);
      }
      bytes.clear().putLong(offset);
      file.write(bytes.putInt(SegmentFormat.sum(bytes, 0, 8)).flip(), 0);
      failed = false;
    } catch (IOException e) {
      if (!failed) {
        failed = true;
        LOG.log(
            System.Logger.Level.WARNING,
            "backups of the running log will miss the newest entries: {0}",
            e.getMessage());
      }
    }
  }

  /** Calls {@link #set} if that failed the last time. */
  void retry(long offset) {
    if (failed) {
      set(offset);
    }
  }

  /** The last committed offset; empty if there is no file, or it is damaged. */
  static OptionalLong read(Directory directory) throws IOException {
    if (!directory.exists(NAME)) {
      return OptionalLong.empty();
    }
    try (DataFile file = directory.open(NAME, Directory.Access.READ_ONLY)) {
      for (int i = 0; i < ATTEMPTS; i++) { // it may be being written
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
