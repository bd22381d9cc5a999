package io.tidings.log.raft;

import io.tidings.log.ExpiringRecord;
import io.tidings.log.ExpiringRecords;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.tidings.log.RecordFeed;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The expiring records of a cluster: a record is stored by a command, and which one was first is
 * read from this node's state when it has applied that. A command whose outcome is not known is
 * repeated, since it changes nothing the second time. Thread-safe.
 */
final class RaftRecords implements ExpiringRecords {
  private static final long RETRY_MILLIS = 100;

  private final Cluster cluster;
  private final RecordFeed feed;
  private final Duration patience;
  private final InstantSource clock;
  private final Executor later =
      CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS);

  /** What records need of the engine. */
  interface Cluster {
    /** Why nothing can be stored at the moment; empty if it can. */
    Optional<String> refusal();

    /** As {@link RaftEngine#leader}. */
    Optional<String> leader();

    /** Submits a command to a leader, which may not lead any more. */
    Future<Void> submit(String leader, Command command);

    /** As {@link LeaderRoute#caughtUp}. */
    Future<Replica> caughtUp();
  }

  /**
   * @param feed what this node has applied
   * @param patience how long a record may wait for its outcome
   */
  RaftRecords(Cluster cluster, RecordFeed feed, Duration patience, InstantSource clock) {
    this.cluster = cluster;
    this.feed = feed;
    this.patience = patience;
    this.clock = clock;
  }

  @Override
  public Future<ExpiringRecord> putIfAbsent(ExpiringRecord record) {
    Optional<ExpiringRecord> first =
        feed.find(record.kind(), record.key())
            .filter(known -> known.until().isAfter(clock.instant()));
    if (first.isPresent()) {
      return Future.succeededFuture(first.get());
    }
    Optional<String> refusal = cluster.refusal();
    if (refusal.isPresent()) {
      return Future.failedFuture(new LogUnavailable(refusal.get() + "; nothing was stored", null));
    }
    var put = new Put(record, System.nanoTime() + patience.toNanos());
    put.attempt();
    return put.promise.future();
  }

  @Override
  public void follow(String kind, Handler<ExpiringRecord> records) {
    feed.follow(kind, records);
  }

  /** One record, with its attempts, which follow each other. */
  private final class Put {
    private final ExpiringRecord record;
    private final long deadline;
    private final Promise<ExpiringRecord> promise = Promise.promise();

    /** Whether the command was sent to a leader, and so may be stored. */
    private volatile boolean sent;

    Put(ExpiringRecord record, long deadline) {
      this.record = record;
      this.deadline = deadline;
    }

    private void attempt() {
      // asked once: one that appears later must not get the command unnoticed
      Optional<String> leader = cluster.leader();
      sent |= leader.isPresent();
      leader
          .map(to -> cluster.submit(to, new Command.PutRecord(0, record)))
          .orElseGet(() -> Future.failedFuture(new IllegalStateException("there is no leader")))
          .compose(committed -> cluster.caughtUp())
          .compose(this::first)
          .toCompletionStage()
          .toCompletableFuture()
          .orTimeout(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)
          .whenComplete(this::attempted);
    }

    /** The record that was first, once the command was applied on this node. */
    private Future<ExpiringRecord> first(Replica replica) {
      return replica
          .state()
          .records()
          .find(record.kind(), record.key())
          .map(Future::succeededFuture)
          .orElseGet(
              () -> Future.failedFuture(new NoRoom(replica.state().records().refusal(record))));
    }

    private void attempted(ExpiringRecord stored, Throwable failure) {
      if (failure == null) {
        promise.complete(stored);
      } else if (failure instanceof NoRoom full) {
        promise.fail(full.refusal);
      } else if (deadline - System.nanoTime() > TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS)) {
        later.execute(this::attempt);
      } else if (sent) {
        promise.fail(
            OutcomeUnknown.ofRecord("the cluster did not confirm the record in time", failure));
      } else {
        promise.fail(
            new LogUnavailable(
                "no majority of the cluster's nodes can be reached; nothing was stored", failure));
      }
    }
  }

  /** The state has no room for the record; it does not help to repeat the command at once. */
  private static final class NoRoom extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final LogUnavailable refusal;

    private NoRoom(LogUnavailable refusal) {
      super(refusal.getMessage(), refusal, false, false);
      this.refusal = refusal;
    }
  }
}
