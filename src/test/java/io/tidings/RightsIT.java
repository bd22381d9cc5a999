package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.NoAlertPresentException;
import org.openqa.selenium.chrome.ChromeDriver;

/** The scene of rights that end, in two real browsers that have nothing in common. */
class RightsIT extends InBrowser {
  private static final TestSecret SECRET = TestSecret.create();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String SCENE = "scenes/rights.html?topic=news";

  /** Records in each page what its streams deliver, before the page's own scripts see it. */
  private static final String RECORDER =
      """
      window.received = [];
      window.streams = 0;
      window.EventSource = class extends EventSource {
        constructor(...all) {
          super(...all);
          streams++;
          this.addEventListener("message", (event) => received.push(event.data));
          for (const type of ["hub.open", "hub.auth", "hub.end", "hub.gap", "hub.busy"])
            this.addEventListener(type, () => received.push(type));
        }
      };
      """;

  private static final List<String> OPTIONS =
      List.of(
          "--set",
          "auth.mode=required",
          "--set",
          SECRET.setting(),
          "--set",
          "stream.retry=200ms",
          "--set",
          "producer.clock=off");

  private ChromeDriver other;
  private String publisher;

  RightsIT() {
    super(
        Duration.ofSeconds(60),
        Stream.concat(OPTIONS.stream(), Stream.of("--port", "0", "--set", "log.kind=memory"))
            .toArray(String[]::new));
  }

  @BeforeAll
  void startOther(@TempDir Path profile) throws IOException {
    other = Chromium.start(profile);
    for (ChromeDriver each : List.of(browser, other)) {
      each.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", RECORDER));
    }
    publisher = SECRET.token("--subject", "writer", "--publish", "news", "--admin");
  }

  @AfterAll
  void stopOther() {
    if (other != null) {
      other.quit();
    }
  }

  @AfterEach
  void signOut() {
    for (ChromeDriver each : List.of(browser, other)) {
      each.manage().deleteAllCookies();
      each.get("about:blank");
    }
  }

  private static String reader(String subject, String life, String... more) throws IOException {
    return SECRET.token(
        Stream.concat(
                Stream.of("--subject", subject, "--subscribe", "news", "--for", life),
                Stream.of(more))
            .toArray(String[]::new));
  }

  /** Publishes the numbers from 0 on, one after the other, while it is open. */
  private final class Numbers implements AutoCloseable {
    private final URI hub;
    private final Thread thread = new Thread(this::publish, "publisher");
    private volatile int published;
    private volatile Throwable failure;

    Numbers(URI hub) {
      this.hub = hub;
      thread.start();
    }

    private void publish() {
      Pacing pacing = Pacing.of(Duration.ofMillis(50), Duration.ZERO);
      try {
        while (!Thread.currentThread().isInterrupted()) {
          RightsIT.this.publish(hub, "" + published);
          published++;
          pacing.next();
        }
      } catch (InterruptedException e) {
        // it is closed
      } catch (IOException | AssertionError e) {
        failure = e;
      }
    }

    /** How many the hub has acknowledged. */
    int published() {
      if (failure != null) {
        throw new AssertionError("can't publish", failure);
      }
      return published;
    }

    @Override
    public void close() throws InterruptedException {
      thread.interrupt();
      thread.join();
      published();
    }
  }

  private HttpRequest.Builder request(URI hub, String path) {
    return HttpRequest.newBuilder(hub.resolve(path)).header("Authorization", "Bearer " + publisher);
  }

  private void publish(URI hub, String data) throws IOException, InterruptedException {
    var request = request(hub, "events/news").POST(BodyPublishers.ofString(data));
    var answer = HTTP.send(request.build(), BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
  }

  /** How many requests for a stream the hub has refused. */
  private double refused() throws Exception {
    var request = request(hub.url(), "metrics").build();
    String line = "tidings_requests_total{door=\"stream\",outcome=\"refused\"} ";
    return HTTP.send(request, BodyHandlers.ofString())
        .body()
        .lines()
        .filter(each -> each.startsWith(line))
        .mapToDouble(each -> Double.parseDouble(each.substring(line.length())))
        .findFirst()
        .orElseThrow();
  }

  private static String text(ChromeDriver in, String css) {
    return in.findElement(By.cssSelector(css)).getText();
  }

  private void awaitState(ChromeDriver in, String part) {
    Wait.until(
        Duration.ofSeconds(60),
        () -> part + ", but it says " + text(in, "body"),
        () -> text(in, "#state").contains(part));
  }

  private static void show(ChromeDriver in, String token) {
    in.findElement(By.id("token")).sendKeys(token);
    in.findElement(By.id("send")).click();
  }

  private void signIn(ChromeDriver in, URI hub, String token) {
    in.get(hub.resolve(SCENE).toString());
    awaitState(in, "Show a token to read news.");
    show(in, token);
    Wait.until("the stream is open", () -> received(in).contains("hub.open"));
  }

  private static List<String> received(ChromeDriver in) {
    var received = new ArrayList<String>();
    for (Object each : (List<?>) in.executeScript("return received")) {
      received.add(each.toString());
    }
    return received;
  }

  private static List<String> numbers(List<String> received) {
    return received.stream().filter(each -> !each.startsWith("hub.")).toList();
  }

  private static List<String> hubs(List<String> received) {
    return received.stream().filter(each -> each.startsWith("hub.")).toList();
  }

  private static boolean has(ChromeDriver in, int number) {
    return received(in).contains("" + number);
  }

  /** Asserts that nothing is missing between the first and the last, and nothing is there twice. */
  private static void assertUnbroken(List<String> received) {
    List<String> numbers = numbers(received);
    assertFalse(numbers.isEmpty(), "nothing was received");
    int first = Integer.parseInt(numbers.get(0));
    assertEquals(
        IntStream.range(first, first + numbers.size()).mapToObj(Integer::toString).toList(),
        numbers);
  }

  /** Awaits that a browser receives what is published from now on, ten events at least. */
  private void awaitMore(ChromeDriver in, Numbers numbers) {
    int next = numbers.published() + 10;
    Wait.until(
        "number " + next + " is received", () -> numbers.published() > next && has(in, next));
  }

  @Test
  void oneIsRenewedAndMissesNothingAndTheOtherIsRevokedAndGetsNothingMore() throws Exception {
    String fresh = reader("bob", "1h", "--admin");
    String carols = reader("carol", "1h");
    String shortLived = reader("bob", "60s", "--admin");
    Instant end = Instant.now().plusSeconds(60); // or somewhat earlier
    try (var numbers = new Numbers(hub.url())) {
      signIn(browser, hub.url(), shortLived);
      signIn(other, hub.url(), carols);
      awaitText("#who", "bob, as tidings says");
      assertEquals("carol, as tidings says", text(other, "#who"));
      awaitMore(browser, numbers);
      awaitMore(other, numbers);

      awaitState(browser, "Your right to read ends soon.");
      show(browser, fresh);
      awaitState(browser, "open, renewed");
      awaitMore(browser, numbers);
      Wait.until("the first token has ended", () -> Instant.now().isAfter(end));
      awaitMore(browser, numbers);

      double before = refused();
      revoke("carol");
      awaitState(other, "An administrator has revoked your right to read.");
      await("the browser's own reconnect was refused", () -> find(other, "#send", "Sign in"));
      List<String> last = received(other);
      assertEquals(List.of("hub.open", "hub.end"), hubs(last));
      assertUnbroken(last);
      double refused = refused();
      assertEquals(2, refused - before, "the browser's request, and the page's question why");

      awaitMore(browser, numbers);
      awaitMore(browser, numbers);
      assertEquals(last, received(other), "nothing came after the end");
      assertEquals(refused, refused(), "nothing was asked for again");
      show(other, carols);
      await("the token is refused", () -> text(other, "#problem").contains("revoked"));
      assertEquals(last, received(other));
    }
    List<String> bobs = received(browser);
    assertUnbroken(bobs);
    assertEquals(List.of("hub.open", "hub.auth", "hub.auth"), hubs(bobs), "one stream all along");
    assertEquals(1L, browser.executeScript("return streams"));
  }

  /** As an administrator in the first browser. */
  private void revoke(String subject) {
    By button = By.xpath("//ul[@id='readers']/li[contains(., '" + subject + "')]/button");
    await(subject + " is listed", () -> !browser.findElements(button).isEmpty());
    // in the list as it is then: it may change; and not within the script, which the question stops
    browser.executeScript(
        """
        for (const item of document.querySelectorAll("#readers li"))
          if (item.textContent.includes(arguments[0])) setTimeout(() => item.querySelector("button").click());
        """,
        subject);
    await("it asks", () -> asked("Revoke this token of " + subject + "?"));
  }

  private boolean asked(String question) {
    try {
      var alert = browser.switchTo().alert();
      assertTrue(alert.getText().startsWith(question), alert.getText());
      alert.accept();
      return true;
    } catch (NoAlertPresentException e) {
      return false;
    }
  }

  private static boolean find(ChromeDriver in, String css, String text) {
    return text(in, css).equals(text);
  }

  @Test
  void aPageWhoseTokenHasEndedAsksForAnotherAndThenMissesNothing() throws Exception {
    String fresh = reader("dora", "1h");
    try (var numbers = new Numbers(hub.url())) {
      signIn(browser, hub.url(), reader("dora", "25s"));
      awaitMore(browser, numbers);
      awaitState(browser, "Your right to read has ended.");
      double refused = refused();
      List<String> before = received(browser);
      assertEquals("hub.end", before.get(before.size() - 1));
      int next = numbers.published() + 20;
      Wait.until("more is published", () -> numbers.published() > next);
      assertEquals(before, received(browser));
      assertEquals(refused, refused(), "nothing was asked for");
      show(browser, fresh);
      awaitState(browser, "open");
      awaitMore(browser, numbers);
    }
    List<String> all = received(browser);
    assertUnbroken(all);
    assertEquals(List.of("hub.open", "hub.auth", "hub.end", "hub.open"), hubs(all));
  }

  @Test
  void aPageGoesOnAfterTheHubWasKilledAndStartedAgain(@TempDir Path log) throws Exception {
    var options = new ArrayList<>(OPTIONS);
    options.addAll(List.of("--set", "log.dir=" + log, "--port"));
    String token = reader("erin", "1h");
    try (var first = JarProcess.start(with(options, "0"))) {
      URI url = first.url();
      signIn(browser, url, token);
      publish(url, "0");
      Wait.until("it is received", () -> has(browser, 0));
      first.kill();
      awaitState(browser, "disconnected; reconnecting");
      try (var second = JarProcess.start(with(options, "" + url.getPort()))) {
        second.url();
        publish(url, "1");
        awaitState(browser, "open");
        publish(url, "2");
        Wait.until("it is received", () -> has(browser, 2));
      }
    }
    assertEquals(List.of("0", "1", "2"), numbers(received(browser)));
  }

  private static String[] with(List<String> options, String port) {
    return Stream.concat(options.stream(), Stream.of(port)).toArray(String[]::new);
  }

  @Test
  void aBusyHubIsToldAndTheStreamOpensWhenThereIsRoom() throws Exception {
    var options = new ArrayList<>(OPTIONS);
    options.addAll(List.of("--set", "log.kind=memory", "--set", "limits.client.streams=1"));
    options.add("--port");
    String token = reader("finn", "1h");
    try (var small = JarProcess.start(with(options, "0"))) {
      URI url = small.url();
      signIn(other, url, token);
      browser.get(url.resolve(SCENE).toString());
      awaitState(browser, "Show a token to read news.");
      show(browser, token);
      awaitState(browser, "The hub is busy: ");
      other.get("about:blank");
      awaitState(browser, "open");
    }
  }

  @Test
  void aTokenForAnotherTopicIsExplained() throws Exception {
    browser.get(hub.url().resolve(SCENE).toString());
    awaitState(browser, "Show a token to read news.");
    show(browser, SECRET.token("--subject", "gwen", "--subscribe", "weather"));
    awaitState(browser, "Your token does not let you read news.");
  }

  @Test
  void aHubThatIsOpenSaysHowToCloseIt() throws Exception {
    try (var open = JarProcess.start("--port", "0", "--set", "log.kind=memory")) {
      browser.get(open.url().resolve("scenes/rights.html").toString());
      awaitText("#open", "This hub is open");
      awaitText("#open", "--set auth.mode=required");
      awaitText("#events", "Current time is ");
      assertFalse(find("#sign-in").isDisplayed());
    }
  }
}
