package io.tidings.http;

import io.tidings.limits.ClientLimits;
import io.tidings.limits.LimitExceeded;
import io.tidings.limits.LimitKey;
import io.tidings.metrics.Metrics;
import io.tidings.metrics.Refusal;
import io.tidings.metrics.RequestMetrics;
import io.tidings.settings.LoggingSettings;
import io.tidings.settings.Settings;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * What a hub does to keep clients within their limits, and to let its operator see who was refused:
 * each refusal is counted and logged here, once. Shared by all event loops. Any thread.
 */
public final class ClientGuard {
  private final ClientLimits limits;
  private final AuditLog audit;
  private final RequestMetrics metrics;

  ClientGuard(ClientLimits limits, AuditLog audit, RequestMetrics metrics) {
    this.limits = limits;
    this.audit = audit;
    this.metrics = metrics;
  }

  public static ClientGuard of(Settings settings, Metrics metrics) {
    return of(settings, metrics, System::nanoTime);
  }

  static ClientGuard of(Settings settings, Metrics metrics, LongSupplier nanoTime) {
    LoggingSettings.Audit level = settings.logging().audit();
    return new ClientGuard(
        new ClientLimits(settings.limits().client(), nanoTime),
        new AuditLog(level, InstantSource.system(), nanoTime),
        metrics.requests());
  }

  /**
   * Counts a stream that is being opened; to be called when nothing else forbids it.
   *
   * @return counts it as closed, when it is first run; on the same thread
   * @throws LimitExceeded if the caller has too many streams, or opens them too fast
   */
  Runnable openStream(Access access) {
    try {
      Runnable release =
          limits.limitsStreams() ? limits.openStream(access.caller().limitKey()) : () -> {};
      audit.allowed(access);
      return release;
    } catch (LimitExceeded e) {
      throw report(access, e);
    }
  }

  /**
   * Checks whether a stream may be opened, without counting it.
   *
   * @throws LimitExceeded as {@link #openStream} would
   */
  void checkStream(Access access) {
    if (limits.limitsStreams()) {
      try {
        limits.checkStream(access.caller().limitKey());
      } catch (LimitExceeded e) {
        throw report(access, e);
      }
    }
  }

  /**
   * Counts a ticket, as a stream that is opened: it is for one.
   *
   * @throws LimitExceeded if the caller opens streams, and gets tickets, too fast
   */
  void issueTicket(Access access) {
    try {
      limits.countOpen(access.caller().limitKey());
    } catch (LimitExceeded e) {
      throw report(access, e);
    }
  }

  /**
   * Begins to count a publication: checks that an event may be published, and counts the bytes that
   * are announced, before they are read.
   *
   * @param announced the length of the body; 0 if it is not known
   * @throws LimitExceeded if the caller may not publish now
   */
  PublishCharge publish(Access access, long announced) {
    if (!limits.limitsPublishing()) {
      return PublishCharge.NONE;
    }
    try {
      var charge = new PublishCharge(this, limits, access, access.caller().limitKey(), announced);
      charge.begin();
      return charge;
    } catch (LimitExceeded e) {
      throw report(access, e);
    }
  }

  /**
   * Checks whether a caller may try a token. Only for tokens that are not known to be valid, so
   * that who guesses tokens does not lock out others at the same address.
   *
   * @throws LimitExceeded if too many logins from the address have failed
   */
  void checkLogin(Access access) {
    try {
      limits.checkLogin(LimitKey.ofAddress(access.caller().address()));
    } catch (LimitExceeded e) {
      throw report(access, e);
    }
  }

  /**
   * Counts and reports a login that has failed because of its token; not for an outage of keys.
   *
   * @param detail why, without the token
   */
  void failedLogin(Access access, String detail) {
    limits.failedLogin(LimitKey.ofAddress(access.caller().address()));
    refused(access, Refusal.TOKEN, detail);
  }

  /** Reports that a request was allowed. */
  void allowed(Access access) {
    audit.allowed(access);
  }

  /** Reports a login that has succeeded. */
  void loggedIn(Access access) {
    audit.allowed(access);
  }

  /**
   * Counts and logs a refusal.
   *
   * @param detail more about the reason, without secrets; may be empty
   */
  void refused(Access access, Refusal reason, String detail) {
    metrics.refused(reason);
    audit.refused(access, reason, detail);
  }

  LimitExceeded report(Access access, LimitExceeded exceeded) {
    refused(access, exceeded.reason(), "");
    return exceeded;
  }

  /** The counts of requests. */
  RequestMetrics requests() {
    return metrics;
  }

  /** Logs what a flood of refusals left out. Called by timers. */
  void tick() {
    audit.tick();
  }
}
