package io.tidings.scenes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobsTest {
  /** A job of some seconds, so that it still runs when the test stops it. */
  private static final long LONG = 1L << 30;

  private final RecordingIntake published = new RecordingIntake();
  private Jobs jobs;

  @AfterEach
  void stop() throws Exception {
    published.close();
  }

  @Test
  void aJobEndsWithItsResult() throws Exception {
    withJobsOf(1_000_000);
    published.run(() -> jobs.start("job-one-1"));
    Wait.until("done", () -> !published.types("scenes.job.job-one-1").isEmpty());
    List<JsonObject> reported = published.of("scenes.job.job-one-1");
    assertEquals("progress", reported.get(0).getString("type"));
    JsonObject last = reported.get(reported.size() - 1);
    assertEquals("done", last.getString("type"));
    var result = new JsonObject(last.getString("data"));
    assertEquals(1_000_000, result.getLong("bytes"));
    assertTrue(result.getString("sha256").matches("[0-9a-f]{64}"));
    // digits have less than half a byte of information each, which is what gzip achieves
    assertTrue(result.getLong("compressedBytes") > 500_000);
    assertTrue(result.getLong("compressedBytes") < 600_000);
  }

  @Test
  void beyondTheLimitAJobIsRefusedOnItsOwnTopicAndTheOthersContinue() throws Exception {
    withJobsOf(LONG);
    published.run(
        () -> {
          jobs.start("job-one-1");
          jobs.start("job-two-2");
          jobs.start("job-two-2");
          jobs.start("job-many-3");
        });
    Wait.until("refused", () -> !published.types("scenes.job.job-many-3").isEmpty());
    assertEquals(List.of("failed"), published.types("scenes.job.job-many-3"));
    assertEquals(List.of(), published.types("scenes.job.job-one-1"));

    published.run(() -> jobs.cancel("job-one-1"));
    Wait.until("cancelled", () -> !published.types("scenes.job.job-one-1").isEmpty());
    assertEquals(List.of("cancelled"), published.types("scenes.job.job-one-1"));
    published.run(() -> jobs.start("job-next-4"));
    assertEquals(List.of(), published.types("scenes.job.job-next-4"));
    end();
    assertEquals(List.of("cancelled"), published.types("scenes.job.job-two-2"));
    assertEquals(List.of("cancelled"), published.types("scenes.job.job-next-4"));
  }

  /** The clock moves 50 ms with each of the 128 chunks that are written or compressed. */
  @Test
  void progressIsReportedAtAnInterval() throws Exception {
    var nanos = new AtomicLong();
    var reports = new ArrayList<JsonObject>();
    JsonObject result =
        new Job(64 * 65_536, reports::add, () -> nanos.getAndAdd(TimeUnit.MILLISECONDS.toNanos(50)))
            .run();
    assertEquals(32, reports.size(), "one each 200 ms");
    assertEquals(
        Set.of(1_310_720L),
        reports.stream().map(one -> one.getLong("bytesPerSecond")).collect(Collectors.toSet()));
    List<Long> percents = reports.stream().map(one -> one.getLong("percent")).toList();
    assertEquals(percents.stream().sorted().toList(), percents);
    assertEquals(3, percents.get(0));
    assertEquals(100, percents.get(31));
    assertEquals(6.45, result.getDouble("seconds"));
  }

  @Test
  void noProgressIsReportedWhileTheClockDoesNotAdvance() throws Exception {
    var reports = new ArrayList<JsonObject>();
    JsonObject result = new Job(1 << 20, reports::add, () -> 7).run();
    assertEquals(List.of(), reports);
    assertEquals(0, result.getDouble("seconds"));
  }

  @Test
  void aJobThatIsCancelledEnds() {
    var job = new Job(LONG, progress -> {});
    job.cancel();
    assertThrows(CancellationException.class, job::run);
  }

  private void withJobsOf(long bytes) throws Exception {
    published.run(() -> jobs = new Jobs(published.vertx, published.publisher, bytes));
  }

  private void end() throws Exception {
    var ended = new CompletableFuture<Void>();
    published.run(() -> jobs.stop().onComplete(done -> ended.complete(null)));
    ended.get(10, TimeUnit.SECONDS);
  }
}
