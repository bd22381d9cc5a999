package io.tidings;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;

/** The dashboard of the shipped jar in a real browser. */
class PageIT extends InBrowser {
  private static final int FLOOD = 20_000;
  private static final int BATCH = 500;
  private static final int REST_MILLIS = 300_000;
  private static final String FROM_NOW = "&since=1ms";

  /** A script that shortens timeouts of the given milliseconds. */
  private static final String HURRY =
      """
      window.unhurried = window.setTimeout;
      window.setTimeout = (action, millis, ...more) =>
        window.unhurried(action, millis === %d ? 1500 : millis, ...more);
      """;

  /**
   * Lists what moves on the page; it stays hidden until it is complete, however long that takes.
   */
  private static final String OBSERVE_SHIFTS =
      """
      window.moved = [];
      document.addEventListener('DOMContentLoaded', () => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('main { animation: none !important }');
        document.adoptedStyleSheets = [sheet];
      });
      new PerformanceObserver((shifts) => {
        for (const { node, previousRect: from, currentRect: to } of shifts.getEntries().flatMap((shift) => shift.sources)) {
          const element = node?.nodeType === Node.TEXT_NODE ? node.parentElement : node;
          if (element && Math.abs(from.y - to.y) >= 1 && !element.closest('#events')) {
            window.moved.push(`${element.id || element.className || element.nodeName}: ${from.y} to ${to.y}`);
          }
        }
      }).observe({ type: 'layout-shift', buffered: true });
      """;

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  PageIT() {
    super(Duration.ofSeconds(20), "--port", "0");
  }

  @Test
  void theClockIsShown() {
    open("?topic=clock");
    awaitText("#events", "Current time is ");
    awaitText("#state", "open");
  }

  @Test
  void withoutTopicsAllEventsAreShown() {
    open("");
    awaitText("#events", "Current time is ");
    assertEquals("**", value("#topics"));
  }

  @Test
  void theExamplesNameThisHub() {
    open("");
    assertEquals("curl -N " + hub.url() + "events/clock", text("#curl"));
  }

  @Test
  void theStatisticsAreShown() throws IOException {
    try (JarProcess fresh = start(0)) { // other tests leave streams and gaps in the figures
      browser.get(fresh.url().toString());
      awaitText("#health", "All is well: one hub, no streams.");
      awaitText("#streams-more", "open on 1 node (not counted: 1 dashboard)");
      assertEquals("0", text("#streams"));
      assertEquals("0", text("#gaps"));
      awaitText("#p50", "ms");
      awaitText("#nodes", "ready");
      awaitText("#memory-more", " of heap");
      awaitText("#log-more", "disk: oldest entry");
      assertEquals("", text("#topics-now"), "the clock is no traffic");
      await("the plot has a description", () -> plot("#plot-in").contains("in five minutes"));
    }
  }

  @Test
  void aClickOnABusyTopicSubscribesToIt() {
    open("");
    whilePublishing(
        "orders.new",
        () -> {
          awaitText("#topics-now", "orders.new");
          click("#topics-now a[href='?topic=orders.new']");
          awaitAddress("?topic=orders.new");
          awaitEvent("of orders.new");
        });
  }

  @Test
  void thePlotsShowTheHistoryAsSoonAsThePageIsOpen() throws IOException {
    try (JarProcess quiet = start(0, "--set", "producer.clock=off")) {
      AtomicInteger published = new AtomicInteger();
      await(
          "the hub has the figures of some seconds, in which something came",
          () -> {
            post(quiet, "events/before", "event " + published.incrementAndGet());
            return history(quiet) >= 6;
          });
      browser.get(quiet.url().toString());
      await("something is plotted", () -> points() > 0);
      assertTrue(points() >= 6, "all of it at once: " + points());
      assertTrue(highest() > 0, "also what came before the page did");
      awaitText("#nodes", "ready");
      await("so are the events of before", () -> shown().contains("event 1"));
    }
  }

  @Test
  void thePageItselfIsNotCountedAsTraffic() throws IOException {
    try (JarProcess idle = start(0)) {
      browser.get(idle.url().toString());
      awaitText("#events", "Current time is ");
      awaitText("#in-internal", "not counted: 1 of the clock");
      awaitText("#out-internal", "of the clock and to dashboards");
      assertEquals("0", text("#in"));
      assertEquals("0", text("#out"));
      assertEquals("0", text("#streams"));
      assertEquals(0, highest());
    }
  }

  @Test
  void halfAnHourIsPlottedOnRequest() {
    open("");
    await("something is plotted", () -> points() > 0);
    click("#span option[value='1800']");
    await("the axis is longer", () -> axis() == -1_800);
    await("the plot has a description", () -> plot("#plot-in").contains("in thirty minutes"));
    click("#span option[value='300']");
    await("the axis is as before", () -> axis() == -300);
  }

  @Test
  void plotsPauseAfterFiveMinutesWithoutInput() {
    var hurried =
        browser.executeCdpCommand(
            "Page.addScriptToEvaluateOnNewDocument",
            Map.of("source", HURRY.formatted(REST_MILLIS)));
    try {
      open("");
      awaitText("#paused", "The plots are paused: no input for five minutes.");
      int before = points();
      browser.executeScript("window.setTimeout = window.unhurried");
      awaitText("#state", "open");
      click("#resume");
      assertFalse(find("#paused").isDisplayed());
      await("they go on", () -> points() > before);
    } finally {
      browser.executeCdpCommand("Page.removeScriptToEvaluateOnNewDocument", hurried);
    }
  }

  @Test
  void anEventPublishedOnThePageIsAcknowledgedAndShown() {
    openQuiet("?topic=answers");
    fill("#publish-id", "answer-1");
    publishByForm("answers", "", "two\nlines");
    awaitText("#answer", "Published as answer-1 to 1 stream.");
    WebElement event = opened("two");
    assertEquals("two\nlines", event.findElement(By.tagName("pre")).getText());
    assertEquals("id answer-1", event.findElement(By.className("id")).getText());
    assertEquals("", value("#publish-data"));
    assertEquals("", value("#publish-id"));
  }

  @ParameterizedTest
  @CsvSource({
    "topic, news..today, '', '', 'must be dot-separated parts, none of them empty'",
    "type, news, hub.mine, '', 'must not begin with hub.'"
  })
  void aRefusalIsShownAtTheFieldWithItsRule(
      String field, String topic, String type, String id, String rule) {
    openQuiet("?topic=news");
    fill("#publish-id", id);
    publishByForm(topic, type, "hello");
    awaitText("#publish-" + field + "-error", rule);
    assertEquals("true", find("#publish-" + field).getDomAttribute("aria-invalid"));
    assertEquals(find("#publish-" + field), browser.switchTo().activeElement());
    assertEquals("hello", value("#publish-data"), "kept, to be tried again");

    publishByForm("news", "", "hello");
    awaitText("#answer", "Published as ");
    assertEquals("", text("#publish-" + field + "-error"));
  }

  @Test
  void topicsCanBeChangedAndTheBackButtonRestoresThem() {
    openQuiet("?topic=red");
    fill("#topics", "green.*, blue");
    click("#subscribe");
    awaitAddress("?topic=green.*&topic=blue" + FROM_NOW);
    awaitText("#state", "open");
    publish("red", "", "not received");
    publish("blue", "", "received by its name");
    publish("green.light", "", "received by its pattern");
    awaitEvent("received by its pattern");
    assertEquals(List.of("received by its name", "received by its pattern"), shown());

    browser.navigate().back();
    awaitAddress("?topic=red" + FROM_NOW);
    awaitText("#state", "open");
    assertEquals("red", value("#topics"));
    assertEquals(List.of(), shown());
  }

  @Test
  void anyTypeIsShownAndHasAColour() {
    openQuiet("?topic=orders");
    publish("orders", "withdraw", "typed");
    WebElement type = awaitEvent("typed").findElement(By.className("type"));
    assertEquals("withdraw", type.getText());
    assertTrue(type.getDomAttribute("class").matches("type colour[0-7]"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "error", "close", "message"})
  void anEventWithTheNameOfAStateIsAnEvent(String type) {
    openQuiet("?topic=odd");
    publish("odd", type, "no state");
    publish("odd", "", "still received");
    awaitEvent("still received");
    assertEquals("open", text("#state"));
    assertEquals(List.of("no state", "still received"), shown());
  }

  @Test
  void textThatLooksLikeHtmlStaysText() {
    openQuiet("?topic=odd");
    String html =
        "<img src=x onerror=document.title='run'><script>document.title='run'</script><b>bold</b>";
    publishByForm("odd", html, html);
    WebElement event = opened("bold");
    assertEquals(html, event.findElement(By.tagName("pre")).getText());
    assertEquals(html, event.findElement(By.className("type")).getDomProperty("textContent"));
    assertEquals(List.of(), event.findElements(By.cssSelector("img, script, b")));
    assertNotEquals("run", browser.getTitle());
  }

  @Test
  void jsonIsIndentedAndItsNumbersAreUnchanged() {
    openQuiet("?topic=odd");
    publishByForm("odd", "", "{\"n\":12345678901234567890,\"e\":{},\"of\":[1,{\"s\":\"a: b\"}]}");
    WebElement event = opened("12345678901234567890");
    assertEquals(
        """
        {
          "n": 12345678901234567890,
          "e": {},
          "of": [
            1,
            {
              "s": "a: b"
            }
          ]
        }""",
        event.findElement(By.tagName("pre")).getText());
  }

  @Test
  void ofTooManyEventsTheNewestAreShownAndTheOthersCounted() {
    openQuiet("?topic=many");
    for (int first = 0; first < FLOOD; first += BATCH) {
      post(
          "events",
          IntStream.range(first, first + BATCH)
              .mapToObj(i -> "{\"topic\":\"many\",\"data\":\"number " + i + "\"}")
              .collect(joining("\n")));
    }
    awaitEvent("number " + (FLOOD - 1));
    awaitText("#count", "20,000 received");
    awaitText("#skipped", " of them skipped here: they arrived faster than they can be read.");
    assertEquals(500, events().size());
    assertTrue(events().get(0).getText().endsWith("number " + (FLOOD - 1)));
    publish("many", "", "after the flood");
    awaitEvent("after the flood");
  }

  @Test
  void fewerThanFiveHundredAtOnceAreAllShown() {
    openQuiet("?topic=many");
    List<String> all = IntStream.range(0, 400).mapToObj(i -> "number " + i).toList();
    post(
        "events",
        all.stream()
            .map(data -> "{\"topic\":\"many\",\"data\":\"" + data + "\"}")
            .collect(joining("\n")));
    await("all are there", () -> shown().equals(all));
    assertEquals("", text("#skipped"));
  }

  @Test
  void nothingChangesWhileItIsPaused() {
    openQuiet("?topic=news");
    click("#pause");
    publish("news", "", "later");
    awaitText("#pause", "Resume (1 new)");
    assertEquals(List.of(), shown());
    click("#pause");
    awaitEvent("later");
  }

  @Test
  void aFilterAppliesToReceivedAndToLaterEvents() {
    openQuiet("?topic=fruit.*");
    publish("fruit.red", "", "an apple");
    publish("fruit.red", "", "a cherry");
    awaitEvent("cherry");
    fill("#filter", "APPLE");
    await("the cherry is gone", () -> shown().equals(List.of("an apple")));
    publish("fruit.red", "", "another cherry");
    publish("fruit.green", "apple", "by its type");
    awaitEvent("by its type");
    assertEquals(List.of("an apple", "by its type"), shown());

    find("#filter").sendKeys(Keys.chord(Keys.CONTROL, "a"), Keys.DELETE);
    await(
        "all are there again",
        () -> shown().equals(List.of("an apple", "a cherry", "another cherry", "by its type")));
  }

  @Test
  void arrowKeysSelectAnEventAndEnterOpensIt() {
    openQuiet("?topic=keys");
    publish("keys", "", "older");
    awaitEvent("older");
    publish("keys", "", "newer");
    awaitEvent("newer");
    find("#events").sendKeys(Keys.ARROW_DOWN);
    browser.switchTo().activeElement().sendKeys(Keys.ARROW_DOWN);
    WebElement focused = browser.switchTo().activeElement();
    assertTrue(focused.getText().contains("older"), focused.getText());
    focused.sendKeys(Keys.ENTER);
    awaitText("#events pre", "older");
  }

  @Test
  void aPageThatIsLeftClosesItsStreamAndTheBackButtonResumesIt() {
    openQuiet("?topic=left");
    publish("left", "", "before");
    awaitEvent("before");
    browser.get("about:blank");
    await("no stream is open", () -> publish("left", "", "meanwhile") == 0);
    browser.navigate().back();
    awaitText("#state", "open");
    publish("left", "", "after");
    awaitEvent("after");
    List<String> shown = shown();
    assertEquals("before", shown.get(0));
    assertEquals(Set.of("meanwhile"), Set.copyOf(shown.subList(1, shown.size() - 1)));
  }

  @Test
  void aLostNodeStaysInTheTableAndTheTabShowsItUntilItIsDismissed() {
    openQuiet("?topic=nodes");
    // checked at once, because the next second brings the hub's own statistics
    var shown =
        (List<?>)
            browser.executeAsyncScript(
                """
        const done = arguments[0];
        import('./dashboard/stats-view.js').then((stats) => {
          stats.show({
            time: new Date().toISOString(), cluster: 'shop', in: 0, out: 0, bytesIn: 0, bytesOut: 0,
            streams: 0, internal: { in: 0, out: 0, streams: 0 }, lagging: 0, lag: 0, gaps: 0, p50: null, p99: null,
            log: { kind: 'ring', state: 'up', bytes: 0, oldest: null },
            nodes: [{ name: 'new', address: '10.0.0.3:5701', here: false }],
            gone: [
              { name: 'edge-9', address: '10.0.0.9:7700', role: 'edge', version: '0.1.0', reportAgeSeconds: 42 },
              { name: 'old', address: '10.0.0.4:7700', role: 'voter' },
            ], topics: [], slow: [],
          });
          const text = (css) => document.querySelector(css).textContent;
          const icon = () => document.querySelector('link[rel=icon]').getAttribute('href').startsWith('data:image/svg+xml,');
          const before = [text('#health'), text('#nodes td'), document.title, icon(), document.querySelectorAll('#nodes .lost').length];
          document.querySelectorAll('.dismiss').forEach((button) => button.click());
          done([...before, text('#health'), document.title, text('#nodes .lost')]);
        });
        """);
    String trouble = shown.get(0).toString();
    assertTrue(trouble.contains("edge-9 is lost: last report 42 s ago; old is lost"), trouble);
    assertEquals(
        List.of("starting", "(!) 2 problems \u2013 Tidings", true, 2L), shown.subList(1, 5));
    assertEquals("Problems: old is lost: no report yet.", shown.get(5));
    assertEquals("(!) 1 problem \u2013 Tidings", shown.get(6));
    assertTrue(shown.get(7).toString().startsWith("oldlost, no report yet"), "a voter stays");
    awaitText("#health", "All is well");
    assertEquals("Tidings", browser.getTitle());
    publish("nodes", "", "and it goes on");
    awaitEvent("and it goes on");
  }

  @Test
  void aHubThatHangsIsNoticedWithinSeconds() throws Exception {
    try (JarProcess hub = start(0)) {
      browser.get(hub.url().toString());
      awaitText("#health", "All is well");
      hub.signal("STOP");
      try {
        await("the title says so", () -> browser.getTitle().startsWith("(!) no statistics"));
        awaitText("#health", "The hub has sent no statistics for ");
      } finally {
        hub.signal("CONT");
      }
      awaitText("#health", "All is well");
    }
  }

  @Test
  void aTopicWithASpaceOrACommaIsOneTopicInItsLink() throws Exception {
    open("?topic=news");
    whilePublishing(
        "my%20orders%2Ceu",
        () -> {
          awaitText("#topics-now", "my orders,eu");
          click("#topics-now a[href='?topic=my+orders%2Ceu']");
          awaitEvent("of my%20orders%2Ceu");
        });
    assertEquals("\"my orders,eu\"", value("#topics"));
    click("#subscribe");
    await("one topic", () -> browser.getCurrentUrl().contains("?topic=my+orders%2Ceu"));
    whilePublishing("my%20orders%2Ceu", () -> awaitEvent("of my%20orders%2Ceu"));
  }

  @Test
  void aTabInTheBackgroundShowsThatTheHubIsNotReachable() throws IOException {
    String first = browser.getWindowHandle();
    try (JarProcess hub = start(0)) {
      browser.get(hub.url().toString());
      awaitText("#health", "All is well");
      browser.executeScript(
          "Object.defineProperty(document, 'hidden', { get: () => true });"
              + "window.requestAnimationFrame = () => 0;"
              + "document.dispatchEvent(new Event('visibilitychange'));");
      hub.kill();
      await("the title says so", () -> browser.getTitle().startsWith("(!) not reachable"));
      String icon = find("link[rel=icon]").getDomAttribute("href");
      assertTrue(icon.startsWith("data:image/svg+xml,"), "the hub can't be asked for it: " + icon);
    } finally {
      browser.switchTo().window(first);
    }
  }

  @Test
  void eventsBeginWithWhatTheLogHasAndCanBeCleared() {
    publish("begin.a", "", "published before");
    open("?topic=begin.a");
    awaitEvent("published before");
    click("#clear");
    assertEquals(List.of(), shown());
    publish("begin.a", "", "published after");
    awaitEvent("published after");
    assertEquals(List.of("published after"), shown());
    assertEquals("1 received", text("#count"));
    fill("#filter", "published");
    publish("begin.a", "", "published last");
    awaitEvent("published last");
    assertEquals(List.of("published after", "published last"), shown(), "also with a filter");

    click("#since option[value='last_event_id=earliest']");
    click("#subscribe");
    awaitAddress("?topic=begin.a&last_event_id=earliest");
    awaitEvent("published before");
  }

  @Test
  void theFormPublishesToATopicThatIsSubscribedTo() {
    openQuiet("?topic=story");
    assertEquals("story", value("#publish-topic"));
    fill("#topics", "orders.*.new, other");
    click("#subscribe");
    awaitAddress("?topic=orders.*.new&topic=other" + FROM_NOW);
    assertEquals("orders.example.new", value("#publish-topic"));
    fill("#publish-topic", "orders.7.new");
    fill("#topics", "orders.**");
    click("#subscribe");
    awaitAddress("?topic=orders.**" + FROM_NOW);
    assertEquals("orders.7.new", value("#publish-topic"), "it matches");
  }

  @Test
  void theFirstStepsStayDismissed() {
    open("");
    click("#dismiss-begin");
    assertFalse(find("#begin").isDisplayed());
    browser.navigate().refresh();
    await("it is open", () -> find("#show-begin").isDisplayed());
    assertFalse(find("#begin").isDisplayed());
    click("#show-begin");
    assertTrue(find("#begin").isDisplayed());
    assertFalse(find("#show-begin").isDisplayed());
  }

  /** A button that moves is missed; the list of events moves by itself. */
  @Test
  void nothingMovesWhileThePageLoads() {
    Map<String, Object> added =
        browser.executeCdpCommand(
            "Page.addScriptToEvaluateOnNewDocument", Map.of("source", OBSERVE_SHIFTS));
    try {
      open("");
      awaitText("#events", "Current time is ");
      awaitText("#nodes", "ready");
      awaitText("#open-streams", "**");
      whilePublishing("news", () -> awaitText("#topics-now", "news"));
      assertEquals(List.of(), browser.executeScript("return window.moved"));
    } finally {
      browser.executeCdpCommand("Page.removeScriptToEvaluateOnNewDocument", added);
    }
  }

  /** Of a flood only some rows are drawn in each frame, and none of them is animated. */
  @Test
  void aFloodIsNotAnimated() {
    openQuiet("?topic=flood");
    publish("flood", "", "alone");
    awaitEvent("alone");
    assertEquals(1, all("#events .fresh").size());
    post(
        "events",
        IntStream.range(0, BATCH)
            .mapToObj(i -> "{\"topic\":\"flood\",\"data\":\"number " + i + "\"}")
            .collect(joining("\n")));
    awaitEvent("number " + (BATCH - 1));
    assertTrue(all("#events .fresh").size() <= 4, "the one, and those of a small update");
  }

  @Test
  void aReloadResumesAfterTheLastEvent() {
    openQuiet("?topic=again");
    fill("#filter", "!"); // no id contains it
    publish("again", "", "one!");
    publish("again", "", "two");
    publish("again", "", "three!");
    awaitEvent("three!");
    browser.navigate().refresh();
    awaitText("#state", "open");
    publish("again", "", "seven!");
    awaitEvent("seven!");
    assertEquals("!", value("#filter"));
    assertEquals(List.of("one!", "three!", "seven!"), shown());
    assertEquals("4 received", text("#count"));
  }

  @Test
  void theTabsOfABrowserShareOneStreamWhateverTheirTopics() {
    openQuiet("?topic=first");
    String first = browser.getWindowHandle();
    try {
      for (String topic : List.of("second", "third", "fourth", "fifth", "sixth", "seventh")) {
        browser.switchTo().newWindow(WindowType.TAB);
        openQuiet("?topic=" + topic);
      }
      awaitText("#tabs", "7 tabs");
      await("there is one stream", () -> streams() == 1);
      publish("seventh", "", "for the seventh");
      publish("first", "", "for the first");
      awaitEvent("for the seventh");
      assertEquals(List.of("for the seventh"), shown());
      browser.switchTo().window(first);
      awaitEvent("for the first");
      assertEquals(List.of("for the first"), shown());
    } finally {
      closeAllBut(first);
    }
    awaitText("#tabs", "this tab");
    publish("first", "", "alone again");
    awaitEvent("alone again");
    assertEquals(List.of("for the first", "alone again"), shown());
    assertEquals("none", text("#reconnects"));
  }

  @Test
  void whileTabsJoinASharedStreamNothingIsLostOrShownTwice() throws Exception {
    openQuiet("?topic=busy.*");
    String first = browser.getWindowHandle();
    var published = new ArrayList<String>();
    var stopped = new AtomicBoolean();
    var publisher =
        new Thread(
            () -> {
              while (!stopped.get() && published.size() < 450) {
                int n = published.size();
                // some have ids of their own, whose order a client does not know
                String id = n % 3 == 0 ? "?id=own-" + n : "";
                post("events/busy." + (n % 2 == 0 ? "even" : "odd") + id, "part " + n);
                published.add("part " + n);
                Pacing.pause(Duration.ofMillis(20));
              }
            });
    publisher.start();
    try {
      for (String topic : List.of("busy.even", "busy.odd", "busy.*")) {
        browser.switchTo().newWindow(WindowType.TAB);
        openQuiet("?topic=" + topic);
        await("it receives", () -> shown().size() >= 20);
        browser.navigate().refresh();
        awaitText("#state", "open");
      }
      await("there is one stream", () -> streams() == 1);
      stopped.set(true);
      publisher.join();
      for (String window : browser.getWindowHandles()) {
        browser.switchTo().window(window);
        String topic = value("#topics");
        List<String> wanted =
            published.stream()
                .filter(
                    data ->
                        topic.equals("busy.*")
                            || topic.equals("busy.even") == (number(data) % 2 == 0))
                .toList();
        await("the last is received", () -> shown().contains(wanted.get(wanted.size() - 1)));
        List<String> shown = shown();
        int from = window.equals(first) ? 0 : wanted.indexOf(shown.get(0));
        assertEquals(wanted.subList(from, wanted.size()), shown, topic);
      }
    } finally {
      stopped.set(true);
      closeAllBut(first);
    }
  }

  private static int number(String data) {
    return Integer.parseInt(data.substring("part ".length()));
  }

  @Test
  void withoutSharedWorkersEachTabHasItsOwnStream() {
    without(
        "window.SharedWorker",
        () -> {
          openQuiet("?topic=alone");
          publish("alone", "", "received");
          awaitEvent("received");
          awaitText("#tabs", "this tab only");
        });
  }

  @Test
  void aGapIsReported() {
    open("?topic=news&last_event_id=nobody~1");
    awaitText("#gap", "Events may have been missed: the hub does not know the id nobody~1.");
    awaitText("#events .missed", "Events may have been missed");
  }

  @Test
  void aPageBeginsAtThePositionInItsAddress() {
    publish("past", "", "long ago");
    publish("past", "", "a moment ago");
    open("?topic=past&last_event_id=earliest");
    awaitEvent("a moment ago");
    assertEquals(List.of("long ago", "a moment ago"), shown());
  }

  @Test
  void aRefusedStreamIsClosedWithTheReasonAndOtherTabsContinue() {
    openQuiet("?topic=fine");
    String first = browser.getWindowHandle();
    try {
      browser.switchTo().newWindow(WindowType.TAB);
      open("?topic=a**");
      awaitText("#state", "closed: topic: must have * only as a whole part");
      fill("#topics", "a.**");
      click("#subscribe");
      awaitText("#state", "open");
    } finally {
      closeAllBut(first);
    }
    publish("fine", "", "goes on");
    awaitEvent("goes on");
  }

  @Test
  void afterAHubLostItsLogThePageReconnectsAndReportsTheGap() throws IOException {
    try (JarProcess first = JarProcess.start("--port", "0", "--set", "log.kind=memory")) {
      browser.get(first.url() + "?topic=clock");
      awaitText("#events", "Current time is ");
      first.kill();
      awaitText("#state", "reconnecting");
      publishByForm("news", "", "hello");
      awaitText("#answer", "The hub can\u2019t be reached.");
      try (JarProcess second =
          JarProcess.start("--port", Integer.toString(first.port()), "--set", "log.kind=memory")) {
        second.url();
        awaitText("#state", "open");
        awaitText("#gap", "belongs to another log");
        awaitText("#reconnects", "1");
        int before = shown().size();
        await("the clock is received again", () -> shown().size() > before);
      }
    }
  }

  @Test
  void aHubThatIsRestartedLosesNothingAndRepeatsNothing(@TempDir Path data) throws IOException {
    String[] settings = {"--set", "log.dir=" + data, "--set", "producer.clock=false"};
    List<String> published = new ArrayList<>();
    try (JarProcess first = start(0, settings)) {
      browser.get(first.url() + "?topic=story");
      awaitText("#state", "open");
      publishParts(first, published, 50);
      await("all is received", () -> shown().equals(published));
      first.kill();
      awaitText("#state", "reconnecting");
      try (JarProcess elsewhere = start(0, settings)) {
        publishParts(elsewhere, published, 50);
      }
      try (JarProcess second = start(first.port(), settings)) {
        await("what was missed is received, once", () -> shown().equals(published));
        assertEquals("50 events", text("#replayed"));
        assertEquals("1", text("#reconnects"));
        publishParts(second, published, 50);
        await("what is new is received too", () -> shown().equals(published));
        assertEquals("50 events", text("#replayed"));
        assertEquals("", text("#gap"));
      }
    }
  }

  @Test
  void theDrainOfAHubIsReported() throws IOException {
    try (JarProcess first = start(0)) {
      browser.get(first.url() + "?topic=news");
      awaitText("#state", "open");
      first.terminate();
      awaitText("#state", "reconnecting: the hub asked to reconnect");
      assertEquals(List.of(), shown());
    }
  }

  @Test
  void theBrowserLogsNoErrors() {
    open("");
    awaitText("#events", "Current time is ");
    publishByForm("news", "note", "hello");
    opened("hello");
    whilePublishing("news", () -> awaitText("#topics-now", "news"));
    fill("#topics", "news");
    click("#subscribe");
    awaitText("#state", "open");
    assertEquals(List.of(), Chromium.errors(browser));
  }

  @Test
  void everythingFitsOnTheNarrowestPhone() {
    onNarrowPhone(
        () -> {
          openQuiet("?topic=odd");
          awaitText("#nodes", "ready");
          publishByForm("odd", "t".repeat(200), "x".repeat(200));
          opened("x");
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"window.TextDecoderStream", "HTMLScriptElement.prototype.noModule"})
  void aBrowserThatIsTooOldGetsANotice(String missing) {
    without(
        missing,
        () -> {
          open("");
          assertTrue(find("#unsupported").isDisplayed());
          assertTrue(text("#unsupported").contains("too old"));
          assertFalse(find("main").isDisplayed());
        });
  }

  @Test
  void aSupportedBrowserGetsNoNotice() {
    open("");
    assertFalse(find("#unsupported").isDisplayed());
    assertTrue(find("main").isDisplayed());
  }

  private void open(String query) {
    browser.get(hub.url() + query);
  }

  /** Opens the page with topics to which only the test publishes, without events of before. */
  private void openQuiet(String query) {
    open(query + FROM_NOW);
    awaitText("#state", "open");
  }

  /** Runs an action in a browser that lacks a feature. */
  private void without(String missing, Runnable action) {
    Map<String, Object> added =
        browser.executeCdpCommand(
            "Page.addScriptToEvaluateOnNewDocument", Map.of("source", "delete " + missing));
    try {
      action.run();
    } finally {
      browser.executeCdpCommand("Page.removeScriptToEvaluateOnNewDocument", added);
    }
  }

  private void closeAllBut(String window) {
    for (String other : browser.getWindowHandles()) {
      if (!other.equals(window)) {
        browser.switchTo().window(other).close();
      }
    }
    browser.switchTo().window(window);
  }

  private static JarProcess start(int port, String... settings) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--port", Integer.toString(port)));
    arguments.addAll(List.of(settings));
    JarProcess hub = JarProcess.start(arguments.toArray(String[]::new));
    hub.url();
    return hub;
  }

  /** Publishes further parts. */
  private static void publishParts(JarProcess hub, List<String> published, int events) {
    for (int i = 0; i < events; i++) {
      published.add("part " + published.size());
      post(hub, "events/story", published.get(published.size() - 1));
    }
  }

  /** The number of points of the first plot. */
  private int points() {
    return ((Number)
            browser.executeScript(
                "return Chart.getChart('plot-in')?.data.datasets[0].data.length ?? 0"))
        .intValue();
  }

  /** The highest value of the first plot. */
  private double highest() {
    return ((Number)
            browser.executeScript(
                "return Math.max(...Chart.getChart('plot-in').data.datasets[0].data"
                    + ".map((point) => point.y ?? 0))"))
        .doubleValue();
  }

  /** The start of the first plot, in seconds before now. */
  private long axis() {
    return ((Number) browser.executeScript("return Chart.getChart('plot-in').scales.x.min"))
        .longValue();
  }

  /** The number of seconds for which a hub has statistics, as a new stream of /stats reports it. */
  private static int history(JarProcess hub) {
    var request =
        HttpRequest.newBuilder(hub.url().resolve("stats"))
            .header("Accept", "application/x-ndjson")
            .build();
    var answer = HTTP.sendAsync(request, BodyHandlers.ofLines()).join();
    int seconds = 0;
    try (var lines = answer.body()) {
      for (String line : (Iterable<String>) lines::iterator) {
        var json = new JsonObject(line);
        var data = new JsonObject(json.getString("data"));
        switch (json.getString("type")) {
          case "hub.history" -> seconds += data.getJsonArray("rows").size();
          case "hub.stats" -> {
            return seconds + 1;
          }
          default -> {
            // its start
          }
        }
      }
    }
    throw new AssertionError("the stream ended");
  }

  private String plot(String css) {
    return find(css).getDomAttribute("aria-label");
  }

  /** The number of open dashboards, from the hub's statistics. */
  private int streams() {
    var request = HttpRequest.newBuilder(hub.url().resolve("cluster")).build();
    var answer = HTTP.sendAsync(request, BodyHandlers.ofString()).join();
    return new JsonObject(answer.body())
        .getJsonArray("nodes")
        .getJsonObject(0)
        .getJsonObject("internal")
        .getInteger("streams");
  }

  /** Publishes with the form. */
  private void publishByForm(String topic, String type, String data) {
    fill("#publish-topic", topic);
    fill("#publish-type", type);
    fill("#publish-data", data);
    click("#send");
  }

  /** Publishes ten events a second to a topic, as it stands in an address, meanwhile. */
  private void whilePublishing(String topic, Runnable action) {
    ScheduledExecutorService publisher = Executors.newSingleThreadScheduledExecutor();
    publisher.scheduleAtFixedRate(
        () -> publish(topic, "", "of " + topic), 0, 100, TimeUnit.MILLISECONDS);
    try {
      action.run();
    } finally {
      publisher.shutdownNow();
    }
  }

  /** Publishes as another client; returns the number of streams that receive it. */
  private int publish(String topic, String type, String data) {
    return post("events/" + topic + (type.isEmpty() ? "" : "?type=" + type), data)
        .getInteger("subscribers");
  }

  private JsonObject post(String path, String body) {
    return post(hub, path, body);
  }

  private static JsonObject post(JarProcess hub, String path, String body) {
    var request =
        HttpRequest.newBuilder(hub.url().resolve(path)).POST(BodyPublishers.ofString(body)).build();
    var answer = HTTP.sendAsync(request, BodyHandlers.ofString()).join();
    assertEquals(200, answer.statusCode(), answer.body());
    return new JsonObject(answer.body());
  }

  private List<WebElement> events() {
    return browser.findElements(By.cssSelector("#events > li"));
  }

  /** The data of the shown events, oldest first. */
  private List<String> shown() {
    var data =
        (List<?>)
            browser.executeScript(
                "return [...document.querySelectorAll('#events .data')].map((e) => e.textContent)");
    List<String> shown = new ArrayList<>();
    data.forEach(text -> shown.add(0, (String) text));
    return shown;
  }

  private String value(String css) {
    return find(css).getDomProperty("value");
  }

  private void awaitAddress(String query) {
    await("the address is " + query, () -> browser.getCurrentUrl().equals(hub.url() + query));
  }

  private WebElement awaitEvent(String part) {
    awaitText("#events > li", part);
    return events().stream()
        .filter(event -> event.getText().contains(part))
        .findFirst()
        .orElseThrow();
  }

  /** The opened event with its details. */
  private WebElement opened(String part) {
    WebElement event = awaitEvent(part);
    event.findElement(By.tagName("summary")).click();
    await("it is open", () -> !event.findElements(By.tagName("pre")).isEmpty());
    return event;
  }
}
