package io.tidings.log.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The lock on a log's directory, which one hub holds at a time in order to write. */
final class LogLock implements Closeable {
  private static final String NAME = "LOCK";

  private final FileChannel file;

  private LogLock(FileChannel file) {
    this.file = file;
  }

  /**
   * Locks the directory for this process, and creates it if it does not exist.
   *
   * @throws IOException with a message of one line, if it cannot be locked
   */
  static LogLock acquire(Path path) throws IOException {
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new IOException("is not a directory");
    }
    FileChannel file = null;
    try {
      FileDirectory.createDirectories(path);
      file =
          FileDirectory.channel(
              path.resolve(NAME),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      if (file.tryLock() == null) {
        throw new IOException("is used by another hub, process " + holder(file));
      }
      // overwrites the old number, which works on a full disk too
      String pid = "%-19d\n".formatted(ProcessHandle.current().pid());
      file.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
      return new LogLock(file);
    } catch (OverlappingFileLockException e) {
      file.close();
      throw new IOException("is used by another hub in this process", e);
    } catch (AccessDeniedException e) {
      throw new IOException("can't be written to: permission denied", e);
    } catch (FileSystemException e) {
      String why = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
      throw new IOException("can't be used as a directory: " + why, e);
    } catch (IOException e) {
      if (file != null) {
        file.close();
      }
      throw e;
    }
  }

  /** Whether a hub holds the lock now. */
  static boolean held(Path path) throws IOException {
    Path lock = path.resolve(NAME);
    if (!Files.exists(lock)) {
      return false;
    }
    // within this process Java throws, because POSIX locks do not exclude their own process
    try (var file = FileChannel.open(lock, StandardOpenOption.READ);
        var shared = file.tryLock(0, Long.MAX_VALUE, true)) {
      return shared == null;
    } catch (OverlappingFileLockException e) {
      return true;
    }
  }

  private static String holder(FileChannel file) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(20);
    file.read(text, 0);
    return new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
