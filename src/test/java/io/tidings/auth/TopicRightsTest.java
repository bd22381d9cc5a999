package io.tidings.auth;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Selection;
import io.tidings.event.Visibility;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicRightsTest {
  private static Principal of(String subscribe, String publish, boolean admin) {
    return new Principal(
        "issuer",
        "alice",
        new Grants(filter(subscribe), filter(publish), admin),
        Optional.empty(),
        Optional.empty());
  }

  private static Optional<Filter> filter(String patterns) {
    return patterns.isEmpty() ? Optional.empty() : Optional.of(Filter.of(patterns.split(" ")));
  }

  private static Selection readable(String granted, String asked) {
    return TopicRights.readable(of(granted, "", false), filter(asked).get());
  }

  @ParameterizedTest
  @CsvSource({
    "orders.**, orders.new, orders.new",
    "orders.**, **, orders.**",
    "orders.** news, **, news orders.**",
    "orders.**, *.new, orders.new",
    "orders.**, orders, orders",
    "*.new *.old, orders.*, orders.new orders.old",
    "hub.**, hub.log, hub.log",
    "** hub.stats, ** hub.**, ** hub.stats"
  })
  void aStreamIsCutToWhatIsGranted(String granted, String asked, String filter) {
    assertEquals(Selection.all(filter(filter).get()), readable(granted, asked));
  }

  @ParameterizedTest
  @CsvSource({
    "orders.**, news, news",
    "orders.**, orders.new news, news",
    "orders.**, news.**, news.**",
    "orders.**, Orders.new, Orders.new",
    "**, hub.log, hub.log",
    "**, ** hub.**, hub.**",
    "*.*, hub.*, hub.*",
    "'', a, a"
  })
  void whatMeetsNothingThatIsGrantedIsNamed(String granted, String asked, String named) {
    var refused = assertThrows(NotGranted.class, () -> readable(granted, asked));
    assertEquals(named, refused.topic());
    assertEquals("must be one that is granted (subscribe): " + named, refused.rule());
    assertTrue(refused.identified());
  }

  @Test
  void adminReadsTheHubsOwnTopicsAndNoOthers() {
    Principal admin = of("", "", true);
    assertEquals(Selection.all("hub.**"), TopicRights.readable(admin, Filter.of("hub.**")));
    assertThrows(NotGranted.class, () -> TopicRights.readable(admin, Filter.of("a")));
    assertTrue(TopicRights.mayRead(admin, "hub.stats"));
    assertFalse(TopicRights.mayRead(admin, "a"));
    assertFalse(TopicRights.mayRead(of("**", "", false), "hub.stats"));
  }

  private static Principal with(String own, String everybodys, boolean admin) {
    Grants all = new Grants(filter(everybodys), Optional.empty(), false).toEverybody();
    Grants grants = new Grants(filter(own), Optional.empty(), admin).and(all);
    return new Principal("issuer", "alice", grants, Optional.empty(), Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({
    "'', **, news, news, ''",
    "user.7.**, **, **, **, user.7.**",
    "user.7.**, **, news, news, ''",
    "user.7.**, **, user.7.a, user.7.a, user.7.a",
    "user.7.**, news, **, news user.7.**, user.7.**",
    "**, public.**, **, **, **",
    "a.*, a.b, *.b, a.b, a.b"
  })
  void privateEventsAreReadWhereAPrincipalIsGrantedTheTopicItself(
      String own, String everybodys, String asked, String filter, String privates) {
    var expected = Selection.of(filter(filter).get(), filter(privates));
    Principal principal = with(own, everybodys, false);
    assertEquals(expected, TopicRights.readable(principal, filter(asked).get()));
    assertEquals(
        filter(privates).equals(filter(filter)),
        TopicRights.readable(principal, filter(asked).get()).whole());
  }

  @Test
  void aPrivateEventNeedsATopicThatIsAskedForAndGrantedToThePrincipalItself() {
    long seed = 3;
    var random = new Random(seed);
    List<String> topics = List.of("a", "b", "a.b", "a.a", "b.a", "a.b.a", "b.b.b");
    for (int i = 0; i < 20_000; i++) {
      String own = random(random);
      String everybodys = random(random);
      String asked = random(random);
      Selection selection;
      try {
        selection = TopicRights.readable(with(own, everybodys, false), filter(asked).get());
      } catch (NotGranted e) {
        continue;
      }
      for (String topic : topics) {
        boolean wanted = filter(asked).get().matches(topic);
        boolean granted = filter(own).get().matches(topic);
        boolean readable = granted || filter(everybodys).get().matches(topic);
        Event event = Event.of(topic, "");
        Supplier<String> what = () -> topic + ": " + asked + " / " + own + " / " + everybodys;
        assertEquals(wanted && readable, selection.matches(event), what);
        assertEquals(wanted && granted, selection.matches(event.with(Visibility.PRIVATE)), what);
      }
    }
  }

  private static String random(Random random) {
    var patterns = new StringBuilder();
    for (int p = random.nextInt(3); p >= 0; p--) {
      for (int part = random.nextInt(3); part >= 0; part--) {
        patterns.append(List.of("a", "b", "*").get(random.nextInt(3))).append('.');
      }
      int end = random.nextBoolean() ? patterns.length() - 1 : patterns.length();
      patterns.setLength(end);
      patterns.append(patterns.charAt(end - 1) == '.' ? "** " : " ");
    }
    return patterns.toString().strip();
  }

  @Test
  void everythingThatAPrincipalMayReadContainsWhatItsStreamsReceive() {
    Principal alice = with("user.7.** *.secret", "**", false);
    assertEquals(
        Selection.of(Filter.of("**"), filter("user.7.** *.secret")), TopicRights.readable(alice));
    assertEquals(
        Selection.all("hub.**"), TopicRights.readable(with("", "", true), Filter.of("hub.**")));
    Filter both = Filter.of("**", "hub.**");
    assertEquals(
        Selection.of(both, filter("hub.**")), TopicRights.readable(with("", "**", true), both));
    assertEquals(Selection.EVERYTHING, TopicRights.readable(Principal.HUB));
  }

  @Test
  void aFilterOfMoreThanAThousandPatternsIsTheClientsFault() {
    Filter asked = Filter.of(IntStream.range(0, 40).mapToObj(i -> "a" + i + ".*").toList());
    Filter granted = Filter.of(IntStream.range(0, 40).mapToObj(i -> "*.b" + i).toList());
    Principal principal =
        new Principal(
            "",
            "a",
            new Grants(Optional.of(granted), Optional.empty(), false),
            Optional.empty(),
            Optional.empty());
    var failure = assertThrows(InvalidEvent.class, () -> TopicRights.readable(principal, asked));
    assertFalse(failure instanceof NotGranted);
    assertEquals("topic", failure.field());
  }

  @Test
  void theHubReadsWhatItAsksForAsItIs() {
    Filter asked = Filter.of("a.**", "a.b", "hub.**");
    assertSame(asked, TopicRights.readable(Principal.HUB, asked).filter());
  }

  private static void publish(String granted, boolean admin, String... topics) {
    var event = new Event(List.of(topics), "", "", Event.NO_RETRY, "");
    TopicRights.checkPublish(of("", granted, admin), event);
  }

  @Test
  void everyTopicOfAnEventMustBeGranted() {
    assertDoesNotThrow(() -> publish("a.** b", false, "a", "a.x", "b"));
    var refused = assertThrows(NotGranted.class, () -> publish("a.** b", false, "a", "c", "d"));
    assertEquals("c", refused.topic());
    assertThrows(NotGranted.class, () -> publish("", true, "a"));
  }

  @Test
  void theScenesTopicsNeedAGrantOfTheirOwn() {
    assertThrows(NotGranted.class, () -> publish("**", false, "scenes.jobs"));
    assertThrows(NotGranted.class, () -> publish("*.jobs", false, "scenes.jobs"));
    assertThrows(NotGranted.class, () -> publish("scenes.answers", false, "scenes.jobs"));
    assertDoesNotThrow(() -> publish("scenes.*", false, "scenes.jobs"));
    assertDoesNotThrow(() -> publish("", true, "scenes.jobs"));
  }

  @Test
  void aRefusalKeepsItsKindOnALineOfABatch() {
    var refused = NotGranted.publish(of("", "", false), "a").atLine(3);
    assertEquals(3, refused.line());
    assertEquals("a", refused.topic());
    assertEquals("line 3: topic: must be one that is granted (publish): a", refused.getMessage());
    assertFalse(NotGranted.publish(Principal.UNKNOWN, "a").identified());
  }
}
