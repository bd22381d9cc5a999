package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;

/**
 * The example of an application with a hub, which is built by itself against the library's artifact
 * in a repository, started, and used by a browser.
 */
class EmbeddedIT {
  private static final Path REPOSITORY = Path.of("target", "embedded", "repository");
  private static final Path ARTIFACT = Path.of("io", "tidings", "tidings");
  private static final String ADDRESS = "The chat is at ";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final String STATUS =
      "fetch(arguments[0]).then(answer => arguments[1](answer.status))";

  @TempDir private Path directory;
  private Process application;
  private ChromeDriver browser;

  @AfterEach
  void stop() throws Exception {
    if (browser != null) {
      browser.quit();
    }
    if (application != null) {
      end();
    }
  }

  private void end() throws InterruptedException {
    application.destroy();
    assertTrue(application.waitFor(20, TimeUnit.SECONDS));
  }

  @Test
  void aChatIsBuiltFromTheArtifactAndItsPageKeepsWhatWasSaid() throws Exception {
    Path jar = build();
    browser = Chromium.start(directory.resolve("profile"));
    browser.get(start(jar));
    say("nobody may say this yet");
    logIn();
    say("hello <b>all</b>");
    awaitSaid("hello <b>all</b>", "Welcome!");
    browser.navigate().refresh();
    logIn();
    awaitSaid("hello <b>all</b>", "Welcome!");

    end();
    browser.get(start(jar));
    logIn();
    awaitSaid("hello <b>all</b>", "Welcome!");
    assertEquals(200L, browser.executeAsyncScript(STATUS, "live/health/ready"));
    assertEquals(403L, browser.executeAsyncScript(STATUS, "live/metrics"));
  }

  private void logIn() {
    browser.findElement(By.name("name")).sendKeys("ann");
    browser.findElement(By.cssSelector("#login button")).click();
  }

  private void say(String text) {
    WebElement field = browser.findElement(By.name("text"));
    field.clear();
    field.sendKeys(text);
    browser.findElement(By.cssSelector("#say button")).click();
  }

  private void awaitSaid(String... lines) {
    Wait.until(PATIENCE, () -> "said is " + said(), () -> said().equals(List.of(lines)));
  }

  private List<?> said() {
    return (List<?>)
        browser.executeScript(
            "return [...document.querySelectorAll('#said li')].map(line => line.textContent)");
  }

  /** Starts the application on a free port, with its data below the test's directory. */
  private String start(Path jar) throws IOException {
    application =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                jar.toAbsolutePath().toString(),
                "0")
            .directory(directory.toFile())
            .redirectError(directory.resolve("errors").toFile())
            .start();
    BufferedReader output = application.inputReader(StandardCharsets.UTF_8);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(ADDRESS)) {
        return line.substring(ADDRESS.length()) + "/";
      }
    }
    throw new AssertionError(
        "the application has ended: " + Files.readString(directory.resolve("errors")));
  }

  /** Builds the example in a copy; the sources stay clean. */
  private Path build() throws Exception {
    Path project = directory.resolve("project");
    copy(Path.of("src", "examples", "embedded"), project);
    Path log = directory.resolve("build.log");
    Process maven =
        new ProcessBuilder(
                "mvn",
                "-B",
                "-ntp",
                "-q",
                "-Dmaven.repo.local=" + repository().toAbsolutePath(),
                "package")
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertTrue(maven.waitFor(5, TimeUnit.MINUTES));
    assertEquals(0, maven.exitValue(), Files.readString(log));
    return project.resolve("target").resolve("embedded.jar");
  }

  /**
   * A repository in which the artifact is this build's, and all others are those of the machine's
   * repository, so that nothing has to be loaded again, and the machine's stays as it is.
   */
  private static Path repository() throws IOException {
    Path machine =
        Path.of(
            System.getProperty(
                "localRepository",
                Path.of(System.getProperty("user.home"), ".m2", "repository").toString()));
    link(machine, REPOSITORY, Set.of(Path.of("io")));
    link(machine.resolve("io"), REPOSITORY.resolve("io"), Set.of(Path.of("tidings")));
    Path pom = Path.of("pom.xml");
    String version =
        Files.readString(pom).replaceFirst("(?s).*?<version>(.*?)</version>.*", "$1").strip();
    Path files = Files.createDirectories(REPOSITORY.resolve(ARTIFACT).resolve(version));
    replace(library(), files.resolve("tidings-" + version + ".jar"));
    replace(pom, files.resolve("tidings-" + version + ".pom"));
    return REPOSITORY;
  }

  /** The jar without its dependencies. */
  private static Path library() {
    return Path.of(System.getProperty("tidings.library", "target/original-tidings.jar"));
  }

  private static void link(Path from, Path to, Set<Path> except) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> all = Files.list(from)) {
      for (Path one : all.toList()) {
        Path link = to.resolve(one.getFileName());
        if (!except.contains(one.getFileName()) && !Files.exists(link)) {
          Files.deleteIfExists(link);
          Files.createSymbolicLink(link, one.toAbsolutePath());
        }
      }
    }
  }

  private static void replace(Path from, Path to) throws IOException {
    Files.deleteIfExists(to);
    Files.copy(from, to);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path one : all.filter(path -> !path.startsWith(from.resolve("target"))).toList()) {
        Files.copy(one, to.resolve(from.relativize(one)));
      }
    }
  }
}
