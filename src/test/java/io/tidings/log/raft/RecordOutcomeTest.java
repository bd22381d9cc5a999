package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.log.ExpiringRecord;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.tidings.log.RecordFeed;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is answered when the cluster does not confirm a record. */
@Timeout(60)
class RecordOutcomeTest {
  private static final ExpiringRecord RECORD =
      new ExpiringRecord("a", "key", "", Instant.parse("2100-01-01T00:00:00Z"));

  private final List<Command> sent = new CopyOnWriteArrayList<>();
  private boolean led;

  /** A leader that is there every other time that somebody asks, and never confirms anything. */
  private final RaftRecords.Cluster cluster =
      new RaftRecords.Cluster() {
        @Override
        public Optional<String> refusal() {
          return Optional.empty();
        }

        @Override
        public Optional<String> leader() {
          led = !led;
          return led ? Optional.empty() : Optional.of("leader");
        }

        @Override
        public Future<Void> submit(String leader, Command command) {
          sent.add(command);
          return Promise.<Void>promise().future();
        }

        @Override
        public Future<Replica> caughtUp() {
          return Future.failedFuture("not connected");
        }
      };

  @Test
  void onlyARecordThatWasSentToNoLeaderIsCertainNotToBeStored() {
    for (int i = 0; i < 20; i++) {
      sent.clear();
      var records =
          new RaftRecords(cluster, new RecordFeed(), Duration.ofMillis(1), InstantSource.system());
      var failure =
          assertThrows(
              ExecutionException.class,
              () ->
                  records
                      .putIfAbsent(RECORD)
                      .toCompletionStage()
                      .toCompletableFuture()
                      .get(30, TimeUnit.SECONDS));
      Class<?> expected = sent.isEmpty() ? LogUnavailable.class : OutcomeUnknown.class;
      assertEquals(expected, failure.getCause().getClass());
    }
  }
}
