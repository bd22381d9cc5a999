package io.tidings.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.dashboard.TopTopics.Counted;
import io.tidings.dashboard.TopTopics.Topic;
import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.log.Entry;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TopTopicsTest {
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong nanos = new AtomicLong(SECOND);
  private final TopTopics topTopics = new TopTopics(nanos::get);

  @Test
  void theTopicsWithTheMostEventsComeFirst() {
    count("alarms", "news", "news", "news", "weather");
    assertEquals(
        List.of(new Topic("news", 3), new Topic("alarms", 1)), topTopics.drain(2).topics());
    assertEquals(List.of(), topTopics.drain(2).topics());
  }

  @Test
  void theHubsOwnClockIsNotCounted() {
    count("clock", "news");
    assertEquals(List.of(new Topic("news", 1)), topTopics.drain(2).topics());
  }

  @Test
  void countsCoverTheTimeSinceTheyWereDrainedHoweverLateThatIs() {
    count("a");
    nanos.addAndGet(3 * SECOND);
    assertEquals(new Counted(List.of(new Topic("a", 1)), 3), topTopics.drain(9));
    count("a");
    nanos.addAndGet(SECOND / 2);
    assertEquals(new Counted(List.of(new Topic("a", 1)), 0.5), topTopics.drain(9));
  }

  @Test
  void countsCoverTheTimeSinceARestart() {
    count("a");
    nanos.addAndGet(100 * SECOND);
    topTopics.restart();
    count("b", "b");
    nanos.addAndGet(SECOND);
    assertEquals(new Counted(List.of(new Topic("b", 2)), 1), topTopics.drain(9));
  }

  @Test
  void countsThatCoverNoTimeAreThoseOfAMillisecond() {
    count("a");
    assertEquals(0.001, topTopics.drain(9).seconds());
  }

  @Test
  void theNumberOfCountedTopicsIsBounded() {
    for (int i = 0; i < 20_000; i++) {
      count("t" + i);
    }
    assertEquals(10_000, topTopics.drain(Integer.MAX_VALUE).topics().size());
  }

  private void count(String... topics) {
    topTopics.count(
        Stream.of(topics)
            .map(topic -> Entry.of(new Position(1, 1), 0, 0, Event.of(topic, "")))
            .toList());
  }
}
