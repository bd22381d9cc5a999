package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code conf/tidings}, installed beside the jar, in a directory whose name has a space. */
class LauncherIT {
  private static final long TRAINING_MINUTES = 5;

  @TempDir private Path temporary;

  private Path installed;

  @BeforeEach
  void install() throws IOException {
    installed = Files.createDirectory(temporary.resolve("the hub"));
    Files.copy(Path.of("conf/tidings"), script(), StandardCopyOption.COPY_ATTRIBUTES);
    Files.copy(Path.of(JarProcess.jar()), installed.resolve("tidings.jar"));
  }

  private Path script() {
    return installed.resolve("tidings");
  }

  static Set<Path> javas() throws IOException {
    try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
      return homes
          .filter(home -> !Files.isSymbolicLink(home))
          .filter(home -> Files.exists(home.resolve("release")))
          .map(home -> home.resolve("bin/java"))
          .filter(Files::isExecutable)
          .collect(Collectors.toSet());
    }
  }

  @ParameterizedTest
  @MethodSource("javas")
  void theHubStartsWithItsArchiveAndWithoutOneThatDoesNotFit(Path java) throws Exception {
    assertStarts(java, false, "");
    train(java);
    Path archive = archive();
    FileTime made = Files.getLastModifiedTime(archive);
    assertStarts(java, true, "");
    train(java);
    assertEquals(made, Files.getLastModifiedTime(archive), "one for each jar and JDK is enough");

    cutOff(archive);
    assertStarts(java, false, "is not of this jar, and is not used");
    Files.writeString(archive, "");
    assertStarts(java, false, "is not of this jar, and is not used");
    Files.delete(archive);
    assertStarts(java, false, "");
    train(java);
    assertStarts(java, true, "");
    Files.setLastModifiedTime(
        installed.resolve("tidings.jar"), FileTime.from(Instant.ofEpochSecond(1_000_000_000)));
    assertStarts(java, false, "is not of this jar, and is not used");
  }

  /** Also when the stamp is right, and only the JVM can find out. */
  @ParameterizedTest
  @MethodSource("javas")
  void theHubStartsWithAFileThatIsNoArchive(Path java) throws Exception {
    train(java);
    Path archive = archive();
    Files.write(archive, new byte[(int) Files.size(archive)]);
    assertStarts(java, false, "");
  }

  @Test
  void withoutTheVersionOfTheJdkTheHubStartsPlainly() throws Exception {
    Path java = wrapper("exec \"$REAL_JAVA\" \"$@\"");
    assertEquals(1, trained(java), "there is no archive to be made");
    assertStarts(java, false, "");
  }

  @Test
  void aTrainingRunThatFailsLeavesNothingAndIsReported() throws Exception {
    Path java = wrapper("echo nothing to learn; exit 3");
    Files.createDirectories(temporary.resolve("jdk"));
    Files.writeString(temporary.resolve("jdk/release"), "JAVA_RUNTIME_VERSION=\"17.0.99+1\"\n");
    try (var training =
        JarProcess.startCommand(List.of(script().toString(), "train"), environment(java))) {
      assertEquals(1, training.exitCode());
      assertEquals(
          List.of("nothing to learn", "tidings: no archive was made, the hub starts without"),
          training.errors());
    }
    try (Stream<Path> files = Files.list(installed)) {
      assertEquals(
          Set.of("tidings", "tidings.jar"),
          files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()));
    }
  }

  @Test
  void withoutJavaThereIsOneLine() throws Exception {
    try (var hub =
        JarProcess.startCommand(List.of(script().toString()), Map.of("JAVA", "no-such-java"))) {
      assertEquals(1, hub.exitCode());
      assertEquals(List.of("tidings: needs Java 17 or later: set JAVA or JAVA_HOME"), hub.errors());
    }
  }

  @Test
  void argumentsAndOptionsReachTheHub() throws Exception {
    var environment =
        Map.of("JAVA_OPTS", "-Dio.netty.tryReflectionSetAccessible=true -XX:+PrintFlagsFinal");
    try (var hub =
        JarProcess.startCommand(
            List.of(script().toString(), "--port", "0", "--set", "http.transport=nio"),
            environment)) {
      hub.awaitLine(Pattern.compile(".*UseSerialGC *= true.*"));
      hub.awaitLine(Pattern.compile("Tidings \\S+ is at .*\\(nio, .*"));
    }
  }

  @Test
  void anotherCollectorTakesThePlaceOfTheSerialOne() throws Exception {
    var environment = Map.of("JAVA_OPTS", "-XX:+UseParallelGC -XX:+PrintFlagsFinal");
    try (var hub =
        JarProcess.startCommand(List.of(script().toString(), "--port", "0"), environment)) {
      hub.awaitLine(Pattern.compile(".*UseSerialGC *= false.*"));
      hub.awaitLine(Pattern.compile("Tidings \\S+ is at .*"));
    }
  }

  /** A program that stands for Java, in a directory like that of a JDK. */
  private Path wrapper(String line) throws IOException {
    Path bin = Files.createDirectories(temporary.resolve("jdk/bin"));
    Path java = Files.writeString(bin.resolve("java"), "#!/bin/sh\n" + line + "\n");
    return Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static Map<String, String> environment(Path java) {
    return Map.of(
        "JAVA",
        java.toString(),
        "REAL_JAVA",
        Path.of(System.getProperty("java.home"), "bin", "java").toString());
  }

  private void train(Path java) throws Exception {
    assertEquals(0, trained(java));
  }

  /** Returns the exit status. */
  private int trained(Path java) throws Exception {
    var command = new ProcessBuilder(script().toString(), "train").inheritIO();
    command.environment().putAll(environment(java));
    Process training = command.start();
    try {
      assertTrue(training.waitFor(TRAINING_MINUTES, TimeUnit.MINUTES), "the training is bounded");
      return training.exitValue();
    } finally {
      training.destroyForcibly();
    }
  }

  private Path archive() throws IOException {
    try (Stream<Path> files = Files.list(installed)) {
      return files
          .filter(file -> file.toString().matches(".*\\.(jsa|aot)"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void cutOff(Path archive) throws IOException {
    archive.toFile().setWritable(true);
    try (var file = FileChannel.open(archive, StandardOpenOption.WRITE)) {
      file.truncate(1_000_000);
    }
  }

  /**
   * @param uses whether the archive is mapped
   * @param line what the only line on standard error contains; empty if there is none
   */
  private void assertStarts(Path java, boolean uses, String line) throws Exception {
    try (var hub =
        JarProcess.startCommand(List.of(script().toString(), "--port", "0"), environment(java))) {
      assertFalse(hub.url().toString().isEmpty());
      String maps = Files.readString(Path.of("/proc/" + hub.pid() + "/maps"));
      assertEquals(uses, maps.contains(installed.toString()) && mapped(maps), hub.toString());
      hub.terminate();
      hub.exitCode();
      List<String> expected = line.isEmpty() ? List.of() : List.of(line);
      List<String> errors = hub.errors();
      assertEquals(expected.size(), errors.size(), hub.toString());
      for (int i = 0; i < errors.size(); i++) {
        assertTrue(errors.get(i).contains(expected.get(i)), hub.toString());
      }
    }
  }

  private boolean mapped(String maps) {
    return maps.lines()
        .anyMatch(map -> map.contains(installed + "/tidings-") && map.matches(".*\\.(jsa|aot)"));
  }
}
