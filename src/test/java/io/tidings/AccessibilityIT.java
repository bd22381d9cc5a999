package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All pages of the shipped jar, by the rules of axe-core (WCAG 2.2 A and AA, best practices). */
class AccessibilityIT extends InBrowser {
  /** What is wrong, with the first elements that it is true of. */
  private static final String VIOLATIONS =
      """
      const done = arguments[0];
      axe.run().then(
        ({ violations }) => done(violations.map(({ id, nodes }) =>
          id + ': ' + nodes.slice(0, 5).map(({ target, failureSummary }) => target + ' ' + failureSummary).join('; '))),
        (error) => done([String(error)]));
      """;

  private final String axe = axe();

  AccessibilityIT() {
    super(Duration.ofSeconds(30), "--port", "0");
  }

  private static String axe() {
    try (InputStream file = AccessibilityIT.class.getResourceAsStream("/axe.min.js")) {
      return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<String> pages() {
    return Stream.concat(
        Stream.of("", "probe.html", "scenes/"),
        ScenesIT.scenes().map(scene -> "scenes/" + scene + ".html"));
  }

  @AfterAll
  void asTheSystemHasIt() {
    browser.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of()));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyPageIsAccessibleInLightAndDark(String page) {
    browser.get(hub.url().resolve(page).toString());
    await("it is complete", () -> !all("h1").isEmpty() && all(".connecting").isEmpty());
    browser.executeScript(axe);
    for (String scheme : List.of("light", "dark")) {
      var feature = Map.of("name", "prefers-color-scheme", "value", scheme);
      browser.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(feature)));
      assertEquals(List.of(), browser.executeAsyncScript(VIOLATIONS), page + " " + scheme);
    }
  }
}
