package io.tidings.http;

import io.tidings.auth.Authenticator;
import io.tidings.auth.Revocation;
import io.tidings.auth.Sha256;
import io.tidings.bus.ContextFutures;
import io.tidings.fanout.CloseReason;
import io.tidings.fanout.OpenStreams;
import io.tidings.log.EventLog;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.OutcomeUnknown;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Revocations as records of the log: stored by one node, and applied on all of them, also on those
 * that start later. Any thread.
 */
public final class RevocationLog {
  private static final System.Logger LOG = System.getLogger(RevocationLog.class.getName());

  static final String KIND = "revocation";

  private final EventLog log;
  private final Duration patience;

  /**
   * @param patience how long a revocation may wait for its outcome
   */
  RevocationLog(EventLog log, Duration patience) {
    this.log = log;
    this.patience = patience;
  }

  /**
   * Applies what is stored, and from now on what any node stores: the tokens are not accepted any
   * more, and their streams end. What is known already is applied when this returns.
   */
  public static void apply(
      Vertx vertx, EventLog log, Authenticator authenticator, OpenStreams streams) {
    var waiting = new AtomicBoolean();
    streams.refuse(authenticator::revoked);
    log.records()
        .follow(
            KIND,
            record -> {
              authenticator.revoke(Revocation.decode(record.value()));
              // looking at all streams takes time that the log's thread does not have
              if (waiting.compareAndSet(false, true)) {
                vertx
                    .executeBlocking(
                        () -> {
                          waiting.set(false);
                          return streams.end(authenticator::revoked, CloseReason.REVOKED);
                        })
                    .compose(ended -> ended)
                    .onFailure(
                        e -> LOG.log(System.Logger.Level.ERROR, "a revoked stream did not end", e));
              }
            });
  }

  /**
   * Stores a revocation, unless it is stored: the same tokens until the same time.
   *
   * @return completes on the caller's context. Fails with {@link io.tidings.log.LogUnavailable}
   */
  Future<Revocation> put(Revocation revocation) {
    var record = new ExpiringRecord(KIND, key(revocation), revocation.encode(), revocation.until());
    return ContextFutures.of(
        log.records()
            .putIfAbsent(record)
            .timeout(2 * patience.toMillis(), TimeUnit.MILLISECONDS)
            .recover(RevocationLog::inTime)
            .map(stored -> Revocation.decode(stored.value())));
  }

  private static Future<ExpiringRecord> inTime(Throwable failure) {
    return Future.failedFuture(
        failure instanceof TimeoutException
            ? OutcomeUnknown.ofRecord("the log has not answered in time", failure)
            : failure);
  }

  private static String key(Revocation revocation) {
    return Sha256.base64Url(revocation.encode());
  }
}
