package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.event.Visibility;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract of every {@link EventLog}. */
public abstract class EventLogContract {
  private static final Selection ALL = Selection.all("**");
  private static final int PAGE = 1_000;

  /** Those of three publishers; the first has no identity. */
  private static final List<String> SCOPES = List.of("", "scope-2", "scope-3");

  /** How long duplicates are recognised. */
  protected static final Duration ONCE = Duration.ofMinutes(10);

  private final List<EventLog> opened = new ArrayList<>();

  /** Opens a new log with the retention and the clock. */
  protected abstract EventLog open(Retention keep, ManualClock clock) throws Exception;

  protected final ManualClock clock = new ManualClock();

  protected EventLog log(long keepEntries, Duration keepAge) throws Exception {
    EventLog log = open(new Retention(0, keepAge, keepEntries), clock);
    opened.add(log);
    return log;
  }

  protected EventLog log() throws Exception {
    return log(0, Duration.ZERO);
  }

  @AfterEach
  void close() throws Exception {
    for (EventLog log : opened) {
      get(log.close());
    }
  }

  protected static <T> T get(Future<T> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  protected static List<String> data(List<Entry> entries) {
    return entries.stream().map(entry -> entry.event().data()).toList();
  }

  /** Reads page after page up to the head. */
  protected static List<Entry> readOn(EventLog log, Position from, Selection filter)
      throws Exception {
    var read = new ArrayList<Entry>();
    Position at = from;
    while (at.offset() < log.bounds().newest()) {
      Page page = get(log.after(at, filter, PAGE));
      assertTrue(page.end().offset() > at.offset(), "a page must advance");
      read.addAll(page.entries());
      at = page.end();
    }
    return read;
  }

  protected List<Entry> publish(EventLog log, String topic, String... data) throws Exception {
    var entries = new ArrayList<Entry>();
    for (String one : data) {
      entries.addAll(get(log.append(List.of(Event.of(topic, one)))));
    }
    return entries;
  }

  private static Position start(EventLog log) {
    return new Position(log.bounds().epoch(), log.bounds().start());
  }

  @Test
  void entriesHaveAscendingOffsetsAndNameTheirPredecessor() throws Exception {
    EventLog log = log();
    assertTrue(log.bounds().empty());
    List<Entry> entries = new ArrayList<>(publish(log, "a", "1", "2"));
    entries.addAll(get(log.append(List.of(Event.of("b", "3"), Event.of("a", "4")))));
    long before = start(log).offset();
    for (Entry entry : entries) {
      assertEquals(before, entry.previous());
      assertTrue(entry.offset() > before);
      before = entry.offset();
    }
    assertEquals(before, log.bounds().newest());
    assertEquals(List.of("1", "2", "3", "4"), data(readOn(log, start(log), ALL)));
  }

  @Test
  void readingReturnsTheMatchingEntriesInOrder() throws Exception {
    EventLog log = log();
    var random = new Random(7);
    var expected = new ArrayList<String>();
    Selection filter = Selection.all("a", "c.*", "nobody");
    for (int i = 0; i < 2_000; i++) {
      String topic = List.of("a", "b", "c.x", "c.y", "c").get(random.nextInt(5));
      publish(log, topic, topic + i);
      if (topic.equals("a") || topic.startsWith("c.")) {
        expected.add(topic + i);
      }
    }
    assertEquals(expected, data(readOn(log, start(log), filter)));
    Selection named = Selection.all("a", "c.x", "c.y");
    assertEquals(expected, data(readOn(log, start(log), named)));
  }

  @Test
  void anEventOfManyTopicsIsReadOnce() throws Exception {
    EventLog log = log();
    get(log.append(List.of(new Event(List.of("a", "b"), "", "", -1, "both"))));
    assertEquals(List.of("both"), data(readOn(log, start(log), Selection.all("a", "b"))));
    assertEquals(List.of("both"), data(readOn(log, start(log), Selection.all("b"))));
    assertEquals(List.of("both"), data(readOn(log, start(log), ALL)));
  }

  @Test
  void aPageHasAboutTheRequestedSizeAndTheNextFollowsIt() throws Exception {
    EventLog log = log();
    publish(log, "a", "x".repeat(400), "y".repeat(400), "z".repeat(5_000), "1");
    Page first = get(log.after(start(log), ALL, 600));
    assertEquals(2, first.entries().size());
    Page second = get(log.after(first.end(), ALL, 600));
    assertEquals(1, second.entries().size());
    Page third = get(log.after(second.end(), ALL, 600));
    assertEquals(List.of("1"), data(third.entries()));
    assertEquals(log.bounds().head(), third.end());
  }

  @Test
  void aPageWithoutMatchingEntriesEndsAtTheHead() throws Exception {
    EventLog log = log();
    publish(log, "a", "1", "2");
    Page page = get(log.after(start(log), Selection.all("b"), PAGE));
    assertEquals(List.of(), page.entries());
    assertEquals(log.bounds().head(), page.end());
  }

  @Test
  void followersReceiveTheEntriesOfAllPublishersOnceInOrder() throws Exception {
    EventLog log = log();
    List<Entry> followed = Collections.synchronizedList(new ArrayList<>());
    log.follow(followed::addAll);
    var publishers = new ArrayList<Thread>();
    for (int p = 0; p < 4; p++) {
      String topic = "p" + p;
      var publisher =
          new Thread(
              () -> {
                for (int i = 0; i < 500; i++) {
                  log.append(List.of(Event.of(topic, topic + i), Event.of(topic, "and")));
                }
              });
      publishers.add(publisher);
      publisher.start();
    }
    for (Thread publisher : publishers) {
      publisher.join();
    }
    get(log.append(List.of(Event.of("end", "end"))));
    assertEquals(4 * 500 * 2 + 1, followed.size());
    assertEquals(readOn(log, start(log), ALL), followed);
    for (int i = 1; i < followed.size(); i++) {
      assertEquals(followed.get(i - 1).offset(), followed.get(i).previous());
    }
  }

  @Test
  void aStreamBeginsAtTheRequestedPosition() throws Exception {
    EventLog log = log();
    List<Entry> a = publish(log, "a", "1", "2");
    publish(log, "b", "3");
    assertStart(log, new ResumeRequest.Live(), ALL, List.of());
    assertStart(log, new ResumeRequest.Earliest(), ALL, List.of("1", "2", "3"));
    assertStart(log, new ResumeRequest.Latest(), ALL, List.of("3"));
    assertStart(log, new ResumeRequest.Latest(), Selection.all("a"), List.of("2"));
    assertStart(log, new ResumeRequest.Latest(), Selection.all("a.**"), List.of("2"));
    assertStart(log, new ResumeRequest.Latest(), Selection.all("none"), List.of());
    assertStart(log, new ResumeRequest.After(a.get(0).id()), ALL, List.of("2", "3"));
    assertStart(log, new ResumeRequest.After(log.bounds().head().toString()), ALL, List.of());
  }

  @Test
  void sinceBeginsAtTheFirstEntryNotOlderThanTheAge() throws Exception {
    EventLog log = log();
    publish(log, "a", "old");
    clock.advance(Duration.ofMinutes(5));
    publish(log, "a", "young");
    clock.advance(Duration.ofMinutes(5));
    assertStart(log, new ResumeRequest.Since(Duration.ofMinutes(6)), ALL, List.of("young"));
    assertStart(log, new ResumeRequest.Since(Duration.ofMinutes(1)), ALL, List.of());
    assertStart(log, new ResumeRequest.Since(Duration.ofHours(1)), ALL, List.of("old", "young"));
  }

  @Test
  void aClockThatIsSetBackLosesNoEntryAndNoKeyAndTimesDoNotFall() throws Exception {
    EventLog log = log(0, Duration.ofMinutes(30));
    var publication = new Publication(List.of(Event.of("a", "1")), "key", false);
    Entry first = get(log.append(publication)).get(0);
    clock.advance(Duration.ofHours(-1));
    assertEquals(List.of(first), get(log.append(publication)));
    Entry second = publish(log, "a", "2").get(0);
    assertTrue(second.time() >= first.time(), first.time() + ", then " + second.time());
    assertStart(log, new ResumeRequest.Since(Duration.ofMinutes(10)), ALL, List.of("1", "2"));
    clock.advance(Duration.ofMinutes(61));
    assertEquals(List.of(first), get(log.append(publication)));
    Entry third = publish(log, "a", "3").get(0);
    assertTrue(third.time() >= second.time(), second.time() + ", then " + third.time());
    assertEquals(List.of("1", "2", "3"), data(readOn(log, start(log), ALL)));
  }

  @Test
  void publishersIdsAreFoundWithinTheFilter() throws Exception {
    EventLog log = log();
    for (String topic : List.of("a", "b")) {
      for (String id : List.of("one", "two", "three")) {
        get(log.append(List.of(new Event(List.of(topic), "", id, -1, topic + " " + id))));
      }
    }
    assertStart(log, new ResumeRequest.After("two"), Selection.all("a"), List.of("a three"));
    assertStart(log, new ResumeRequest.After("two"), Selection.all("b.**"), List.of("b three"));
  }

  @Test
  void anIdThatWasUsedTwiceResumesAfterItsFirstUse() throws Exception {
    EventLog log = log();
    for (String id : List.of("k", "l", "k")) {
      get(log.append(List.of(new Event(List.of("a"), "", id, -1, id))));
    }
    assertStart(log, new ResumeRequest.After("k"), ALL, List.of("l", "k"));
  }

  @Test
  void aMissingPositionIsAGapBeforeTheOldestEntry() throws Exception {
    EventLog log = log(2, Duration.ZERO);
    List<Entry> entries = publish(log, "a", "1", "2", "3", "4");
    String oldest = oldest(log).id();
    Position head = log.bounds().head();
    assertGap(log, entries.get(0).id(), Gap.Reason.REMOVED, oldest);
    assertGap(
        log,
        new Position(head.epoch(), head.offset() + 1_000_000).toString(),
        Gap.Reason.UNKNOWN,
        oldest);
    assertGap(log, "never", Gap.Reason.UNKNOWN, oldest);
    assertGap(
        log, new Position(head.epoch() ^ 1, head.offset()).toString(), Gap.Reason.EPOCH, oldest);
  }

  @Test
  void entriesThatAreEvictedDuringReadingAreAGap() throws Exception {
    EventLog log = log(2, Duration.ZERO);
    Position begin = start(log);
    assertTrue(get(log.after(begin, ALL, PAGE)).gap().isEmpty());
    publish(log, "a", "1", "2", "3", "4", "5");
    Page page = get(log.after(begin, ALL, PAGE));
    assertEquals(Gap.Reason.REMOVED, page.gap().orElseThrow().reason());
    assertEquals(oldest(log), page.entries().get(0));
    Position justBefore = new Position(begin.epoch(), oldest(log).previous());
    assertTrue(get(log.after(justBefore, ALL, PAGE)).gap().isEmpty());
  }

  @Test
  void entriesBeyondTheMaximumAgeAreEvicted() throws Exception {
    EventLog log = log(0, Duration.ofMinutes(10));
    publish(log, "a", "old");
    clock.advance(Duration.ofMinutes(11));
    publish(log, "a", "young");
    assertFalse(data(readOn(log, start(log), ALL)).contains("old"));
    var start =
        get(log.find(new ResumeRequest.Since(Duration.ofMinutes(30)), ALL, Selection.EVERYTHING));
    assertEquals(Gap.Reason.REMOVED, start.gap().orElseThrow().reason());
  }

  @Test
  void aPublicationRepeatedWithItsKeyIsAppendedOnceAndReturnsTheSameEntries() throws Exception {
    EventLog log = log();
    var first = new Publication(List.of(Event.of("a", "1"), Event.of("b", "2")), "key", false);
    List<Entry> entries = get(log.append(first));
    publish(log, "a", "between");
    assertEquals(entries, get(log.append(first)));
    var other = new Publication(List.of(Event.of("a", "other")), "key", false);
    assertThrows(ExecutionException.class, () -> get(log.append(other)));
    var unlike = new Publication(other.events(), "another", false);
    assertEquals(List.of("other"), data(get(log.append(unlike))));
    assertEquals(List.of("1", "2", "between", "other"), data(readOn(log, start(log), ALL)));
    clock.advance(ONCE.plusSeconds(1));
    assertNotEquals(entries, get(log.append(first)));
  }

  @Test
  void concurrentPublicationsWithTheSameKeyAreAppendedOnce() throws Exception {
    EventLog log = log();
    var publication = new Publication(List.of(Event.of("a", "1")), "key", false);
    var answers = new ArrayList<Future<List<Entry>>>();
    for (int i = 0; i < 100; i++) {
      answers.add(log.append(publication));
    }
    for (Future<List<Entry>> answer : answers) {
      assertEquals(get(answers.get(0)), get(answer));
    }
    assertEquals(1, readOn(log, start(log), ALL).size());
  }

  @Test
  void anEventThatIsStoredOnceIsDeduplicatedByTopicAndId() throws Exception {
    EventLog log = log();
    var one = new Event(List.of("a"), "", "one", -1, "1");
    var two = new Event(List.of("a"), "", "two", -1, "2");
    var elsewhere = new Event(List.of("b"), "", "one", -1, "b1");
    Entry entry = get(log.append(new Publication(List.of(one), "", true))).get(0);
    List<Entry> both = get(log.append(new Publication(List.of(one, two, two), "", true)));
    assertEquals(entry, both.get(0));
    assertEquals(both.get(1), both.get(2));
    get(log.append(new Publication(List.of(elsewhere), "", true)));
    assertEquals(List.of("1", "2", "b1"), data(readOn(log, start(log), ALL)));
    get(log.append(new Publication(List.of(one), "", false)));
    assertEquals(List.of("1", "2", "b1", "1"), data(readOn(log, start(log), ALL)));
  }

  @Test
  void publishersOfDifferentScopesEachHaveTheirEventsStoredUnderTheSameKey() throws Exception {
    EventLog log = log();
    List<Entry> followed = Collections.synchronizedList(new ArrayList<>());
    log.follow(followed::addAll);
    var same = new Publication(List.of(Event.of("a", "same")), "key", false);
    var answers = new ArrayList<Entry>();
    for (String scope : SCOPES) {
      answers.addAll(get(log.append(same.withScope(scope))));
    }
    var own = new Publication(List.of(Event.of("a", "own")), "key", false).withScope("scope-4");
    answers.addAll(get(log.append(own)));
    assertEquals(SCOPES.size() + 1, answers.stream().map(Entry::offset).distinct().count());
    for (int i = 0; i < SCOPES.size(); i++) {
      assertEquals(List.of(answers.get(i)), get(log.append(same.withScope(SCOPES.get(i)))));
      var other = new Publication(own.events(), "key", false).withScope(SCOPES.get(i));
      assertThrows(ExecutionException.class, () -> get(log.append(other)));
    }
    assertEquals(List.of(answers.get(answers.size() - 1)), get(log.append(own)));
    publish(log, "a", "end");
    assertEquals(List.of("same", "same", "same", "own", "end"), data(followed));
    assertEquals(followed, readOn(log, start(log), ALL));
  }

  @Test
  void publishersOfDifferentScopesEachHaveTheirEventStoredOnceUnderTheSameId() throws Exception {
    EventLog log = log();
    var one = new Event(List.of("a"), "", "id", -1, "1");
    var answers = new ArrayList<Entry>();
    for (String scope : SCOPES) {
      var first = new Publication(List.of(one, one), "", true).withScope(scope);
      List<Entry> entries = get(log.append(first));
      assertEquals(entries.get(0), entries.get(1));
      answers.add(entries.get(0));
    }
    assertEquals(SCOPES.size(), answers.stream().map(Entry::offset).distinct().count());
    for (int i = 0; i < SCOPES.size(); i++) {
      var again = new Publication(List.of(one), "", true).withScope(SCOPES.get(i));
      assertEquals(List.of(answers.get(i)), get(log.append(again)));
      var keyed = new Publication(List.of(one), "key", true).withScope(SCOPES.get(i));
      assertEquals(List.of(answers.get(i)), get(log.append(keyed)));
    }
    assertEquals(answers, readOn(log, start(log), ALL));
  }

  @Test
  void aRetryIsRecognisedAmongConcurrentPublicationsOfOtherScopesWithTheSameKey() throws Exception {
    EventLog log = log();
    var publication = new Publication(List.of(Event.of("a", "1")), "key", false);
    var answers = new ArrayList<Future<List<Entry>>>();
    for (int i = 0; i < 99; i++) {
      answers.add(log.append(publication.withScope(SCOPES.get(i % SCOPES.size()))));
    }
    for (int i = 0; i < answers.size(); i++) {
      assertEquals(get(answers.get(i % SCOPES.size())), get(answers.get(i)));
    }
    assertEquals(SCOPES.size(), readOn(log, start(log), ALL).size());
  }

  @Test
  void anIdThatOnlyUnreadableEntriesHaveIsLikeOneThatNoEntryHas() throws Exception {
    EventLog log = log();
    Entry oldest = publishWithId(log, "theirs", "first");
    publishWithId(log, "theirs", "secret");
    publishWithId(log, "mine", "own");
    publishWithId(log, "theirs", "last");
    Selection mine = Selection.all("mine", "shared.*");
    StreamStart never = get(log.find(new ResumeRequest.After("never"), mine, mine));
    var gap = new Gap(Gap.Reason.UNKNOWN, "never", oldest.position().toString());
    assertEquals(gap, never.gap().orElseThrow(), "their id is not named either");
    for (String id : List.of("first", "secret", "last")) {
      StreamStart start = get(log.find(new ResumeRequest.After(id), mine, mine));
      assertEquals(never.after(), start.after());
      assertEquals(new Gap(gap.reason(), id, gap.next()), start.gap().orElseThrow());
      assertTrue(get(log.find(new ResumeRequest.After(id), mine, ALL)).gap().isEmpty());
    }
    Selection shared = Selection.all("shared.x");
    assertEquals(
        get(log.find(new ResumeRequest.After("own"), mine, mine)),
        get(log.find(new ResumeRequest.After("own"), shared, mine)),
        "the filter may have changed");
    String position = oldest.position().toString();
    StreamStart after = get(log.find(new ResumeRequest.After(position), mine, mine));
    assertEquals(StreamStart.after(oldest.position()), after);
  }

  @Test
  void anIdThatOthersUsedEarlierResumesAfterItsReadableUse() throws Exception {
    EventLog log = log();
    publishWithId(log, "theirs", "id");
    Entry own = publishWithId(log, "mine", "id");
    publishWithId(log, "theirs", "id");
    Selection mine = Selection.all("mine");
    StreamStart start = get(log.find(new ResumeRequest.After("id"), mine, mine));
    assertEquals(own.offset(), start.after().offset());
    assertTrue(start.gap().isEmpty());
  }

  /** Publishes an event with an id, in a scope that is that of its topic. */
  private static Entry publishWithId(EventLog log, String topic, String id) throws Exception {
    var event = new Event(List.of(topic), "", id, -1, topic + " " + id);
    return get(log.append(Publication.of(List.of(event)).withScope(topic))).get(0);
  }

  @Test
  void theLatestEntryOfAnIdleTopicIsFound() throws Exception {
    EventLog log = log();
    get(log.append(List.of(new Event(List.of("quiet.a", "quiet.b"), "", "", -1, "quiet"))));
    for (int i = 0; i < 50; i++) {
      publish(log, "busy", "x".repeat(100));
    }
    assertStart(log, new ResumeRequest.Latest(), Selection.all("quiet.b"), List.of("quiet"));
    assertStart(log, new ResumeRequest.Latest(), Selection.all("quiet.*"), List.of("quiet"));
    assertStart(log, new ResumeRequest.Latest(), Selection.all("quiet.none"), List.of());
  }

  @Test
  void anIdOutsideOfTheFilterIsFoundToo() throws Exception {
    EventLog log = log();
    get(log.append(List.of(new Event(List.of("a"), "", "id", -1, "1"))));
    publish(log, "b", "2");
    assertStart(log, new ResumeRequest.After("id"), Selection.all("b"), List.of("2"));
  }

  @Test
  void aFollowerThatThrowsFailsNoAppend() throws Exception {
    EventLog log = log();
    List<Entry> followed = new CopyOnWriteArrayList<>();
    log.follow(
        entries -> {
          throw new IllegalStateException("a follower's bug");
        });
    log.follow(followed::addAll);
    List<Entry> entries = publish(log, "a", "1", "2");
    assertEquals(entries, readOn(log, start(log), ALL));
    Wait.until("the other follower has all", () -> followed.equals(entries));
  }

  @Test
  void anEmptyPublicationAppendsNothing() throws Exception {
    EventLog log = log();
    var followed = new ArrayList<Entry>();
    log.follow(followed::addAll);
    assertEquals(List.of(), get(log.append(List.of())));
    assertEquals(List.of(), followed);
    assertTrue(log.bounds().empty());
  }

  // ---- private events

  private static Event secret(String data, String... topics) {
    return new Event(List.of(topics), "", "", -1, data, Visibility.PRIVATE);
  }

  /** A selection of everything that the filter matches, and of private events by the others. */
  private static Selection cut(String filter, String... privates) {
    return Selection.of(
        Filter.of(filter.split(" ")),
        privates.length == 0 ? Optional.empty() : Optional.of(Filter.of(privates)));
  }

  @Test
  void aPrivateEventIsReadByTheSelectionsThatHaveItsTopicForPrivateOnes() throws Exception {
    EventLog log = log();
    get(log.append(List.of(Event.of("a", "1"), secret("2", "a"), secret("3", "a", "b"))));
    publish(log, "b", "4");
    for (String name : List.of("a", "a.**")) {
      assertEquals(List.of("1", "2", "3"), data(readOn(log, start(log), Selection.all(name))));
      assertEquals(List.of("1"), data(readOn(log, start(log), cut(name))));
    }
    assertEquals(List.of("1", "4"), data(readOn(log, start(log), cut("**"))));
    assertEquals(List.of("1", "3", "4"), data(readOn(log, start(log), cut("**", "b.**"))));
    assertEquals(List.of("1", "3", "4"), data(readOn(log, start(log), cut("a b", "b"))));
    List<Entry> all = readOn(log, start(log), ALL);
    assertEquals(
        List.of(false, true, true, false),
        all.stream().map(entry -> entry.event().isPrivate()).toList());
  }

  @Test
  void aPrivateEventIsTheLatestOnlyOfThoseWhoMayReadIt() throws Exception {
    EventLog log = log();
    publish(log, "a", "1");
    get(log.append(List.of(secret("2", "a"), secret("3", "b"))));
    for (String name : List.of("a", "a.**")) {
      assertStart(log, new ResumeRequest.Latest(), Selection.all(name), List.of("2"));
      assertStart(log, new ResumeRequest.Latest(), cut(name), List.of("1"));
    }
    assertStart(log, new ResumeRequest.Latest(), cut("**", "b"), List.of("3"));
    assertStart(log, new ResumeRequest.Latest(), cut("b"), List.of());
  }

  @Test
  void anIdOfAPrivateEventIsUnknownToThoseWhoMayNotReadIt() throws Exception {
    EventLog log = log();
    Event secret = new Event(List.of("a"), "", "secret", -1, "1", Visibility.PRIVATE);
    Entry first = get(log.append(List.of(secret))).get(0);
    get(log.append(List.of(new Event(List.of("a"), "", "known", -1, "2"))));
    Selection everybody = cut("a");
    StreamStart never = get(log.find(new ResumeRequest.After("never"), everybody, everybody));
    StreamStart start = get(log.find(new ResumeRequest.After("secret"), everybody, everybody));
    assertEquals(never.after(), start.after());
    String position = first.position().toString();
    assertEquals(
        new Gap(Gap.Reason.UNKNOWN, "secret", position),
        start.gap().orElseThrow(),
        "its id is not named");
    assertTrue(get(log.find(new ResumeRequest.After("secret"), ALL, ALL)).gap().isEmpty());
    StreamStart known = get(log.find(new ResumeRequest.After("known"), everybody, everybody));
    assertTrue(known.gap().isEmpty(), known::toString);
    StreamStart after = get(log.find(new ResumeRequest.After(position), everybody, everybody));
    assertEquals(StreamStart.after(first.position()), after, "a private event is no gap");
  }

  @Test
  void everySelectionReadsWhatAScanOfAllEntriesFinds() throws Exception {
    EventLog log = log();
    long seed = 11;
    var random = new Random(seed);
    String[] topics = {"a", "b", "c.x", "c.y", "d"};
    for (int batch = 0; batch < 60; batch++) {
      var events = new ArrayList<Event>();
      for (int i = random.nextInt(10); i >= 0; i--) {
        List<String> some =
            random
                .ints(1 + random.nextInt(2), 0, topics.length)
                .distinct()
                .mapToObj(t -> topics[t])
                .toList();
        Visibility visibility = random.nextInt(3) == 0 ? Visibility.PRIVATE : Visibility.PUBLIC;
        String id = random.nextBoolean() ? "id" + random.nextInt(100) : "";
        events.add(new Event(some, "", id, -1, batch + "." + i, visibility));
      }
      get(log.append(events));
    }
    List<Entry> all = readOn(log, start(log), ALL);
    for (int i = 0; i < 40; i++) {
      Filter filter = randomFilter(random);
      Selection one =
          Selection.of(
              filter,
              Optional.of(randomFilter(random))
                  .filter(any -> random.nextInt(4) > 0)
                  .flatMap(filter::intersect));
      List<Entry> expected = all.stream().filter(entry -> one.matches(entry.event())).toList();
      assertEquals(expected, readOn(log, start(log), one), () -> one + ", seed " + seed);
      Position latest = get(log.find(new ResumeRequest.Latest(), one, one)).after();
      assertEquals(
          expected.isEmpty() ? List.of() : expected.subList(expected.size() - 1, expected.size()),
          readOn(log, latest, one),
          () -> "the latest of " + one + ", seed " + seed);
      String id = "id" + random.nextInt(100);
      var offset =
          expected.stream().filter(e -> e.event().id().equals(id)).map(Entry::offset).findFirst();
      StreamStart start = get(log.find(new ResumeRequest.After(id), one, one));
      assertEquals(offset.isEmpty(), start.gap().isPresent(), () -> id + " " + one + " " + seed);
      offset.ifPresent(at -> assertEquals(at, start.after().offset(), () -> id + " " + one));
    }
  }

  private static Filter randomFilter(Random random) {
    String[] patterns = {"a", "b", "c.x", "c.y", "d", "none", "c.*", "*", "**", "c.**"};
    return Filter.of(
        random.ints(1 + random.nextInt(3), 0, patterns.length).mapToObj(p -> patterns[p]).toList());
  }

  private Entry oldest(EventLog log) throws Exception {
    return readOn(log, start(log), ALL).get(0);
  }

  private static void assertStart(
      EventLog log, ResumeRequest resume, Selection filter, List<String> expected)
      throws Exception {
    StreamStart start = get(log.find(resume, filter, Selection.EVERYTHING));
    assertTrue(start.gap().isEmpty(), () -> resume + ": " + start.gap());
    assertEquals(expected, data(readOn(log, start.after(), filter)), resume.toString());
  }

  private static void assertGap(EventLog log, String id, Gap.Reason reason, String next)
      throws Exception {
    StreamStart start = get(log.find(new ResumeRequest.After(id), ALL, Selection.EVERYTHING));
    assertEquals(new Gap(reason, id, next), start.gap().orElseThrow());
    assertEquals(readOn(log, start(log), ALL), readOn(log, start.after(), ALL));
  }
}
