package io.tidings;

import static java.util.function.Predicate.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The artifact {@code io.tidings:tidings} as an application has it: with its mandatory
 * dependencies, and none of the optional ones.
 */
class LibraryIT {
  /** A line of {@code mvn dependency:list}: coordinates, file, and whether it is optional. */
  private static final Pattern DEPENDENCY =
      Pattern.compile("(?m)^ +[^:\\s]+:([^:\\s]+):\\S+?:(/\\S+\\.jar)( \\(optional\\))?");

  private record Dependency(String artifact, String file, boolean optional) {
    static Dependency of(MatchResult line) {
      return new Dependency(line.group(1), line.group(2), line.group(3) != null);
    }
  }

  private static String library() {
    return Path.of(System.getProperty("tidings.library")).toAbsolutePath().toString();
  }

  private static List<Dependency> dependencies() throws IOException {
    String list = Files.readString(Path.of(System.getProperty("tidings.dependencies")));
    List<Dependency> all = DEPENDENCY.matcher(list).results().map(Dependency::of).toList();
    assertTrue(all.stream().anyMatch(Dependency::optional), list);
    return all;
  }

  private static JarProcess start(Predicate<Dependency> added, String... arguments)
      throws IOException {
    Stream<String> jars =
        dependencies().stream().filter(not(Dependency::optional).or(added)).map(Dependency::file);
    String path =
        String.join(File.pathSeparator, Stream.concat(Stream.of(library()), jars).toList());
    List<String> java =
        List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", path);
    return JarProcess.startCommand(
        Stream.of(java, List.of("io.tidings.Main"), List.of(arguments))
            .flatMap(List::stream)
            .toList(),
        Map.of());
  }

  private static String get(URI url) throws Exception {
    var request = HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(20)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }

  private static void assertServes(URI hub) throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    URI topic = hub.resolve("events/news");
    var publish = HttpRequest.newBuilder(topic).POST(BodyPublishers.ofString("it rains")).build();
    assertEquals(200, http.send(publish, BodyHandlers.discarding()).statusCode());
    String received = get(URI.create(topic + "?last_event_id=earliest&for=1s"));
    assertTrue(received.contains("data: it rains\n"), received);
  }

  @Test
  void aHubStartsWithTheMandatoryDependenciesOnly() throws Exception {
    try (var hub = start(none -> false, "--port", "0", "--set", "producer.clock=10ms")) {
      assertServes(hub.url());
      hub.awaitLine(Pattern.compile(".* is at .*\\(nio, .*"));
      String clock = get(hub.url().resolve("events/clock?last_event_id=earliest&for=1s"));
      assertTrue(clock.contains("Current time is"), clock);
      hub.terminate();
      hub.awaitLine(Pattern.compile("Tidings \\S+ has stopped"));
      assertEquals(
          List.of(), hub.errors().stream().filter(line -> !line.startsWith("SLF4J")).toList());
    }
  }

  @Test
  void aNativeTransportIsUsedWhereItsDependencyIsAdded() throws Exception {
    Predicate<Dependency> epoll =
        one ->
            one.artifact().contains("epoll")
                || one.artifact().equals("netty-transport-native-unix-common");
    try (var hub =
        start(
            epoll,
            "--port",
            "0",
            "--set",
            "http.transport=epoll",
            "--set",
            "producer.keyboard=off")) {
      assertServes(hub.url());
      hub.awaitLine(Pattern.compile(".* is at .*\\(epoll, .*"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--cluster", "cluster recover --cluster"})
  void aSettingThatNeedsAnOptionalDependencySaysWhichToAdd(String command) throws Exception {
    String[] arguments = (command + " --set cluster.members=127.0.0.1").split(" ");
    try (var hub = start(none -> false, arguments)) {
      assertEquals(2, hub.exitCode());
      List<String> errors = hub.errors(); // those before the last are SLF4J's, without a provider
      String line = errors.get(errors.size() - 1);
      assertTrue(line.startsWith("tidings: cluster.kind=raft: needs a library that "), line);
    }
  }

  @Test
  void aFileOfSettingsSaysWhichDependencyItNeeds(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("c.yaml"), "http: {port: 0}\n");
    try (var hub = start(none -> false, "--config", file.toString())) {
      assertEquals(2, hub.exitCode());
      List<String> errors = hub.errors();
      String line = errors.get(errors.size() - 1);
      assertTrue(line.endsWith("add the dependency io.vertx:vertx-config-yaml"), line);
    }
  }

  @Test
  void theLibraryContainsNothingOfOthers() throws Exception {
    try (var jar = new ZipFile(library())) {
      List<String> others =
          jar.stream()
              .map(ZipEntry::getName)
              .filter(name -> name.endsWith(".class") && !name.startsWith("io/tidings/"))
              .toList();
      assertEquals(List.of(), others);
    }
  }
}
