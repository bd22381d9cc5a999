package io.tidings.log.disk;

import io.tidings.event.Position;
import io.tidings.log.Journal.Query;
import io.tidings.log.LogUnavailable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;

/** Runs queries against the segments, on the reader threads or on the caller's. Any thread. */
final class DiskReads {
  private final Segments segments;
  private final long epoch;
  private final ExecutorService executor;

  DiskReads(Segments segments, long epoch, ExecutorService executor) {
    this.segments = segments;
    this.epoch = epoch;
    this.executor = executor;
  }

  <T> Future<T> submit(Query<T> query) {
    Promise<T> promise = Promise.promise();
    try {
      executor.execute(
          () -> {
            try {
              promise.complete(run(query));
            } catch (IOException e) {
              promise.fail(new LogUnavailable("the log can't be read: " + e.getMessage(), e));
            } catch (RuntimeException | Error e) {
              promise.fail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      promise.fail(new LogUnavailable("the log is closed", e));
    }
    return promise.future();
  }

  <T> T run(Query<T> query) throws IOException {
    try (Segments.View view = segments.acquire()) {
      var head = new Position(epoch, view.head());
      return query.answer(
          new DiskReader(view.segments(), view.extent(), segments::currentGaps, head));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  void shutdown() {
    executor.shutdown();
  }
}
