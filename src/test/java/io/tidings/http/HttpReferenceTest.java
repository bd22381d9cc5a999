package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.metrics.Door;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares docs/http.md with what the hub does. */
@Timeout(60)
class HttpReferenceTest {
  private static final Path SOURCES = Path.of("src/main/java/io/tidings/http");
  private static final Pattern REQUEST =
      Pattern.compile("`(GET|POST|DELETE) (/[a-z/{}]*)(\\?[^`]*)?`");
  private static final Pattern STATUS = Pattern.compile("\\bof\\(\\s*(\\d{3}),");

  /** Those of all paths, which the reference does not repeat for each. */
  private static final Set<String> COMMON = Set.of("HEAD", "OPTIONS");

  private static String reference;

  @BeforeAll
  static void read() throws IOException {
    reference = Files.readString(Path.of("docs/http.md"));
  }

  @ParameterizedTest
  @EnumSource(value = Door.class, mode = EnumSource.Mode.EXCLUDE, names = "BUS") // no way over HTTP
  void eachWayIntoTheHubIsInTheReference(Door door) {
    String path =
        switch (door) {
          case PUBLISH -> "POST /events/{topic}`";
          case BATCH -> "POST /events`";
          case STREAM, LINES, POLL, WEBSOCKET -> "GET /events/{topic}`";
          case HEALTH -> "GET /health/live`";
          case PAGES, SCENES -> "files of `webroot`";
          default -> " /" + door.word();
        };
    assertTrue(reference.contains(path), path);
  }

  @Test
  void theMethodsOfEachPathAreThoseThatTheHubHas() throws Exception {
    Map<String, Set<String>> documented = new TreeMap<>();
    for (MatchResult request : REQUEST.matcher(reference).results().toList()) {
      documented
          .computeIfAbsent(path(request.group(2)), path -> new TreeSet<>())
          .add(request.group(1));
    }
    documented.get("/session").add("GET"); // named in one breath with POST and DELETE
    documented.get("/session").add("DELETE");
    Map<String, Set<String>> served = new TreeMap<>();
    try (var hub = RunningHub.start()) {
      for (String path : documented.keySet()) {
        served.put(path, methods(hub, path));
      }
    }
    assertEquals(documented, served);
  }

  /** One path, by whatever name its parameter is documented. */
  private static String path(String template) {
    return template.replaceAll("\\{\\w+}", "x");
  }

  private static Set<String> methods(RunningHub hub, String path) throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send("PUT " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
      RawClient.Answer answer = client.answer();
      assertEquals(405, answer.status(), path);
      var methods = new TreeSet<>(List.of(answer.headers().get("allow").split(", ")));
      methods.removeAll(COMMON);
      return methods;
    }
  }

  @Test
  void theParametersOfPathsThatKnowAllTheirsAreThoseInTheReference() {
    assertEquals(sorted(PublishRoute.PARAMETERS), parameters("## Publish"));
    assertEquals(sorted(StreamsRoute.PARAMETERS), parameters("## Streams that are open"));
    assertEquals(sorted(RevocationsRoute.PARAMETERS), parameters("### Revocations"));
    assertEquals(sorted(ProbeRoute.PARAMETERS), parameters("### Probe"));
  }

  private static Set<String> sorted(Set<String> names) {
    return new TreeSet<>(names);
  }

  /** The names in the rows of a section's tables that are in the query. */
  private static Set<String> parameters(String heading) {
    String section = reference.split("(?m)^" + heading + "$", -1)[1].split("(?m)^#", -1)[0];
    var names = new TreeSet<String>();
    for (String row : section.lines().toList()) {
      String[] cells = row.split(" \\| ");
      if (cells.length > 2 && cells[1].equals("query")) {
        Pattern.compile("`(\\w+)`")
            .matcher(cells[0])
            .results()
            .forEach(name -> names.add(name.group(1)));
      }
    }
    return names;
  }

  @Test
  void eachStatusOfAProblemIsInTheReference() throws IOException {
    Set<String> statuses;
    try (Stream<Path> files = Files.list(SOURCES)) {
      statuses =
          files
              .flatMap(file -> STATUS.matcher(text(file)).results())
              .map(status -> status.group(1))
              .collect(Collectors.toCollection(TreeSet::new));
    }
    assertTrue(statuses.containsAll(Set.of("400", "404", "503")), statuses::toString);
    statuses.removeIf(status -> Pattern.compile("\\| [^|]*" + status).matcher(reference).find());
    assertEquals(Set.of(), statuses);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
