package io.tidings.scenes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

  @Test
  void progressGoesUpAndStaysWithinAHundred() throws Exception {
    var percents = new ArrayList<Long>();
    new Job(64L << 20, progress -> percents.add(progress.getLong("percent"))).run();
    assertTrue(percents.size() > 1, percents.toString());
    assertEquals(percents.stream().sorted().toList(), percents);
    assertTrue(percents.get(percents.size() - 1) <= 100);
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
