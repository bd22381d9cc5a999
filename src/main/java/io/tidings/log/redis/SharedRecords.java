package io.tidings.log.redis;

import io.tidings.log.ExpiringRecord;
import io.tidings.log.ExpiringRecords;
import io.tidings.log.LogUnavailable;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.Optional;
import java.util.function.Supplier;

/** The store's expiring records, to which none is sent while the log can't be written. */
record SharedRecords(ExpiringRecords store, Supplier<Optional<String>> problem)
    implements ExpiringRecords {
  @Override
  public Future<ExpiringRecord> putIfAbsent(ExpiringRecord record) {
    return problem
        .get()
        .map(
            why ->
                Future.<ExpiringRecord>failedFuture(
                    new LogUnavailable(
                        "the log can't be written: " + why + "; nothing was stored", null)))
        .orElseGet(() -> store.putIfAbsent(record));
  }

  @Override
  public void follow(String kind, Handler<ExpiringRecord> records) {
    store.follow(kind, records);
  }
}
