package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.WindowType;

/**
 * Tickets in a real browser, at a hub that requires tokens: over HTTP on this machine, and over
 * HTTPS behind nginx, also from pages of another site.
 */
class TicketIT extends InBrowser {
  private static final int PORT = freePort();
  private static final Path SECRET = newSecret();

  /** Streams that end after a second, so that the browser reconnects. */
  private static final String STREAM = "events/news?for=1s";

  /** A page without a policy of its own. */
  private static final String PAGE = "health/live";

  private Nginx nginx;
  private Path directory;

  TicketIT() {
    super(
        Duration.ofSeconds(30),
        "--port",
        Integer.toString(PORT),
        "--set",
        "log.kind=memory",
        "--set",
        "stream.retry=200ms",
        "--set",
        "auth.mode=required",
        "--set",
        "auth.secret=" + SECRET,
        "--set",
        "cors.subscribe=[http://127.0.0.1:" + PORT + "]");
  }

  private static int freePort() {
    try {
      return Nodes.freePort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path newSecret() {
    try {
      Path file = Files.createTempFile("tidings", ".secret"); // only its owner can read it
      file.toFile().deleteOnExit();
      return Files.writeString(file, "a secret of the tests, with more than 32 characters");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeAll
  void startNginx(@TempDir Path empty) throws Exception {
    directory = empty;
    nginx = Nginx.start(empty, List.of(hub.port())); // which waits until the hub listens
  }

  @AfterAll
  void stopNginx() throws Exception {
    if (nginx != null) {
      nginx.close();
    }
  }

  @AfterEach
  void forget() {
    browser.manage().deleteAllCookies();
  }

  private static String token() throws IOException {
    var arguments = new String[] {"token", "--set", "auth.secret=" + SECRET, "--subscribe", "news"};
    try (var command = JarProcess.start(arguments)) {
      assertEquals(0, command.exitCode(), command::toString);
      return command.output().get(0);
    }
  }

  /** Opens a page, a ticket and a stream, which counts how often it is opened. */
  private String subscribe(URI page, URI hubUrl) throws Exception {
    browser.get(page.resolve(PAGE).toString());
    Object url =
        browser.executeAsyncScript(
            """
            const [hub, token, done] = arguments;
            const headers = { Authorization: `Bearer ${token}` };
            fetch(`${hub}tickets`, { method: "POST", headers, credentials: "include" })
              .then((answer) => answer.json())
              .then(({ ticket, reconnect }) => {
                if (!reconnect) throw new Error("the hub expects no cookie");
                window.source = new EventSource(`${hub}%s&ticket=${ticket}`, { withCredentials: true });
                window.opened = 0;
                source.onopen = () => window.opened++;
                done(source.url);
              })
              .catch((error) => done(error.stack));
            """
                .formatted(STREAM),
            hubUrl.toString(),
            token());
    return url.toString();
  }

  private long opened() {
    return (Long) browser.executeScript("return window.opened");
  }

  private int statusForAnotherClient(String url) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(url)).header("Accept", "text/event-stream");
    return nginx
        .client(Version.HTTP_1_1)
        .send(request.build(), BodyHandlers.discarding())
        .statusCode();
  }

  private URI local() {
    return URI.create("http://127.0.0.1:" + PORT + "/");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https", "https from another site"})
  void theBrowserReconnectsWithTheSameTicketAndNobodyElseMayUseIt(String how) throws Exception {
    URI page = how.equals("https") ? nginx.url() : local();
    URI at = how.startsWith("https") ? nginx.url() : local();
    String url = subscribe(page, at);
    await("it was opened, and opened again: " + url, () -> opened() >= 3);
    if (!how.endsWith("site")) {
      assertEquals(401, statusForAnotherClient(url));
    }
    assertEquals("", browser.executeScript("return document.cookie"), "scripts can't read it");
    long before = opened();
    await("it goes on", () -> opened() > before);
  }

  @Test
  void twoTabsShareTheCookie() throws Exception {
    subscribe(nginx.url(), nginx.url());
    await("the first is open", () -> opened() >= 1);
    String first = browser.getWindowHandle();
    browser.switchTo().newWindow(WindowType.TAB);
    subscribe(nginx.url(), nginx.url());
    await("the second is opened again", () -> opened() >= 3);
    browser.switchTo().window(first);
    long before = opened();
    await("the first is opened again", () -> opened() > before + 1);
    for (String tab : browser.getWindowHandles()) {
      if (!tab.equals(first)) {
        browser.switchTo().window(tab).close();
      }
    }
    browser.switchTo().window(first);
  }

  @Test
  void aTicketSourceSurvivesTheLossOfItsCookie() throws Exception {
    browser.get(local().resolve(PAGE).toString());
    browser.executeScript(
        """
        window.opened = 0;
        import("/ticket-source.js").then(({ TicketSource }) => {
          window.source = new TicketSource("/%s", { token: arguments[0] });
          source.onopen = () => window.opened++;
        });
        """
            .formatted(STREAM),
        token());
    await("it was opened again", () -> opened() >= 2);
    browser.manage().deleteAllCookies();
    long before = opened();
    await("it is opened by another ticket", () -> opened() > before + 2);
  }

  @Test
  void noTicketIsInNginxsAccessLog() throws Exception {
    String url = subscribe(nginx.url(), nginx.url());
    await("it was opened again", () -> opened() >= 2);
    Wait.until("nginx has logged the stream", () -> accessLog().contains(" /events/news "));
    String ticket = url.substring(url.indexOf("ticket=") + "ticket=".length());
    assertTrue(ticket.length() > 100, url);
    assertFalse(accessLog().contains(ticket.substring(0, 50)), "the ticket is logged");
    assertFalse(accessLog().contains("ticket="), "the query is logged");
    assertFalse(hub.toString().contains(ticket.substring(0, 50)), "the hub logs it");
  }

  private String accessLog() {
    try {
      return Files.readString(directory.resolve("access.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
