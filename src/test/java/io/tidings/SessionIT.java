package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages in a real browser, at a hub that requires tokens. */
class SessionIT extends InBrowser {
  private static final TestSecret SECRET = TestSecret.create();

  SessionIT() {
    super(
        Duration.ofSeconds(30),
        "--port",
        "0",
        "--set",
        "log.kind=memory",
        "--set",
        "auth.mode=required",
        "--set",
        SECRET.setting());
  }

  @AfterEach
  void signOut() {
    browser.manage().deleteAllCookies();
  }

  private void open(String path) {
    browser.get(hub.url().resolve(path).toString());
  }

  private void signIn(String token) {
    await("the form is shown", () -> find("#sign-in").isDisplayed());
    fill("#token", token);
    click("#sign-in button");
  }

  @Test
  void theDashboardAsksForATokenAndShowsWhatItGrants() throws Exception {
    open("?topic=**");
    awaitText("#state", "closed: ");
    assertFalse(find("#session").isDisplayed());
    signIn("x.y.z");
    await("the token is refused", () -> !text("#sign-in-error").isEmpty());
    signIn(
        SECRET.token("--subject", "alice", "--subscribe", "orders.**", "--publish", "orders.**"));
    awaitText("#rights", "alice");
    await("the form is gone", () -> !find("#sign-in").isDisplayed());
    assertTrue(text("#rights").contains("orders.**"), text("#rights"));
    awaitText("#state", "open");
    fill("#publish-topic", "orders.new");
    fill("#publish-data", "by alice");
    click("#send");
    awaitText("#events", "by alice");
    fill("#publish-topic", "news");
    click("#send");
    awaitText("#publish-topic-error", "must be one that is granted (publish): news");
    onNarrowPhone(() -> awaitText("#rights", "alice"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--subscribe **", "--subscribe news"})
  void theTabShowsThatTheTokenHasEnded(String grants) throws Exception {
    open("");
    List<String> options = List.of("--admin", "--for", "8s");
    signIn(
        SECRET.token(
            Stream.concat(options.stream(), Stream.of(grants.split(" "))).toArray(String[]::new)));
    awaitText("#health", "All is well");
    assertEquals("Tidings", browser.getTitle());
    await("the title says so", () -> browser.getTitle().equals("(!) no statistics \u2013 Tidings"));
    awaitText("#health", "What is shown below is out of date.");
    await("the form is shown again", () -> find("#sign-in").isDisplayed());
    signIn(SECRET.token("--subscribe", "**", "--admin"));
    awaitText("#health", "All is well");
    await("the title is as before", () -> browser.getTitle().equals("Tidings"));
  }

  @Test
  void whatIsNoTokenIsNotTakenForAHubThatIsAway() throws Exception {
    open("");
    signIn("x\u2013y");
    awaitText("#sign-in-error", "This is no token");
    signIn("Bearer " + SECRET.token("--subscribe", "news"));
    awaitText("#rights", "news");
  }

  @Test
  void aSessionLastsOverAReloadAndEndsWithTheSignOut() throws Exception {
    open("?topic=orders.**");
    signIn(SECRET.token("--subject", "bob", "--subscribe", "**", "--publish", "**", "--admin"));
    awaitText("#state", "open");
    awaitText("#nodes", "alone"); // admin sees the statistics
    browser.navigate().refresh();
    awaitText("#rights", "bob");
    awaitText("#state", "open");
    String readable = (String) browser.executeScript("return document.cookie");
    assertEquals("", readable, "scripts can't read the cookie");
    click("#sign-out");
    awaitText("#state", "closed: ");
    await("the form is shown again", () -> find("#sign-in").isDisplayed());
    awaitText("#health", "No statistics received yet");
    assertEquals("Tidings", browser.getTitle(), "that is no trouble");
  }

  @Test
  void theSceneOfTheLogWorksWithAGrantForTheLogOnly() throws Exception {
    open("");
    signIn(SECRET.token("--subscribe", "**", "--publish", "scenes.*"));
    awaitText("#rights", "scenes.*");
    open("scenes/log.html");
    awaitText("#state", "the hub answers 403: a token or a grant is missing");
    browser.manage().deleteAllCookies();
    open("");
    signIn(SECRET.token("--subscribe", "hub.log", "--publish", "scenes.*"));
    awaitText("#rights", "hub.log");
    open("scenes/log.html");
    awaitText("#state", "open");
    click("#warning");
    awaitText("#log .warning", "refused, scenes.jobs");
  }

  @Test
  void aSceneLeadsToTheSignInAndThenWorks() throws Exception {
    open("scenes/typed.html");
    awaitText(".notice", "This hub asks for a token");
    click(".notice a");
    signIn(SECRET.token("--subscribe", "scenes.**", "--publish", "scenes.*"));
    awaitText("#rights", "scenes.**");
    open("scenes/answer.html");
    click("#form .main");
    awaitText("#state", "answered");
  }
}
