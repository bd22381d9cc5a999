package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code make release} does before it builds, in a repository of the test's own. */
class ReleaseTest {
  private static final String SCRIPT = "src/release/release.sh";
  private static final String CHART = "deploy/helm/tidings/Chart.yaml";
  private static final String LIBRARY = "docs/library.md";
  private static final String README = "README.md";
  private static final String UNRELEASED =
      "# Changelog\n\n## Unreleased\n\n### Added\n- a thing\n\n## 0.1.0 - 2026-01-01\n\n- the first\n";

  @TempDir Path repository;

  private record Result(int status, String output) {}

  @BeforeEach
  void commitSources() throws Exception {
    Files.createDirectories(repository.resolve(SCRIPT).getParent());
    Files.copy(Path.of(SCRIPT), repository.resolve(SCRIPT));
    Files.copy(Path.of("pom.xml"), repository.resolve("pom.xml"));
    for (String file : List.of(CHART, LIBRARY, README)) {
      Files.createDirectories(repository.resolve(file).getParent());
      Files.copy(Path.of(file), repository.resolve(file));
    }
    Files.writeString(repository.resolve(".gitignore"), "target/\n");
    git("init", "-q");
    commit(UNRELEASED);
  }

  private void commit(String changelog) throws Exception {
    Files.writeString(repository.resolve("CHANGELOG.md"), changelog);
    git("add", "-A");
    git("commit", "-q", "-m", "sources", "--date", "2026-05-06T23:30:00-05:00");
  }

  private void git(String... arguments) throws Exception {
    List<String> git =
        List.of("git", "-c", "user.name=test", "-c", "user.email=test@example.org", "-c");
    Result result =
        run(
            Stream.of(git, List.of("commit.gpgsign=false"), List.of(arguments))
                .flatMap(List::stream)
                .toList());
    assertEquals(0, result.status(), result.output());
  }

  private Result prepare(String version) throws Exception {
    return run(List.of("sh", SCRIPT, "prepare", version));
  }

  private Result run(List<String> command) throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(command).directory(repository.toFile()).redirectErrorStream(true);
    builder.environment().put("GIT_COMMITTER_DATE", "2026-05-06T23:30:00-05:00");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), output);
    return new Result(process.exitValue(), output.strip());
  }

  private String released(String file) throws IOException {
    return Files.readString(repository.resolve("target/release/src").resolve(file));
  }

  @Test
  void theReleaseHasItsVersionItsChangesAndTheTimeOfItsCommit() throws Exception {
    assertEquals(new Result(0, ""), prepare("1.2.3"));
    String pom = released("pom.xml");
    assertTrue(pom.contains("<artifactId>tidings</artifactId>\n  <version>1.2.3</version>\n"), pom);
    assertTrue(pom.contains("<project.build.outputTimestamp>2026-05-07T04:30:00Z<"), pom);
    for (String file : List.of(LIBRARY, README)) {
      String text = released(file);
      assertTrue(text.contains("<artifactId>tidings</artifactId>\n  <version>1.2.3</"), text);
    }
    String chart = released(CHART);
    assertTrue(chart.contains("\nversion: 1.2.3\nappVersion: 1.2.3\n"), chart);
    assertEquals(
        UNRELEASED.replace("## Unreleased\n", "## Unreleased\n\n## 1.2.3 - 2026-05-07\n"),
        released("CHANGELOG.md"));
    assertEquals(
        Files.readString(Path.of("pom.xml")), Files.readString(repository.resolve("pom.xml")));
  }

  @Test
  void itsPatchMakesTheCommitTheRelease() throws Exception {
    prepare("1.2.3");
    git("apply", "target/release/release.patch");
    for (String file : List.of("pom.xml", "CHANGELOG.md", CHART, LIBRARY, README)) {
      assertEquals(released(file), Files.readString(repository.resolve(file)));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1.2 | VERSION=1.2: must be a version such as 1.2.3 or 1.2.3-rc.1",
        "1.2.3-SNAPSHOT | VERSION=1.2.3-SNAPSHOT: must not be a snapshot",
        "0.1.0 | VERSION=0.1.0: CHANGELOG.md has it already",
        "1.0.0 | VERSION=1.0.0: the tag v1.0.0 is there already",
      })
  void aVersionThatCannotBeReleasedIsRefused(String version, String rule) throws Exception {
    git("tag", "v1.0.0");
    assertEquals(new Result(1, "release: " + rule), prepare(version));
  }

  @Test
  void aReleaseWithoutChangesIsRefused() throws Exception {
    commit("# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2026-01-01\n\n- the first\n");
    assertEquals(
        new Result(1, "release: CHANGELOG.md: nothing is listed under '## Unreleased'"),
        prepare("1.2.3"));
  }

  @Test
  void whatIsNotCommittedIsNotReleased() throws Exception {
    Files.writeString(repository.resolve("pom.xml"), "changed");
    assertEquals(
        new Result(1, "release: the tree has changes: a release is made of a commit"),
        prepare("1.2.3"));
  }
}
