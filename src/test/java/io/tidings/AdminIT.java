package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.logging.LogEntry;

/** The dashboard's tables for administrators, in a real browser. */
class AdminIT extends InBrowser {
  private static final TestSecret SECRET = TestSecret.create();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  AdminIT() {
    super(
        Duration.ofSeconds(30),
        "--port",
        "0",
        "--set",
        "log.kind=memory",
        "--set",
        "auth.mode=required",
        "--set",
        "presence.topics=[orders.**]",
        "--set",
        SECRET.setting());
  }

  private static String token(String subject, String... grants) throws IOException {
    return SECRET.token(
        Stream.concat(Stream.of("--subject", subject), Stream.of(grants)).toArray(String[]::new));
  }

  @AfterEach
  void signOut() {
    browser.manage().deleteAllCookies();
  }

  private HttpRequest.Builder request(String path, String token) {
    return HttpRequest.newBuilder(hub.url().resolve(path))
        .header("Authorization", "Bearer " + token);
  }

  /** The body of an open stream. */
  private BufferedReader subscribe(String path, String token) throws Exception {
    var answer = HTTP.send(request(path, token).build(), BodyHandlers.ofInputStream());
    assertEquals(200, answer.statusCode());
    var body = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    assertEquals("retry: 2000", body.readLine());
    assertEquals("event: hub.open", body.readLine(), hub::toString);
    return body;
  }

  private void signIn(String token) {
    browser.get(hub.url().resolve("?topic=clock").toString());
    await("the form is shown", () -> find("#sign-in").isDisplayed());
    fill("#token", token);
    click("#sign-in button");
  }

  private String row(String subject) {
    return "//tbody[@id='open-streams']/tr[contains(., '" + subject + "')]";
  }

  private void clickEnd(String subject) {
    click(subject, "end");
  }

  private void click(String subject, String button) {
    String path = row(subject) + "//button[contains(@class, '" + button + "')]";
    browser.findElement(By.xpath(path)).click();
  }

  @Test
  void anAdministratorSeesTheStreamsAndEndsOne() throws Exception {
    String admin = token("root", "--subscribe", "**", "--admin");
    try (var alice = subscribe("events/orders.new", token("alice", "--subscribe", "orders.**"));
        var bob = subscribe("events?topic=news&topic=clock", token("bob", "--subscribe", "**"))) {
      signIn(admin);
      awaitText("#open-streams", "alice");
      awaitText("#open-streams", "bob");
      assertTrue(text("#open-streams").contains("clock news"), text("#open-streams"));

      fill("#streams-topic", "orders.*");
      await("bob's does not match", () -> !text("#open-streams").contains("bob"));
      fill("#streams-topic", "a..b");
      awaitText("#streams-problem", "That is no topic.");
      fill("#streams-topic", "none.of.these");
      await(
          "none but the page's own, if any, matches",
          () -> !text("#open-streams").contains("alice"));
      fill("#streams-topic", "o");
      fill("#streams-subject", "alice");
      fill("#streams-topic", "orders.new");
      awaitText("#open-streams", "alice");

      clickEnd("alice");
      awaitText("#open-streams button", "Really end?");
      assertTrue(text("#open-streams").contains("alice"));
      onNarrowPhone(() -> awaitText("#open-streams", "alice"));
      clickEnd("alice");
      await("it is gone", () -> !text("#open-streams").contains("alice"));
      awaitText("#streams-none", "No stream matches.");
      assertEquals(
          List.of(), alice.lines().filter(line -> line.startsWith("data: x")).toList(), "it ends");
      assertEquals(List.of(), Chromium.errors(browser).stream().filter(this::surprises).toList());
    }
  }

  @Test
  void whoIsPresentAtTheTopicIsToldToThoseWhoMaySeeIt() throws Exception {
    String name = "{\"name\":\"Alice B.\"}";
    try (var alice =
        subscribe(
            "events/orders.new", token("alice", "--subscribe", "orders.**", "--payload", name))) {
      signIn(token("root", "--subscribe", "**", "--admin", "--presence"));
      awaitText("#open-streams", "alice");
      fill("#streams-topic", "orders.new");
      awaitText("#streams-presence", "Present at orders.new: 1: Alice B.");
      assertEquals(List.of(), Chromium.errors(browser).stream().filter(this::surprises).toList());
      clickEnd("alice");
      awaitText("#open-streams button", "Really end?");
      clickEnd("alice");
      awaitText("#streams-presence", "Present at orders.new: 0");
      assertFalse(alice.lines().anyMatch(line -> line.startsWith("data: x")));
    }
  }

  /** A filter that is no topic is answered 400, which the browser logs. */
  private boolean surprises(LogEntry entry) {
    return !entry.getMessage().contains("400") && !entry.getMessage().contains("401");
  }

  @Test
  void anAdministratorRevokesTheTokensOfAStreamAndSeesWhatIsRevoked() throws Exception {
    String revoked = token("erin", "--subscribe", "orders.**");
    try (var erin = subscribe("events/orders.new", revoked);
        var other = subscribe("events/orders.new", token("finn", "--subscribe", "orders.**"))) {
      signIn(token("root", "--subscribe", "**", "--admin"));
      awaitText("#open-streams", "erin");
      awaitText("#open-streams", "in 23 h");
      click("erin", "revoke");
      await("it asks", () -> find("#revoke").isDisplayed());
      assertEquals("Revoke tokens of erin", text("#revoke-title"));
      assertTrue(text("#revoke").contains("erin is signed out everywhere"), text("#revoke"));
      assertEquals("", text("#revoke-own"));
      onNarrowPhone(() -> assertTrue(find("#revoke-send").isDisplayed()));
      click("#revoke-cancel");
      await("it is closed", () -> !find("#revoke").isDisplayed());
      assertEquals(List.of(), all("#revocations tr"));

      click("erin", "revoke");
      click("#revoke-send");
      await("it is closed", () -> !find("#revoke").isDisplayed());
      awaitText("#revocations", "issued before");
      assertTrue(text("#revocations").contains("erin"), text("#revocations"));
      await("the stream is gone", () -> !text("#open-streams").contains("erin"));
      assertTrue(text("#open-streams").contains("finn"), text("#open-streams"));
      assertTrue(
          erin.lines().anyMatch("data: {\"reason\":\"revoked\"}"::equals), "its client is told");
    }
    var again = request("events/orders.new", revoked).build();
    assertEquals(401, HTTP.send(again, BodyHandlers.ofString()).statusCode());
  }

  @Test
  void aPublisherWithATokenCanBeRevokedFromItsRow() throws Exception {
    String shop = token("till", "--publish", "orders.**");
    var publish = request("events/orders.new", shop).POST(BodyPublishers.ofString("1")).build();
    assertEquals(200, HTTP.send(publish, BodyHandlers.ofString()).statusCode());
    signIn(token("root", "--subscribe", "**", "--admin"));
    awaitText("#publishers-now", "till");
    By revoke = By.xpath("//tbody[@id='publishers-now']/tr[contains(., 'till')]//button");
    browser.findElement(revoke).click();
    await("it asks", () -> find("#revoke").isDisplayed());
    assertEquals("Revoke tokens of till", text("#revoke-title"));
    click("#revoke-choices label:nth-child(2) input");
    click("#revoke-send");
    awaitText("#revocations", "till");
    assertEquals(401, HTTP.send(publish, BodyHandlers.ofString()).statusCode());
  }

  @Test
  void anAdministratorSeesThePublishers() throws Exception {
    String shop = token("shop", "--publish", "orders.**");
    var publish = request("events/orders.new", shop).POST(BodyPublishers.ofString("1")).build();
    var refused = request("events/news", shop).POST(BodyPublishers.ofString("1")).build();
    assertEquals(200, HTTP.send(publish, BodyHandlers.ofString()).statusCode());
    assertEquals(403, HTTP.send(refused, BodyHandlers.ofString()).statusCode());
    signIn(token("root", "--admin"));
    awaitText("#publishers-now", "shop");
    assertTrue(text("#publishers-now").contains("1 not granted"), text("#publishers-now"));
  }

  @Test
  void othersDoNotSeeTheTables() throws Exception {
    signIn(token("carol", "--subscribe", "**"));
    awaitText("#rights", "carol");
    assertFalse(find("#admin").isDisplayed());
    click("#sign-out");
    await("the form is shown", () -> find("#sign-in").isDisplayed());
    assertFalse(find("#admin").isDisplayed());
  }

  @Test
  void aRowStaysTheSameElementWhileItIsRefreshed() throws Exception {
    try (var dave = subscribe("events/orders.new", token("dave", "--subscribe", "orders.**"))) {
      signIn(token("root", "--subscribe", "**", "--admin"));
      awaitText("#open-streams", "dave");
      browser.executeScript(
          "window.row = document.evaluate(arguments[0], document).iterateNext();"
              + "row.querySelector('button').focus();",
          row("dave"));
      Object before = requests();
      await("it was fetched again", () -> !requests().equals(before));
      assertEquals(
          true,
          browser.executeScript(
              "return row.isConnected && document.activeElement === row.querySelector('button')"));
    }
  }

  private Object requests() {
    return browser.executeScript(
        "return performance.getEntriesByType('resource')"
            + ".filter(one => one.name.includes('streams?')).length");
  }
}
