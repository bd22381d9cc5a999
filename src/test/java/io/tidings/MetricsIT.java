package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The documentation of the metrics, compared with those of a hub with a log on disk and of a
 * cluster's node.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsIT {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
  private static final Pattern FIGURE =
      Pattern.compile("\\b(?:tidings|jvm|process|system)_[a-z0-9_]+");
  private static final Pattern LABEL = Pattern.compile("([a-z]+)(?:=~?|!=)\"");
  private static final Pattern TABLE = Pattern.compile("\\| `(tidings_[a-z_]+)` \\| (\\w+) \\|.*");

  private JarProcess hub;
  private Nodes nodes;
  private List<String> lines;

  @BeforeAll
  void start() throws Exception {
    // a small heap, so that a collection happens soon
    List<String> small = List.of("-XX:+UseSerialGC", "-Xmn2m", "-Xmx200m");
    hub = JarProcess.startOn(JAVA, small, "--port", "0", "--set", "producer.clock=10ms");
    nodes = Nodes.start(1, "producer.clock=off");
    Nodes.get(hub.url().resolve("events/clock?for=100ms"));
    Wait.until("a stream ended, and garbage was collected", () -> has("jvm_gc_pause_seconds_sum"));
    lines = new ArrayList<>(figures(hub.url()));
    lines.addAll(figures(nodes.url(0)));
  }

  @AfterAll
  void stop() throws Exception {
    if (hub != null) {
      hub.close();
    }
    if (nodes != null) {
      nodes.close();
    }
  }

  private boolean has(String name) {
    return figures(hub.url()).stream().anyMatch(line -> line.startsWith(name));
  }

  private static List<String> figures(URI hub) {
    try {
      return Nodes.get(hub.resolve("metrics")).body().lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The names of all samples. */
  private Set<String> samples() {
    return lines.stream()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("[{ ]", 2)[0])
        .collect(Collectors.toSet());
  }

  @Test
  void exactlyTheMetricsOfTheHubAreDocumentedWithTheirTypes() throws IOException {
    Map<String, String> there = new TreeMap<>();
    lines.stream()
        .filter(line -> line.startsWith("# TYPE tidings_"))
        .map(line -> line.split(" "))
        .forEach(words -> there.put(words[2], words[3]));
    Map<String, String> written = new TreeMap<>();
    Files.readAllLines(Path.of("conf/metrics.md")).stream()
        .filter(line -> !line.contains("only with `http.tls.cert`")) // TlsIT has that one
        .filter(line -> !line.contains("only with `cluster.tls.cert`")) // RollingRestartIT
        .map(TABLE::matcher)
        .filter(row -> row.matches())
        .forEach(row -> written.put(row.group(1), row.group(2)));
    assertEquals(there, written);
    assertFalse(there.isEmpty());
  }

  @Test
  void everyMetricHasAHelpText() {
    for (String line : lines) {
      if (line.startsWith("# HELP ")) {
        assertTrue(line.split(" ", 4)[3].strip().length() > 3, line);
      }
    }
  }

  @Test
  void alertsAreOfExistingMetrics() throws IOException {
    Set<String> samples = samples();
    List<String> rules = Files.readAllLines(Path.of("conf/alerts.yml"));
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).strip().equals("expr: >-")) {
        String rule = rules.get(i + 1);
        FIGURE
            .matcher(rule)
            .results()
            .map(MatchResult::group)
            .filter(name -> !name.contains("_tls_expiry_")) // TlsIT and RollingRestartIT
            .forEach(name -> assertTrue(samples.contains(name), name + " in " + rule));
      }
    }
  }

  @Test
  void grafanaQueriesOnlyExistingMetrics() throws IOException {
    var dashboard = new JsonObject(Files.readString(Path.of("conf/grafana.json")));
    List<String> asked = new ArrayList<>();
    collect(dashboard, asked);
    assertTrue(asked.size() > 30, "all panels were looked at");
    Set<String> samples = samples();
    Set<String> figures = new HashSet<>();
    for (String query : asked) {
      var named = FIGURE.matcher(query);
      while (named.find()) {
        figures.add(named.group());
        assertTrue(samples.contains(named.group()), named.group() + " in " + query);
        assertLabels(named.group(), query);
      }
    }
    for (String name : List.of("tidings_streams", "tidings_delivery_seconds_bucket")) {
      assertTrue(figures.contains(name), figures.toString());
    }
  }

  /**
   * The labels job, namespace, release and instance are added by Prometheus; others must be the
   * metric's.
   */
  private void assertLabels(String figure, String query) {
    var label = LABEL.matcher(query);
    while (label.find()) {
      String name = label.group(1);
      boolean there =
          lines.stream()
              .anyMatch(line -> line.startsWith(figure + "{") && line.contains(name + "=\""));
      assertTrue(
          Set.of("job", "namespace", "release", "instance").contains(name) || there,
          name + " in " + query);
    }
  }

  /** Collects the queries of panels and variables. */
  private static void collect(Object value, List<String> asked) {
    if (value instanceof JsonArray array) {
      array.forEach(item -> collect(item, asked));
    } else if (value instanceof JsonObject object) {
      for (String field : object.fieldNames()) {
        Object inner = object.getValue(field);
        if (inner instanceof String text && Set.of("expr", "definition", "query").contains(field)) {
          asked.add(text);
        } else {
          collect(inner, asked);
        }
      }
    }
  }
}
