package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;

/** The scenes of the shipped jar in a real browser. */
class ScenesIT extends InBrowser {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Pattern PERCENT = Pattern.compile("(\\d+) %");
  private static final String HTML =
      "<img src=x onerror=document.title='run'><script>document.title='run'</script><b>bold</b>";
  private static final String HEARTBEAT =
      "stream.heartbeat: 15s\nA heartbeat is sent on a stream that was idle for this time, so that"
          + " proxies do not close it; 0: never.";

  ScenesIT() {
    super(Duration.ofSeconds(60), "--port", "0");
  }

  @Test
  void theClockTicksAndIsUpdatedNow() {
    openWhenOpen("clock");
    awaitText("#times li", "Current time is ");
    click("#update");
    awaitText("#times li", "Updated at ");
  }

  @Test
  void messagesAreShownUntilTheyAreWithdrawnAlsoAfterAReload() {
    openWhenOpen("typed");
    fill("#text", HTML);
    click("form button");
    awaitText("#messages li:last-child", HTML);
    int before = all("#messages li").size();
    fill("#text", "short-lived");
    click("form button");
    awaitText("#messages li:last-child", "short-lived");
    click("#messages li:last-child button");
    await("it is withdrawn", () -> all("#messages li").size() == before);
    browser.navigate().refresh();
    awaitText("#messages li:last-child", HTML);
    await("it is withdrawn", () -> all("#messages li").size() == before);
    assertEquals(List.of(), all("#messages img, #messages script, #messages b"));
    assertNotEquals("run", browser.getTitle());
  }

  @Test
  void aStreamForTenSecondsIsClosedAndStaysClosed() {
    openWhenOpen("finite");
    awaitText("#state", "closed by the hub after ");
    int received = all("#times li").size();
    assertTrue(received >= 8 && received <= 11, received + " received");
    assertEquals("closed by the hub after " + received + " events", text("#state"));
    assertEquals(2L, browser.executeScript("return source.readyState"), "CLOSED, and for good");
    click("#again");
    awaitText("#state", "open, for ten seconds");
  }

  @Test
  void withoutPermissionNotificationsAreListed() {
    openWhenOpen("notify");
    publish("scenes.notify", "", HTML);
    awaitText("#list li", HTML);
    assertEquals(List.of(), all("#list img, #list script, #list b"));
  }

  @Test
  void withPermissionNotificationsAreShown() {
    var granted = Map.<String, Object>of("permissions", List.of("notifications"));
    browser.executeCdpCommand("Browser.grantPermissions", granted);
    String spy =
        "const Real = Notification; window.shown = [];"
            + " window.Notification = class extends Real {"
            + " constructor(title, options) { super(title, options); shown.push(options.body); } }";
    before(
        spy,
        () -> {
          openWhenOpen("notify");
          assertFalse(find("#allow").isDisplayed());
          fill("#text", "dinner");
          click("form button");
          await("it is shown", () -> browser.executeScript("return shown[0]") != null);
          assertEquals("dinner", browser.executeScript("return shown[0]"));
          assertEquals(List.of(), all("#list li"));
        });
    browser.executeCdpCommand("Browser.resetPermissions", Map.of());
  }

  @Test
  void theTickerPlotsTheHubsUsageAndContinuesAfterAReload() {
    openWhenOpen("ticker");
    await("three points", () -> points() >= 3);
    assertTrue(number("#limit") >= number("#most"), "the axis is as long as the highest value");
    awaitText("#heap", " MiB");
    awaitText("#cpu", " %");
    int before = points();
    browser.navigate().refresh();
    await("what it had and more", () -> points() > before);
  }

  @Test
  void theProgressOfAJobContinuesAcrossAReload() {
    open("job");
    click("#start");
    await("it is under way", () -> percent() >= 10);
    int before = percent();
    browser.navigate().refresh();
    await("it is where it was", () -> percent() >= before);
    awaitText("#state", "done: SHA-256 ");
    assertTrue(text("#state").matches("done: SHA-256 [0-9a-f]{64}"));
    assertEquals("100", find("#bar").getDomProperty("value"));
    String received = received("scenes.job." + hash());
    assertEquals(1, count(received, "event: done"));
    assertEquals(1, count(received, "\"waiting\""));
  }

  @Test
  void aJobCanBeCancelled() {
    open("job");
    click("#start");
    await("it is under way", () -> percent() >= 1);
    click("#cancel");
    awaitText("#state", "cancelled");
    assertFalse(received("scenes.job." + hash()).contains("event: done"));
  }

  @Test
  void anAnswerArrivesWordByWordAndAReloadLosesAndRepeatsNone() {
    open("answer");
    ask("What is the heartbeat?");
    await("it is under way", () -> text("#answer").length() > 30);
    assertFalse(text("#answer").contains("never"), "there is more to come");
    browser.navigate().refresh();
    await("it goes on", () -> text("#answer").length() > 30);
    awaitText("#state", "answered");
    assertEquals(HEARTBEAT, text("#answer"));
    browser.navigate().refresh();
    awaitText("#state", "answered");
    assertEquals(HEARTBEAT, text("#answer"));
  }

  @Test
  void anAnswerCanBeStopped() {
    open("answer");
    ask("What is the heartbeat?");
    await("it is under way", () -> text("#answer").length() > 30);
    click("#stop");
    awaitText("#state", "stopped");
    String answer = text("#answer");
    assertTrue(HEARTBEAT.startsWith(answer) && answer.length() < HEARTBEAT.length(), answer);
  }

  @Test
  void theLogIsTailedWithItsLevels() {
    openWhenOpen("log");
    click("#warning");
    awaitText("#log .warning", "refused, scenes.jobs: id: must be 8 to 64 letters");
    click("#info");
    awaitText("#log .info", "a job begins");
    browser.navigate().refresh();
    awaitText("#log .warning", "refused, scenes.jobs");
    // the words received before, and no line about the end
    assertEquals(List.of(), all("#log li").stream().filter(ScenesIT::ofTelling).toList());
  }

  private static boolean ofTelling(WebElement line) {
    return !line.getText().matches(".*(refused, scenes|a job |Log |is at http).*");
  }

  @ParameterizedTest
  @CsvSource({
    "clock, clock, #times li",
    "finite, clock, #times li",
    "typed, scenes.typed, #messages li"
  })
  void dataThatIsNotJsonIsShownAsText(String scene, String topic, String items) throws Exception {
    openWhenOpen(scene);
    publish(topic, "", HTML);
    awaitText(items, HTML);
    assertEquals(List.of(), all("li img, li script, li b"));
  }

  @Test
  void theKeyboardPublishesFromConsoleAndPage() throws IOException {
    openWhenOpen("keyboard");
    hub.type("typed at the console");
    awaitText("#lines li", "typed at the console");
    fill("#line", HTML);
    click("form button");
    awaitText("#lines li", HTML);
    assertEquals(List.of(), all("#lines img, #lines script, #lines b"));
    await("the form is empty", () -> find("#line").getDomProperty("value").isEmpty());
  }

  @Test
  void afterTheHubWasKilledAndRestartedThePageContinuesWithoutLossOrRepetition(@TempDir Path log)
      throws IOException {
    String[] disk = {"--set", "log.dir=" + log, "--set", "producer.clock=off", "--port"};
    survivesARestart(disk);
  }

  @Test
  void anAnswerGoesOnInAllTabsAfterTheHubWasKilledAndAnyTabStopsIt(@TempDir Path log)
      throws IOException {
    String[] options = {"--set", "log.dir=" + log, "--set", "producer.clock=off", "--port"};
    String question = "How long are events kept, and which memory does that need?";
    String tab = browser.getWindowHandle();
    try (JarProcess first = JarProcess.start(with("0", options))) {
      URI url = first.url();
      browser.get(url.resolve("scenes/answer.html").toString());
      ask(question);
      await("it is under way", () -> text("#answer").length() > 30);
      first.kill();
      awaitText("#state", "The hub is away; the answer goes on when it is back.");
      String before = text("#answer");
      browser.switchTo().newWindow(WindowType.TAB);
      try (JarProcess second = JarProcess.start(with("" + url.getPort(), options))) {
        second.url();
        browser.get(url.resolve("scenes/answer.html").toString()); // which remembers the answer
        await("it goes on", () -> text("#answer").length() > before.length());
        assertTrue(text("#answer").startsWith(before));
        assertEquals(question, find("#question").getDomProperty("value"));
        click("#stop");
        awaitText("#state", "stopped");
        String answer = text("#answer");
        browser.close();
        browser.switchTo().window(tab);
        awaitText("#state", "stopped");
        assertEquals(answer, text("#answer"));
        assertFalse(received(url, "scenes.answer." + hash()).contains("event: done"));
      }
    }
  }

  @Test
  void anAnswerOfAHubWithoutAStoredLogEndsInWordsWhenThatIsRestarted() throws IOException {
    String[] options = {"--set", "log.kind=memory", "--set", "producer.clock=off", "--port"};
    try (JarProcess first = JarProcess.start(with("0", options))) {
      URI url = first.url();
      browser.get(url.resolve("scenes/answer.html").toString());
      ask("What is the heartbeat?");
      await("it is under way", () -> text("#answer").length() > 30);
      first.kill();
      try (JarProcess second = JarProcess.start(with("" + url.getPort(), options))) {
        second.url();
        awaitText("#state", "The hub has lost the rest: it was restarted without its log");
      }
    }
  }

  private void survivesARestart(String... options) throws IOException {
    try (JarProcess first = JarProcess.start(with("0", options))) {
      URI url = first.url();
      browser.get(url.resolve("scenes/keyboard.html").toString());
      awaitText("#state", "open");
      publish(url, "keyboard", "", "1");
      awaitText("#lines li", "1");
      first.kill();
      awaitText("#state", "disconnected; reconnecting");
      try (JarProcess second = JarProcess.start(with("" + url.getPort(), options))) {
        second.url();
        publish(url, "keyboard", "", "2");
        awaitText("#state", "open");
        publish(url, "keyboard", "", "3");
        awaitText("#lines li", "3");
        assertEquals(List.of("3", "2", "1"), texts("#lines li"));
      }
    }
  }

  private static String[] with(String port, String... options) {
    return Stream.concat(Stream.of(options), Stream.of(port)).toArray(String[]::new);
  }

  @Test
  void theClockContinuesAfterARestart(@TempDir Path log) throws IOException {
    String[] options = {"--set", "log.dir=" + log, "--port"};
    try (JarProcess first = JarProcess.start(with("0", options))) {
      URI url = first.url();
      browser.get(url.resolve("scenes/clock.html").toString());
      awaitText("#times li", "Current time is ");
      first.kill();
      awaitText("#state", "disconnected; reconnecting");
      String last = text("#times li");
      try (JarProcess second = JarProcess.start(with("" + url.getPort(), options))) {
        second.url();
        awaitText("#state", "open");
        await("it ticks", () -> !text("#times li").equals(last));
        assertEquals(texts("#times li").stream().distinct().toList(), texts("#times li"));
        assertFalse(text("#times").contains("missed"));
      }
    }
  }

  @Test
  void aHubWithoutScenesIsDetected() throws IOException {
    try (JarProcess other = JarProcess.start("--port", "0", "--set", "scenes=off")) {
      browser.get(other.url().resolve("scenes/job.html").toString());
      click("#start");
      awaitText("#state", "No events: the hub was restarted, or runs with scenes: off.");
      browser.get(other.url().resolve("scenes/answer.html").toString());
      click("form button");
      awaitText("#state", "No events: the hub was away for more than ten minutes");
      browser.get(other.url().resolve("scenes/ticker.html").toString());
      awaitText("#state", "no events: does the hub run with scenes: off?");
    }
  }

  @Test
  void aPageThatIsLeftClosesItsStreamAndTheBackButtonResumesIt() {
    openWhenOpen("notify");
    browser.get("about:blank");
    await("no stream is open", () -> publish("scenes.notify", "", "meanwhile") == 0);
    browser.navigate().back();
    awaitText("#state", "open");
    publish("scenes.notify", "", "after");
    awaitText("#list li", "after");
  }

  static Stream<String> scenes() {
    return Stream.of(
        "clock",
        "typed",
        "finite",
        "notify",
        "ticker",
        "job",
        "log",
        "answer",
        "rights",
        "keyboard");
  }

  @Test
  void theIndexLinksToEachScene() {
    browser.get(url("").toString());
    List<String> links =
        all("dt a").stream().map(link -> link.getDomAttribute("href")).sorted().toList();
    assertEquals(scenes().map(scene -> scene + ".html").sorted().toList(), links);
    List<String> navigation =
        all("nav a").stream().map(link -> link.getDomAttribute("href")).sorted().toList();
    assertEquals(links, navigation);
  }

  @ParameterizedTest
  @MethodSource("scenes")
  void aSceneFitsOnTheNarrowestPhoneShowsItsSourceAndLogsNoErrors(String scene) {
    onNarrowPhone(
        () -> {
          open(scene);
          awaitText(".curl code", "curl");
          assertTrue(text(".curl code").contains(url("").resolve("../events").toString()));
          click("summary");
          awaitText("details pre", "new EventSource(");
          assertEquals(List.of(), all(".notice"));
          assertEquals(List.of(), Chromium.errors(browser));
        });
  }

  @ParameterizedTest
  @CsvSource({
    "clock, delete HTMLScriptElement.prototype.noModule; delete window.EventSource",
    "job, delete HTMLScriptElement.prototype.noModule",
    "typed, delete window.EventSource"
  })
  void aSceneReportsABrowserThatIsTooOld(String scene, String removal) {
    before(
        removal,
        () -> {
          open(scene);
          awaitText(".notice", "This browser is too old for these pages.");
        });
  }

  /** Runs an action with a script that runs in each page before the page's own. */
  private void before(String script, Step step) {
    Map<String, Object> added =
        browser.executeCdpCommand(
            "Page.addScriptToEvaluateOnNewDocument", Map.of("source", script));
    try {
      step.go();
    } catch (IOException e) {
      throw new AssertionError(e);
    } finally {
      browser.executeCdpCommand("Page.removeScriptToEvaluateOnNewDocument", added);
    }
  }

  private interface Step {
    void go() throws IOException;
  }

  private URI url(String scene) {
    return hub.url().resolve("scenes/" + (scene.isEmpty() ? "" : scene + ".html"));
  }

  private void open(String scene) {
    browser.get(url(scene).toString());
  }

  private void openWhenOpen(String scene) {
    open(scene);
    awaitText("#state", "open");
  }

  private void ask(String question) {
    fill("#question", question);
    click("form button");
  }

  private int points() {
    String points = find("#line").getDomAttribute("points");
    return points == null ? 0 : points.split(" ").length;
  }

  private double number(String css) {
    return Double.parseDouble(text(css).replace(" %", ""));
  }

  private int percent() {
    var percent = PERCENT.matcher(text("#speed"));
    return percent.find() ? Integer.parseInt(percent.group(1)) : 0;
  }

  private String hash() {
    return URI.create(browser.getCurrentUrl()).getFragment();
  }

  /** All events of a topic, as on the wire. */
  private String received(String topic) {
    return received(hub.url(), topic);
  }

  private static String received(URI hub, String topic) {
    URI stream = hub.resolve("events/" + topic + "?last_event_id=earliest&for=500ms");
    return HTTP.sendAsync(HttpRequest.newBuilder(stream).build(), BodyHandlers.ofString())
        .join()
        .body();
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  private int publish(String topic, String type, String data) {
    return publish(hub.url(), topic, type, data);
  }

  /** Publishes as another client; returns the number of streams that receive it. */
  private static int publish(URI hub, String topic, String type, String data) {
    URI url = hub.resolve("events/" + topic + (type.isEmpty() ? "" : "?type=" + type));
    var request = HttpRequest.newBuilder(url).POST(BodyPublishers.ofString(data)).build();
    var answer = HTTP.sendAsync(request, BodyHandlers.ofString()).join();
    assertEquals(200, answer.statusCode(), answer.body());
    return new JsonObject(answer.body()).getInteger("subscribers");
  }

  private List<String> texts(String css) {
    return all(css).stream().map(WebElement::getText).toList();
  }
}
