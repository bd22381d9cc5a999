package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scenes that were saved elsewhere: on another server, and as files. */
class SceneCopiesIT extends InBrowser {
  private static final Path SCENES = Path.of("webroot/scenes");

  /** Whose pages may use the hub; as http://localhost they may not. */
  private static final HttpServer SITE = site();

  private Path folder;

  SceneCopiesIT() {
    super(
        Duration.ofSeconds(30),
        "--port",
        "0",
        "--set",
        "cors.subscribe=[" + origin("127.0.0.1") + ", null]",
        "--set",
        "cors.publish=" + origin("127.0.0.1"));
  }

  private static HttpServer site() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String origin(String host) {
    return "http://" + host + ":" + SITE.getAddress().getPort();
  }

  @BeforeAll
  void serveCopies(@TempDir Path empty) throws IOException {
    folder = empty;
    try (Stream<Path> files = Files.list(SCENES)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Files.copy(SCENES.resolve("clock.html"), Files.createDirectory(alone()).resolve("clock.html"));
    SITE.createContext(
        "/",
        request -> {
          try (request) {
            Path file = folder.resolve(request.getRequestURI().getPath().substring(1));
            boolean found = Files.isRegularFile(file);
            byte[] body = found ? Files.readAllBytes(file) : new byte[0];
            request.sendResponseHeaders(found ? 200 : 404, body.length == 0 ? -1 : body.length);
            request.getResponseBody().write(body);
          }
        });
    SITE.start();
  }

  @AfterAll
  void stopServing() {
    SITE.stop(0);
  }

  /** A folder that has one scene, without what the scenes have in common. */
  private Path alone() {
    return folder.resolve("alone");
  }

  private void openCopy(String host, String path) {
    browser.get(origin(host) + "/" + path);
  }

  private String withHub(String page) {
    return page + "?hub=" + hub.url();
  }

  @Test
  void oneFileAloneFindsItsHubByTheAddress() {
    openCopy("127.0.0.1", withHub("alone/clock.html"));
    awaitText("#times li", "Current time is ");
    click("#update");
    awaitText("#times li", "Updated at ");
  }

  @Test
  void withoutAnAddressACopySaysThatThereIsNoHub() {
    openCopy("127.0.0.1", "alone/clock.html");
    awaitText("#state", "there is no hub at " + origin("127.0.0.1") + "/; ?hub=http://");
  }

  @Test
  void aCopySaysThatCorsStopsItAndWhichSettingsHelp() {
    openCopy("localhost", withHub("alone/clock.html"));
    String origin = origin("localhost");
    awaitText(
        "#state",
        "the hub lets no page of the origin %s do this (CORS); start it with --set cors.subscribe=%s --set cors.publish=%s"
            .formatted(origin, origin, origin));
  }

  @Test
  void aFileReceivesAndSaysWhichSettingItsPublishingNeeds() {
    browser.get(withHub(alone().resolve("clock.html").toUri().toString()));
    awaitText("#times li", "Current time is ");
    click("#update");
    awaitText("#state", "not published: the hub lets no page of the origin null do this (CORS);");
    awaitText("#state", "start it with --set cors.publish=null");
  }

  @Test
  void theNavigationOfACopiedFolderKeepsTheHub() {
    openCopy("127.0.0.1", withHub("clock.html"));
    awaitText("#times li", "Current time is ");
    assertEquals("Clock", text("nav [aria-current]"));
    click("nav a[href*=ticker]");
    awaitText("#cpu", " %");
    assertEquals("curl -N " + hub.url() + "events/scenes.load", text(".curl code"));
    assertEquals("Ticker", text("nav [aria-current]"));
  }

  @Test
  void whatIsCopiedFromAPageWorksWhereverItIsPasted() throws IOException {
    browser.executeCdpCommand(
        "Browser.grantPermissions",
        Map.of("permissions", List.of("clipboardReadWrite", "clipboardSanitizedWrite")));
    browser.get(hub.url().resolve("scenes/clock.html").toString());
    click(".curl .copy");
    awaitText(".curl [role=status]", "Copied.");
    assertEquals("curl -N " + hub.url() + "events/clock", clipboard());
    if (!find("details .copy").isDisplayed()) {
      click("summary");
    }
    awaitText("details pre", "new EventSource(");
    click("details .copy");
    awaitText("details [role=status]", "Copied.");
    Files.writeString(folder.resolve("pasted.html"), clipboard());
    browser.executeCdpCommand("Browser.resetPermissions", Map.of());
    openCopy("127.0.0.1", "pasted.html");
    awaitText("#times li", "Current time is ");
    assertEquals(List.of(), Chromium.errors(browser));
  }

  private String clipboard() {
    String read = "navigator.clipboard.readText().then(arguments[0], arguments[0])";
    return String.valueOf(browser.executeAsyncScript(read));
  }

  @Test
  void aPageOfAHubSaysThatItUsesThisHubOnly() {
    browser.get(hub.url().resolve("scenes/clock.html?hub=" + origin("127.0.0.1")).toString());
    awaitText(".notice", "This hub\u2019s own pages may use this hub only.");
  }

  @Test
  void theSceneOfRightsSaysThatItNeedsTheHubsOwnOrigin() {
    openCopy("127.0.0.1", withHub("rights.html"));
    awaitText("#state", "This scene keeps the token in a cookie of the hub");
  }
}
