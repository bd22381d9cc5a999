package io.tidings;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The page, in a real browser, at the jar as it is shipped. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  /** Warns of browsers newer than itself, of which nothing is used here that could have changed. */
  private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private JarProcess hub;
  private ChromeDriver browser;

  @BeforeAll
  void start(@TempDir Path profile) throws IOException {
    SELENIUM.setLevel(Level.SEVERE);
    hub = JarProcess.start("--port", "0");
    browser = browser(profile);
  }

  @AfterAll
  void stop() throws IOException {
    if (browser != null) {
      browser.quit();
    }
    if (hub != null) {
      hub.close();
    }
  }

  /** Leaves the page of the test before, and forgets what its browser had to say. */
  @BeforeEach
  void fresh() {
    browser.get("about:blank");
    browser.manage().logs().get(LogType.BROWSER);
  }

  @Test
  void theClockIsHeard() {
    open("?topic=clock");
    awaitText("#events", "Current time is ");
    awaitText("#state", "open");
  }

  @Test
  void everythingIsHeardWhereNothingWasChosen() {
    open("");
    awaitText("#events", "Current time is ");
    assertEquals("**", value("#topics"));
    assertEquals("message", value("#types"));
  }

  @Test
  void whatIsPublishedOnThePageIsAnsweredAndHeard() {
    openQuiet("?topic=answers");
    publish("answers", "", "two\nlines");
    awaitText("#answer", "to 1 stream.");
    assertEquals("two\nlines", awaitEvent("two").findElement(By.tagName("pre")).getText());
    assertEquals("", value("#publish-data"));
  }

  @Test
  void theHubsRefusalIsShownInItsOwnWords() {
    openQuiet("?topic=news");
    publish("news..today", "", "hello");
    awaitText("#answer", "topic: must be dot-separated parts, none of them empty");
    assertEquals("hello", value("#publish-data"), "kept, to be tried again");
  }

  @Test
  void otherTopicsAreHeardOnceTheyAreChosenAndGoneBackFrom() {
    openQuiet("?topic=red");
    fill("#topics", "green.*, blue");
    click("#listen");
    awaitText("#state", "open");
    awaitAddress("?topic=green.*&topic=blue&type=message");
    say("red", "", "not heard");
    say("blue", "", "heard by its name");
    say("green.light", "", "heard by its pattern");
    awaitEvent("heard by its pattern");
    assertEquals(2, events().size());

    browser.navigate().back();
    awaitAddress("?topic=red");
    awaitText("#state", "open");
    assertEquals("red", value("#topics"));
  }

  @Test
  void aTypedEventIsHeardByPagesThatListenForItsType() {
    openQuiet("?topic=orders&type=withdraw");
    say("orders", "withdraw", "typed");
    assertTrue(awaitEvent("typed").getText().startsWith("withdraw"));
    say("orders", "", "of no type");
    say("orders", "withdraw", "typed again");
    awaitEvent("typed again");
    assertEquals(2, events().size());
  }

  @Test
  void whoPublishesATypeListensForIt() {
    openQuiet("?topic=orders");
    publish("orders", "order", "for you");
    awaitEvent("for you");
    awaitAddress("?topic=orders&type=message&type=order");
    assertEquals("message order", value("#types"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "error", "close"})
  void anEventWithTheNameOfAStateIsAnEvent(String type) {
    openQuiet("?topic=odd&type=message+" + type);
    say("odd", type, "no state");
    awaitEvent("no state");
    say("odd", "", "still heard");
    awaitEvent("still heard");
    assertEquals("open", text("#state"));
    assertEquals(2, events().size());
  }

  @Test
  void textThatLooksLikeHtmlStaysText() {
    openQuiet("?topic=odd");
    String html =
        "<img src=x onerror=document.title='run'><script>document.title='run'</script><b>bold</b>";
    publish("odd", html, html);
    WebElement event = awaitEvent("bold");
    assertEquals(html, event.findElement(By.tagName("pre")).getText());
    assertEquals(html, event.findElement(By.className("type")).getText());
    assertEquals(List.of(), event.findElements(By.cssSelector("img, script, b")));
    assertEquals("Tidings", browser.getTitle());
  }

  @Test
  void jsonIsIndentedAndItsNumbersAreLeftAlone() {
    openQuiet("?topic=odd");
    String filler = "x".repeat(100);
    publish(
        "odd", "", "{\"n\":12345678901234567890,\"e\":{},\"of\":[1,{\"s\":\"" + filler + "\"}]}");
    assertEquals(
        """
        {
          "n": 12345678901234567890,
          "e": {},
          "of": [
            1,
            {
              "s": "%s"
            }
          ]
        }"""
            .formatted(filler),
        awaitEvent(filler).findElement(By.tagName("pre")).getText());
  }

  @Test
  void onlyTheNewestTwoHundredStay() {
    openQuiet("?topic=many");
    post(
        "events",
        IntStream.range(0, 250)
            .mapToObj(i -> "{\"topic\":\"many\",\"data\":\"number " + i + "\"}")
            .collect(joining("\n")));
    awaitEvent("number 249");
    awaitText("#count", "250 heard");
    assertEquals(200, events().size());
    assertTrue(events().get(0).getText().endsWith("number 249"));
  }

  @Test
  void nothingMovesWhileItIsPaused() {
    openQuiet("?topic=news");
    click("#pause");
    say("news", "", "later");
    awaitText("#pause", "Go on (1 new)");
    assertEquals(List.of(), events());
    click("#pause");
    awaitEvent("later");
  }

  @Test
  void aPageThatIsLeftLeavesItsStreamAndGoesOnWhenItIsGoneBackTo() {
    openQuiet("?topic=left");
    say("left", "", "before");
    awaitEvent("before");
    browser.get("about:blank");
    await("nobody hears", () -> say("left", "", "meanwhile") == 0);
    browser.navigate().back();
    awaitText("#state", "open");
    say("left", "", "after");
    awaitEvent("after");
  }

  @Test
  void whatWasMissedIsSaid() {
    open("?topic=news&last_event_id=nobody~1");
    awaitText("#gap", "Events may have been missed: nobody~1 is not an id that the hub knows.");
    awaitText("#events .missed", "Events may have been missed");
  }

  @Test
  void aStreamOpenedForACertainTimeIsClosedWhenItIsOver() {
    open("?topic=news&for=200ms");
    awaitText("#state", "closed: the time it was opened for is over");
  }

  @Test
  void aStreamThatIsRefusedIsClosedAndThePageSaysWhy() {
    open("?topic=a**");
    awaitText("#state", "closed: topic: must have * only as a whole part");
    fill("#topics", "a.**");
    click("#listen");
    awaitText("#state", "open");
  }

  @Test
  void aHubThatWentAwayIsFoundAgain() throws IOException {
    try (JarProcess first = JarProcess.start("--port", "0")) {
      browser.get(first.url() + "?topic=clock");
      awaitText("#events", "Current time is ");
      first.kill();
      awaitText("#state", "reconnecting");
      publish("news", "", "hello");
      awaitText("#answer", "The hub can\u2019t be reached.");
      try (JarProcess second = JarProcess.start("--port", Integer.toString(first.port()))) {
        second.url();
        awaitText("#state", "open");
        awaitText("#gap", "is of another log");
        int before = events().size();
        await("the clock is heard again", () -> events().size() > before);
      }
    }
  }

  @Test
  void theBrowserHasNothingToComplainOf() {
    open("");
    awaitText("#events", "Current time is ");
    publish("news", "note", "hello");
    awaitEvent("hello");
    fill("#topics", "news");
    click("#listen");
    awaitText("#state", "open");
    List<LogEntry> complaints =
        browser.manage().logs().get(LogType.BROWSER).getAll().stream()
            .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
            .toList();
    assertEquals(List.of(), complaints);
  }

  @Test
  void everythingFitsOnTheNarrowestPhone() {
    browser.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", 360, "height", 640, "deviceScaleFactor", 2, "mobile", true));
    try {
      openQuiet("?topic=odd");
      publish("odd", "t".repeat(200), "x".repeat(200));
      awaitEvent("x");
      assertEquals(360L, browser.executeScript("return document.documentElement.scrollWidth"));
    } finally {
      browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"window.EventSource", "HTMLScriptElement.prototype.noModule"})
  void aBrowserThatIsTooOldIsToldSo(String missing) {
    Map<String, Object> added =
        browser.executeCdpCommand(
            "Page.addScriptToEvaluateOnNewDocument", Map.of("source", "delete " + missing));
    try {
      open("");
      assertTrue(find("#unable").isDisplayed());
      assertTrue(text("#unable").contains("EventSource"));
      assertFalse(find("main").isDisplayed());
    } finally {
      browser.executeCdpCommand("Page.removeScriptToEvaluateOnNewDocument", added);
    }
  }

  @Test
  void aBrowserThatIsGoodEnoughIsToldNothing() {
    open("");
    assertFalse(find("#unable").isDisplayed());
    assertTrue(find("main").isDisplayed());
  }

  private static ChromeDriver browser(Path profile) {
    var options = new ChromeOptions();
    options.setBinary(installed("chromium"));
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--user-data-dir=" + profile);
    var everything = new LoggingPreferences();
    everything.enable(LogType.BROWSER, Level.ALL);
    options.setCapability(ChromeOptions.LOGGING_PREFS, everything);
    var service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(installed("chromedriver"))
            .usingAnyFreePort()
            .build();
    return new ChromeDriver(service, options);
  }

  /** Selenium would look for what is missing on the network. */
  private static File installed(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(directory -> new File(directory, program))
        .filter(File::canExecute)
        .findFirst()
        .orElseThrow(
            () -> new AssertionError(program + " is not installed here: make test installs it"));
  }

  private void open(String query) {
    browser.get(hub.url() + query);
  }

  /** Opens it with topics on which nobody speaks but the test. */
  private void openQuiet(String query) {
    open(query);
    awaitText("#state", "open");
  }

  /** Publishes by the form. */
  private void publish(String topic, String type, String data) {
    fill("#publish-topic", topic);
    fill("#publish-type", type);
    fill("#publish-data", data);
    click("#send");
  }

  /** Publishes as somebody else would; the answer is the number of streams that hear it. */
  private int say(String topic, String type, String data) {
    return post("events/" + topic + (type.isEmpty() ? "" : "?type=" + type), data)
        .getInteger("subscribers");
  }

  private JsonObject post(String path, String body) {
    var request =
        HttpRequest.newBuilder(hub.url().resolve(path)).POST(BodyPublishers.ofString(body)).build();
    var answer = HTTP.sendAsync(request, BodyHandlers.ofString()).join();
    assertEquals(200, answer.statusCode(), answer.body());
    return new JsonObject(answer.body());
  }

  private WebElement find(String css) {
    return browser.findElement(By.cssSelector(css));
  }

  private List<WebElement> events() {
    return browser.findElements(By.cssSelector("#events > li"));
  }

  private String text(String css) {
    return find(css).getText();
  }

  private String value(String css) {
    return find(css).getDomProperty("value");
  }

  private void click(String css) {
    find(css).click();
  }

  private void fill(String css, String text) {
    find(css).clear();
    find(css).sendKeys(text);
  }

  private void awaitText(String css, String part) {
    await(
        css + " says " + part,
        () ->
            browser.findElements(By.cssSelector(css)).stream()
                .anyMatch(element -> element.getText().contains(part)));
  }

  private void awaitAddress(String query) {
    await("the address says " + query, () -> browser.getCurrentUrl().equals(hub.url() + query));
  }

  private WebElement awaitEvent(String part) {
    awaitText("#events > li", part);
    return events().stream()
        .filter(event -> event.getText().contains(part))
        .findFirst()
        .orElseThrow();
  }

  private void await(String what, BooleanSupplier condition) {
    new WebDriverWait(browser, PATIENCE, LOOK_EVERY)
        .ignoring(StaleElementReferenceException.class)
        .withMessage(() -> what + "; the page says: " + text("body"))
        .until(driver -> condition.getAsBoolean());
  }
}
