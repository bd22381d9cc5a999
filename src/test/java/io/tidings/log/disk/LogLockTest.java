package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogLockTest {
  @TempDir Path directory;

  @Test
  void aDirectoryIsLockedUntilTheLockIsClosed() throws Exception {
    Path log = directory.resolve("a/b");
    assertFalse(LogLock.held(log));
    LogLock lock = LogLock.acquire(log);
    assertTrue(Files.isDirectory(log), "it was created");
    assertTrue(LogLock.held(log));
    var e = assertThrows(IOException.class, () -> LogLock.acquire(log));
    assertEquals("is used by another hub in this process", e.getMessage());
    assertTrue(LogLock.held(log), "the refused one has not released it");
    lock.close();
    assertFalse(LogLock.held(log));
    LogLock.acquire(log).close();
  }

  @Test
  void theFileHasTheNumberOfTheProcess() throws Exception {
    LogLock.acquire(directory).close();
    String pid = Files.readString(directory.resolve("LOCK")).strip();
    assertEquals(Long.toString(ProcessHandle.current().pid()), pid);
  }

  @Test
  void aPathThatIsOrContainsAFileIsRefusedInOneLine() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    for (Path path : new Path[] {file, file.resolve("below")}) {
      var e = assertThrows(IOException.class, () -> LogLock.acquire(path));
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }
  }
}
