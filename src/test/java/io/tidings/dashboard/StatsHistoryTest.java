package io.tidings.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.dashboard.StatsHistory.Part;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StatsHistoryTest {
  private static final long SECOND = 1_000;
  private static final long HALF_AN_HOUR = 1_800;

  private final AtomicLong millis = new AtomicLong(1_000_000_000_000L);
  private final StatsHistory history = new StatsHistory(() -> Instant.ofEpochMilli(millis.get()));

  @Test
  void anEmptyHistoryHasNothing() {
    assertEquals(0, history.next());
    assertEquals(0, history.since(Duration.ofHours(1)));
    assertEquals(new Part(List.of(), 0), history.from(0, 0, 100));
  }

  @Test
  void samplesAreRetainedInOrderUnderTheirNumbers() {
    tick(3);
    assertEquals(List.of(1.0, 2.0), in(history.from(1, 3, 100)));
    assertEquals(3, history.next());
  }

  @Test
  void aPartIsBoundedAndEndsWhereTheNextBegins() {
    tick(10);
    Part part = history.from(2, 9, 4);
    assertEquals(List.of(2.0, 3.0, 4.0, 5.0), in(part));
    assertEquals(6, part.end());
    assertEquals(9, history.from(6, 9, 4).end());
  }

  @Test
  void aFullRingEvictsTheOldestSamplesAtAnyRate() {
    for (int i = 0; i < 5_000; i++) {
      history.add(sample(i));
    }
    Part all = history.from(0, history.next(), Integer.MAX_VALUE);
    assertEquals(HALF_AN_HOUR, all.samples().size());
    assertEquals(3_200.0, in(all).get(0));
    assertEquals(5_000, all.end());
  }

  @Test
  void samplesExpireAfterHalfAnHourAlsoIfSecondsAreMissing() {
    tick(10);
    millis.addAndGet(HALF_AN_HOUR * SECOND - 5 * SECOND);
    assertEquals(5, history.since(Duration.ofHours(1)));
    tick(1);
    Part all = history.from(0, history.next(), Integer.MAX_VALUE);
    assertEquals(List.of(6.0, 7.0, 8.0, 9.0, 10.0), in(all));
    millis.addAndGet(HALF_AN_HOUR * SECOND + 1);
    assertEquals(11, history.since(Duration.ofHours(1)));
    assertEquals(new Part(List.of(), 11), history.from(0, 11, 100));
  }

  @Test
  void theFirstSampleWithinAnAgeIsFound() {
    tick(100);
    assertEquals(90, history.since(Duration.ofSeconds(10)));
    assertEquals(100, history.since(Duration.ZERO));
  }

  @Test
  void aClockThatIsSetBackLosesNoSample() {
    tick(10);
    millis.addAndGet(-3_600 * SECOND);
    tick(10);
    assertEquals(20, history.from(0, 20, 100).samples().size());
  }

  @Test
  void theSizeIsThatOfItsNumbers() {
    assertEquals(158_400, StatsHistory.BYTES);
  }

  @Test
  void nanIsNullInJson() {
    var cells = new double[StatsSample.COLUMNS.size()];
    cells[0] = 1_700_000_000_123.0;
    cells[1] = 0.5;
    cells[7] = Double.NaN;
    String json = new StatsSample(cells).toJson().encode();
    assertTrue(json.startsWith("[1700000000123,0.5,0.0"), json);
    assertEquals(null, new StatsSample(cells).toJson().getValue(7), json);
  }

  /** Adds a sample, and lets a second pass, so many times. */
  private void tick(int seconds) {
    LongStream.range(0, seconds)
        .forEach(
            second -> {
              history.add(sample(history.next()));
              millis.addAndGet(SECOND);
            });
  }

  private StatsSample sample(double in) {
    var cells = new double[StatsSample.COLUMNS.size()];
    cells[0] = millis.get();
    cells[1] = in;
    return new StatsSample(cells);
  }

  private static List<Double> in(Part part) {
    return part.samples().stream().map(sample -> sample.cells()[1]).toList();
  }
}
