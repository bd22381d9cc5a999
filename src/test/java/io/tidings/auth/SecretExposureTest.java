package io.tidings.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretExposureTest {
  private final CapturedLog log = new CapturedLog(SecretExposure.class);
  @TempDir private Path dir;
  private Path file;
  private SecretExposure exposure;

  @BeforeEach
  void create() throws Exception {
    file = Files.writeString(dir.resolve("secret"), "x".repeat(40));
    exposure = new SecretExposure(file);
  }

  @AfterEach
  void close() {
    log.close();
  }

  private void look(String permissions) throws Exception {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    exposure.look();
  }

  @Test
  void whatWasSoAtTheFirstLookIsNotReported() throws Exception {
    look("r--r-----");
    look("r--r-----");
    look("rw-r-----");
    look("rw-------");
    assertEquals(List.of(), log.lines());
  }

  @Test
  void eachWideningIsReportedOnce() throws Exception {
    look("rw-------");
    look("rw-r-----");
    look("rw-r-----");
    assertEquals(1, log.lines().size(), log.lines()::toString);
    look("rw-------");
    look("rw-r--r--");
    look("rw-r--r--");
    assertEquals(2, log.lines().size(), log.lines()::toString);
    assertTrue(log.lines().get(1).contains("by all users"), log.lines()::toString);
    look("rw-r-----");
    assertEquals(2, log.lines().size(), log.lines()::toString);
  }

  @Test
  void anotherFileInItsPlaceIsLookedAtToo() throws Exception {
    look("rw-------");
    Files.delete(file);
    Files.writeString(file, "y".repeat(40));
    look("rw----r--");
    assertTrue(log.contains("can now be read by all users (rw----r--)"), log.lines()::toString);
  }
}
