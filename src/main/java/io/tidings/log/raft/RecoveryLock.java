package io.tidings.log.raft;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The lock that a recovery of a directory holds from its first step to its last: steps of two would
 * make two clusters of one log. It ends with the process. The file stays.
 */
final class RecoveryLock implements Closeable {
  private static final String NAME = "recovering.lock";

  private final FileChannel file;

  private RecoveryLock(FileChannel file) {
    this.file = file;
  }

  /**
   * @throws IOException with a message of one line, if another recovery has it
   */
  static RecoveryLock acquire(Path raftDirectory) throws IOException {
    FileChannel file =
        FileChannel.open(
            raftDirectory.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (file.tryLock() != null) {
        return new RecoveryLock(file);
      }
    } catch (OverlappingFileLockException e) {
      file.close();
      throw taken();
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
    file.close();
    throw taken();
  }

  private static IOException taken() {
    return new IOException("is being recovered by another process: wait until that has ended");
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
