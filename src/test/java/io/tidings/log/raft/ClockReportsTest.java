package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.log.ExpiringRecord;
import io.tidings.log.ManualClock;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClockReportsTest {
  private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

  private final ManualClock clock = new ManualClock();
  private final List<Command.ReportClock> sent = new ArrayList<>();
  private Future<Void> outcome = Future.succeededFuture();
  private final ReplicatedState state = ReplicatedState.initial();
  private final ClockReports reports =
      new ClockReports("a:1", this::send, clock.cautious(), clock::nanoTime);
  private List<String> voters = List.of("a:1", "b:1", "c:1");

  private Future<Void> send(Command command) {
    sent.add((Command.ReportClock) command);
    return outcome;
  }

  private void passWithTicks(Duration time) {
    for (long seconds = 0; seconds < time.toSeconds(); seconds += 5) {
      clock.advance(Duration.ofSeconds(5));
      reports.tick(state, voters);
    }
  }

  private void putRecord() {
    state.apply(1, new Command.PutRecord(1, new ExpiringRecord("a", "key", "", LATER)));
  }

  @Test
  void aNodeThatIsNoVoterReportsNothing() {
    voters = List.of("b:1", "c:1", "d:1");
    putRecord();
    passWithTicks(Duration.ofHours(3));
    assertEquals(List.of(), sent);
  }

  @Test
  void withoutRecordsNothingIsReported() {
    passWithTicks(Duration.ofHours(3));
    assertEquals(List.of(), sent);
  }

  @Test
  void aClockIsReportedEveryTenMinutesOnceItIsBelieved() {
    putRecord();
    passWithTicks(Duration.ofMinutes(59));
    assertEquals(List.of(), sent);
    passWithTicks(Duration.ofSeconds(65));
    assertEquals(1, sent.size());
    assertEquals(
        new Command.ReportClock(0, "a:1", 3, clock.millis()), sent.get(0), "within its tick");
    passWithTicks(Duration.ofMinutes(30));
    assertEquals(4, sent.size());
  }

  @Test
  void aReportThatFailsIsRepeatedSoon() {
    putRecord();
    outcome = Future.failedFuture("no leader");
    passWithTicks(Duration.ofSeconds(3_605));
    assertEquals(1, sent.size());
    passWithTicks(Duration.ofMinutes(1));
    assertEquals(7, sent.size());
  }
}
