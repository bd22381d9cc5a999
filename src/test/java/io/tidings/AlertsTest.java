package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The alert rules, compared with the documentation; make alerts has promtool test their conditions.
 */
class AlertsTest {
  private static final Path RULES = Path.of("conf/alerts.yml");
  private static final Pattern ALERT = Pattern.compile("(?m)^      - alert: (\\w+)$");
  private static final Pattern METRIC = Pattern.compile("\\btidings_[a-z_]+");
  private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(tidings_[a-z_]+)` \\|");

  private static String read(String file) throws IOException {
    return Files.readString(Path.of(file));
  }

  private static List<String> alerts() throws IOException {
    return ALERT.matcher(Files.readString(RULES)).results().map(found -> found.group(1)).toList();
  }

  @Test
  void eachAlertHasSummaryDescriptionSeverityAndASectionOfTheRunbook() throws IOException {
    String runbook = read("docs/operations.md");
    String[] rules = Files.readString(RULES).split("(?m)^      - alert: ");
    assertTrue(rules.length > 10, "all rules were found");
    for (int i = 1; i < rules.length; i++) {
      String name = rules[i].lines().findFirst().orElseThrow();
      String anchor = "docs/operations.md#" + name.toLowerCase(Locale.ROOT);
      for (String part :
          List.of("severity: ", "summary: ", "description: ", "runbook: " + anchor)) {
        assertTrue(rules[i].contains(part), part + " of " + name);
      }
      assertTrue(runbook.contains("\n### " + name + "\n\n"), "a section for " + name);
    }
  }

  @Test
  void eachAlertHasACaseInWhichItFiresAndOneInWhichItDoesNot() throws IOException {
    String cases = read("src/test/prometheus/alerts.yml");
    List<String> names = alerts();
    assertEquals(Set.copyOf(names).size(), names.size());
    for (String name : names) {
      String fires = between(cases, "- name: " + name + " fires\n", "  - name: ");
      String quiet = between(cases, "- name: " + name + " does not fire\n", "  - name: ");
      assertTrue(fires.contains("alertname: " + name + "\n"), fires);
      assertTrue(fires.contains("exp_labels"), fires);
      assertTrue(quiet.contains("alertname: " + name + "\n"), quiet);
      assertTrue(quiet.contains("exp_alerts: []"), quiet);
    }
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin);
    assertTrue(from >= 0, begin);
    int to = text.indexOf(end, from + begin.length());
    return text.substring(from, to < 0 ? text.length() : to);
  }

  @ParameterizedTest
  @ValueSource(strings = {"conf/alerts.yml", "conf/grafana.json"})
  void metricsThatAreNamedAreDocumented(String file) throws IOException {
    Set<String> documented =
        DOCUMENTED
            .matcher(read("conf/metrics.md"))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toSet());
    List<String> named =
        METRIC.matcher(read(file)).results().map(MatchResult::group).distinct().toList();
    assertTrue(named.size() > 10, named.toString());
    for (String name : named) {
      assertTrue(documented.contains(name.replaceFirst("_(bucket|count|sum)$", "")), name);
    }
  }
}
