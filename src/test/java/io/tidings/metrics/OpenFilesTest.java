package io.tidings.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFilesTest {
  private static final int FILES = 200;

  @TempDir private Path dir;

  private static double open(OpenFiles files) {
    var registry = new SimpleMeterRegistry();
    files.bindTo(registry);
    return registry.get("process.files.open").gauge().value();
  }

  /** That many more are told while that many more are open; others may come and go meanwhile. */
  private void assertCounts(OpenFiles counted) throws Exception {
    Path file = Files.createFile(dir.resolve("file"));
    double before = open(counted);
    var streams = new ArrayList<InputStream>();
    try {
      for (int i = 0; i < FILES; i++) {
        streams.add(Files.newInputStream(file));
      }
      double more = open(counted) - before;
      assertTrue(more > FILES * 0.8 && more < FILES * 1.2, "told " + more + " more");
    } finally {
      for (InputStream stream : streams) {
        stream.close();
      }
    }
  }

  @Test
  void openFilesAreCounted() throws Exception {
    assertCounts(new OpenFiles());
  }

  @Test
  void theyAreCountedWhereTheKernelDoesNotTellTheirNumber() throws Exception {
    assertCounts(new OpenFiles(Files.createFile(dir.resolve("empty"))));
  }

  @Test
  void theyAreCountedWhereThereIsNoSuchDirectory() throws Exception {
    assertCounts(new OpenFiles(dir.resolve("none")));
  }

  @Test
  void theSizeIsTheNumber() throws Exception {
    assertEquals(7, open(new OpenFiles(Files.write(dir.resolve("seven"), new byte[7]))));
  }

  @Test
  void theMaximumIsThatOfTheProcess() {
    var registry = new SimpleMeterRegistry();
    new OpenFiles().bindTo(registry);
    var unix = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    assertEquals(
        unix.getMaxFileDescriptorCount(), registry.get("process.files.max").gauge().value());
  }
}
