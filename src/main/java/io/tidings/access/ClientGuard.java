package io.tidings.access;

import io.tidings.auth.InvalidToken;
import io.tidings.auth.NotGranted;
import io.tidings.limits.ClientLimits;
import io.tidings.limits.LimitExceeded;
import io.tidings.limits.RecentPublishers;
import io.tidings.metrics.Door;
import io.tidings.metrics.Metrics;
import io.tidings.metrics.Refusal;
import io.tidings.metrics.RequestMetrics;
import io.tidings.settings.LoggingSettings;
import io.tidings.settings.Settings;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What a hub does to keep clients within their limits, and to let its operator see who was refused:
 * each refusal is counted and logged here, once. Shared by all event loops. Any thread.
 */
public final class ClientGuard {
  private final ClientLimits limits;
  private final RecentPublishers publishers;
  private final AuditLog audit;
  private final RequestMetrics metrics;

  ClientGuard(
      ClientLimits limits, RecentPublishers publishers, AuditLog audit, RequestMetrics metrics) {
    this.limits = limits;
    this.publishers = publishers;
    this.audit = audit;
    this.metrics = metrics;
  }

  public static ClientGuard of(Settings settings, Metrics metrics) {
    return of(settings, metrics, System::nanoTime);
  }

  /**
   * @param nanoTime as {@link System#nanoTime}, for rates
   */
  public static ClientGuard of(Settings settings, Metrics metrics, LongSupplier nanoTime) {
    LoggingSettings.Audit level = settings.logging().audit();
    return new ClientGuard(
        new ClientLimits(settings.limits().client(), nanoTime),
        new RecentPublishers(nanoTime),
        new AuditLog(level, InstantSource.system(), nanoTime),
        metrics.requests());
  }

  /**
   * Counts a stream that is being opened; to be called when nothing else forbids it.
   *
   * @return counts it as closed, when it is first run; on the same thread
   * @throws LimitExceeded if the caller has too many streams, or opens them too fast
   */
  public Runnable openStream(Access access) {
    try {
      Runnable release =
          limits.limitsStreams() ? limits.openStream(access.caller().limitKey()) : () -> {};
      audit.allowed(access);
      return release;
    } catch (LimitExceeded e) {
      throw exceeded(access, e);
    }
  }

  /**
   * Checks whether a stream may be opened, without counting it.
   *
   * @throws LimitExceeded as {@link #openStream} would
   */
  public void checkStream(Access access) {
    if (limits.limitsStreams()) {
      try {
        limits.checkStream(access.caller().limitKey());
      } catch (LimitExceeded e) {
        throw exceeded(access, e);
      }
    }
  }

  /**
   * Counts something that is limited as the opening of a stream: a change of one, or a ticket for
   * one.
   *
   * @throws LimitExceeded if the caller opens and changes streams, and gets tickets, too fast
   */
  public void countOpen(Access access) {
    try {
      limits.countOpen(access.caller().limitKey());
    } catch (LimitExceeded e) {
      throw exceeded(access, e);
    }
  }

  /**
   * Begins to count a publication: checks that an event may be published, and counts the bytes that
   * are announced, before they are read.
   *
   * @param announced the length of the body; 0 if it is not known
   * @throws LimitExceeded if the caller may not publish now
   */
  public PublishCharge publish(Supplier<Access> asked, long announced) {
    Access access = asked.get();
    try {
      var charge = new PublishCharge(this, limits, access, access.caller().limitKey(), announced);
      charge.begin();
      return charge;
    } catch (LimitExceeded e) {
      throw exceeded(access, e);
    }
  }

  /**
   * Checks whether a caller may try a token. Only for tokens that are not known to be valid, so
   * that who guesses tokens does not lock out others at the same address.
   *
   * @throws LimitExceeded if too many logins from the address have failed
   */
  public void checkLogin(Access access) {
    try {
      limits.checkLogin(access.caller().addressKey());
    } catch (LimitExceeded e) {
      throw exceeded(access, e);
    }
  }

  /**
   * Counts and reports a login that has failed because of its token; not for an outage of keys.
   *
   * @param detail why, without the token
   */
  private void failedLogin(Access access, String detail) {
    limits.failedLogin(access.caller().addressKey());
    refused(access, Refusal.TOKEN, detail);
  }

  /**
   * Reports that a request was allowed, or that a login has succeeded.
   *
   * @param asked made only if that is logged
   */
  public void allowed(Supplier<Access> asked) {
    if (audit.logsAllowed()) {
      audit.allowed(asked.get());
    }
  }

  /**
   * Reports what an administrator has done.
   *
   * @param detail in a few words, without secrets
   */
  public void administered(Access access, String detail) {
    audit.administered(access, detail);
  }

  /** Counts and logs a failure, if it is that of a token, of a ticket or of a right. */
  public void report(Access access, Throwable failure) {
    if (failure instanceof InvalidToken invalid) {
      if (invalid.reason().isFailedLogin()) {
        failedLogin(access, invalid.reason().word());
      } else if (invalid.reason() == InvalidToken.Reason.OUTAGE) {
        refused(access, Refusal.TOKEN, invalid.reason().word());
      }
    } else if (failure instanceof NotGranted missing) {
      Access asked =
          missing.topic().isEmpty()
              ? access
              : Access.toTopic(access.door(), access.caller(), missing.topic());
      refused(asked, refusal(access.door(), missing), "");
    } else if (failure instanceof LimitExceeded limit && limit.reason() == Refusal.TICKETS) {
      exceeded(access, limit); // the one limit that the log keeps
    }
  }

  private static Refusal refusal(Door door, NotGranted missing) {
    if (!missing.identified()) {
      return Refusal.NO_TOKEN;
    }
    return switch (door) {
      case PUBLISH, BATCH, BUS -> Refusal.PUBLISH;
      default -> missing.topic().isEmpty() ? Refusal.ADMIN : Refusal.SUBSCRIBE;
    };
  }

  /**
   * Counts and logs a refusal.
   *
   * @param detail more about the reason, without secrets; may be empty
   */
  public void refused(Access access, Refusal reason, String detail) {
    metrics.refused(reason);
    if (access.door().publishes()) {
      publishers.refused(access.caller().limitKey(), reason);
    }
    audit.refused(access, reason, detail);
  }

  LimitExceeded exceeded(Access access, LimitExceeded exceeded) {
    refused(access, exceeded.reason(), "");
    return exceeded;
  }

  /** Who published in the last minute. */
  public RecentPublishers publishers() {
    return publishers;
  }

  /** The counts of requests. */
  public RequestMetrics requests() {
    return metrics;
  }

  /** Logs what a flood of refusals left out. Called by timers. */
  public void tick() {
    audit.tick();
  }
}
