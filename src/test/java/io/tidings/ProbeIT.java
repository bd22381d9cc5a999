package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.support.ui.Select;

/** The page of the probe in a real browser, directly at the jar and behind Debian's nginx. */
class ProbeIT extends InBrowser {

  ProbeIT() {
    super(
        Duration.ofSeconds(40),
        "--port",
        "0",
        "--set",
        "auth.mode=open",
        "--set",
        "log.kind=memory",
        "--set",
        "http.hosts=tidings");
  }

  @Test
  void directlyAtTheHubNoProxyIsFoundAndSixTabsFit() {
    look(hub.url());
    assertNotHeldBack();
    assertEquals("No.", found("compression"));
    assertEquals("HTTP/1.1 from this browser, and at the hub.", found("version"));
    assertEquals("Nothing detectable.", found("between"));
    assertEquals("6.", found("tabs"));
    assertTrue(text("#headers").contains("Host\n127.0.0.1:" + hub.port()), text("#headers"));
    assertNoComplaints();
  }

  @Test
  void behindNginxAndAPrefixEventsArriveAtOnceAndManyTabsFit(@TempDir Path directory)
      throws Exception {
    try (var nginx = Nginx.start(directory, List.of(hub.port()))) {
      look(nginx.url().resolve("push/"));
      assertNotHeldBack();
      assertEquals("No.", found("compression"));
      assertEquals("HTTP/2 from this browser; HTTP/1.1 at the hub.", found("version"));
      assertEquals("At least one proxy.", found("between"));
      assertTrue(text("#between").contains("X-Forwarded-For"), text("#between"));
      assertTrue(text("#between").contains("a path prefix: /push/"), text("#between"));
      assertEquals("At least 7.", found("tabs"));
      assertNoComplaints();
    }
  }

  @Test
  void aProxyThatBuffersIsDetected(@TempDir Path directory) throws Exception {
    try (var nginx = Nginx.start(directory, List.of(hub.port()), Nginx::ignoringAccelBuffering)) {
      look(nginx.url());
      assertTrue(
          found("buffering").startsWith("Yes: something holds events back"), text("#buffering"));
      assertTrue(text("#buffering").contains("40 stamps arrived in one burst"), text("#buffering"));
      assertEquals("Unknown while the stream is held back.", found("tabs"));
    }
  }

  @Test
  void aProxyThatCompressesIsDetected(@TempDir Path directory) throws Exception {
    UnaryOperator<String> compressing =
        conf -> conf.replace("gzip_types ", "gzip_types text/event-stream ");
    try (var nginx = Nginx.start(directory, List.of(hub.port()), compressing)) {
      look(nginx.url());
      assertNotHeldBack();
      assertEquals("Yes, with gzip, but events arrive at once.", found("compression"));
    }
  }

  @Test
  void aProxyThatHidesTheHostIsDetected(@TempDir Path directory) throws Exception {
    UnaryOperator<String> hiding =
        conf ->
            conf.replace("proxy_set_header Host $http_host;", "")
                .replace("proxy_set_header X-Forwarded-Host $http_host;", "");
    try (var nginx = Nginx.start(directory, List.of(hub.port()), hiding)) {
      look(nginx.url());
      assertEquals(
          "A proxy, and to the hub this page has another origin: the request was for https://tidings.",
          found("between"));
    }
  }

  @Test
  void aProxyThatClosesSilentStreamsIsDetectedAndOneThatDoesNot(@TempDir Path directory)
      throws Exception {
    UnaryOperator<String> impatient =
        conf -> conf.replace("proxy_read_timeout 60s;", "proxy_read_timeout 2s;");
    try (var nginx = Nginx.start(directory, List.of(hub.port()), impatient)) {
      open(nginx.url());
      assertEquals("It was cut after 2 seconds without a byte.", trySilence("5"));
      assertTrue(
          text("#silence").contains("stream.heartbeat is 15 seconds: set it to less"),
          text("#silence"));
    }
    open(hub.url());
    assertEquals("It survived 5 seconds without a byte.", trySilence("5"));
  }

  @Test
  void theMeasurementOfSilenceCanBeStopped() {
    open(hub.url());
    new Select(browser.findElement(By.id("quiet"))).selectByValue("600");
    browser.findElement(By.id("try")).click();
    await("it waits", () -> text("#silence").startsWith("idle for"));
    browser.findElement(By.id("try")).click();
    await("it is stopped", () -> found("silence").equals("Stopped."));
    assertEquals("Try", text("#try"));
  }

  @Test
  void anUnreachableHubIsReported() throws Exception {
    try (var other = JarProcess.start("--port", "0", "--set", "log.kind=memory")) {
      look(other.url());
      other.kill();
      browser.findElement(By.id("again")).click();
      await("it is reported", () -> text("#state").startsWith("The hub can’t be reached"));
      assertEquals("unknown", found("buffering"));
    }
  }

  @Test
  void everythingFitsOnTheNarrowestPhone() {
    onNarrowPhone(
        () -> {
          look(hub.url());
        });
  }

  private String trySilence(String seconds) {
    new Select(browser.findElement(By.id("quiet"))).selectByValue(seconds);
    browser.findElement(By.id("try")).click();
    await("it is tried", () -> text("#try").equals("Try") && !found("silence").isEmpty());
    return found("silence");
  }

  /** On a busy machine stamps may be late, but not all of them. */
  private void assertNotHeldBack() {
    assertTrue(found("buffering").startsWith("No"), text("#buffering"));
  }

  private void assertNoComplaints() {
    List<LogEntry> complaints =
        browser.manage().logs().get(LogType.BROWSER).getAll().stream()
            .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
            .toList();
    assertEquals(List.of(), complaints);
  }

  private void open(URI root) {
    browser.get(root.resolve("probe.html").toString());
  }

  /** Opens the page, and waits for all results. */
  private void look(URI root) {
    browser.get("about:blank");
    browser.manage().logs().get(LogType.BROWSER);
    open(root);
    await("all is found out", () -> text("#state").equals("Done"));
  }

  private String found(String verdict) {
    return text("#" + verdict + " .text");
  }
}
