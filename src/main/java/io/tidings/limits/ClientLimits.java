package io.tidings.limits;

import io.tidings.metrics.Refusal;
import io.tidings.settings.LimitSettings;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The limits of each client at this node, which all event loops share. Any thread, without locks.
 *
 * <p>A client that was idle may do at once what the limit allows in ten seconds (streams opened),
 * two seconds (events and bytes published) or a minute (logins that fail). Something larger than
 * that passes when the client was idle, and the client then waits for as long as the rate demands.
 */
public final class ClientLimits {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration OPENS_BURST = Duration.ofSeconds(10);
  private static final Duration PUBLISHES_BURST = Duration.ofSeconds(2);

  /** When a client with too many streams should try again; nobody knows when one ends. */
  private static final long STREAMS_WAIT_NANOS = Duration.ofSeconds(5).toNanos();

  private static final Runnable NOTHING = () -> {};

  private final LimitSettings.Client settings;
  private final LongSupplier nanoTime;
  private final Rate opens;
  private final Rate publishes;
  private final Rate bytes;
  private final Rate logins;
  private final ClientTable table;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  public ClientLimits(LimitSettings.Client settings, LongSupplier nanoTime) {
    this.settings = settings;
    this.nanoTime = nanoTime;
    this.opens = new Rate(0, settings.opens(), SECOND, OPENS_BURST);
    this.publishes = new Rate(1, settings.publishes(), SECOND, PUBLISHES_BURST);
    this.bytes = new Rate(2, settings.bytes(), SECOND, PUBLISHES_BURST);
    this.logins = new Rate(3, settings.logins(), MINUTE, MINUTE);
    this.table = new ClientTable(List.of(opens, publishes, bytes, logins), nanoTime.getAsLong());
  }

  /** Whether streams are limited. */
  public boolean limitsStreams() {
    return settings.streams() > 0 || !opens.unlimited();
  }

  /** Whether publishing is limited. */
  private boolean limitsPublishing() {
    return !publishes.unlimited() || !bytes.unlimited();
  }

  /**
   * Counts a stream that is being opened.
   *
   * @return counts it as closed, when it is first run; on the same thread
   * @throws LimitExceeded if the client has too many streams, or opens them too fast
   */
  public Runnable openStream(LimitKey key) {
    if (!limitsStreams()) {
      return NOTHING;
    }
    long now = nanoTime.getAsLong();
    while (true) {
      ClientState client = table.get(key, now);
      switch (client.openStream(settings.streams())) {
        case RETIRED -> table.forget(client);
        case TOO_MANY -> throw tooManyStreams();
        case OPENED -> {
          long wait = opens.take(client.buckets(), 1, now);
          if (wait > 0) {
            client.closeStream();
            throw tooManyOpens(wait);
          }
          return new StreamPermit(client);
        }
      }
    }
  }

  /**
   * Counts something that is limited as the opening of a stream, and is none.
   *
   * @throws LimitExceeded if the client does it too fast
   */
  public void countOpen(LimitKey key) {
    if (opens.unlimited()) {
      return;
    }
    long now = nanoTime.getAsLong();
    long wait = opens.take(table.get(key, now).buckets(), 1, now);
    if (wait > 0) {
      throw tooManyOpens(wait);
    }
  }

  /**
   * Checks whether a stream may be opened, without counting it.
   *
   * @throws LimitExceeded as {@link #openStream} would
   */
  public void checkStream(LimitKey key) {
    if (!limitsStreams()) {
      return;
    }
    long now = nanoTime.getAsLong();
    ClientState client = table.get(key, now);
    if (settings.streams() > 0 && client.streams() >= settings.streams()) {
      throw tooManyStreams();
    }
    long wait = opens.peek(client.buckets(), 1, now);
    if (wait > 0) {
      throw tooManyOpens(wait);
    }
  }

  /**
   * Counts what is published, all or nothing.
   *
   * @param events the number of events; with 0 at least one must be allowed, but none is counted
   * @param size the size of the body, or of the part of it that was not counted yet
   * @throws LimitExceeded if it is more than the client may publish now
   */
  public void publish(LimitKey key, int events, long size) {
    if (!limitsPublishing()) {
      return;
    }
    long now = nanoTime.getAsLong();
    ClientState client = table.get(key, now);
    long wait =
        events == 0
            ? publishes.peek(client.buckets(), 1, now)
            : publishes.take(client.buckets(), events, now);
    if (wait > 0) {
      throw exceeded(
          Refusal.PUBLISHES, "publishes", settings.publishes() + " events a second", wait);
    }
    // bytes that were counted before may have left a debt
    wait = events > 0 && size == 0 ? 0 : bytes.take(client.buckets(), size, now);
    if (wait > 0) {
      publishes.giveBack(client.buckets(), events);
      throw exceeded(Refusal.BYTES, "bytes", settings.bytes() + " bytes a second", wait);
    }
  }

  /** Takes back bytes that {@link #publish} counted, because the publication was refused. */
  public void refuseBytes(LimitKey key, long size) {
    if (size > 0 && !bytes.unlimited()) {
      bytes.giveBack(table.get(key, nanoTime.getAsLong()).buckets(), size);
    }
  }

  /**
   * Checks whether an address may try a token that is not known to be valid.
   *
   * @throws LimitExceeded if too many logins from there have failed
   */
  public void checkLogin(LimitKey address) {
    if (logins.unlimited()) {
      return;
    }
    long now = nanoTime.getAsLong();
    long wait = logins.peek(table.get(address, now).buckets(), 1, now);
    if (wait > 0) {
      throw exceeded(Refusal.LOGINS, "logins", settings.logins() + " failed logins a minute", wait);
    }
  }

  /** Counts a login that has failed. */
  public void failedLogin(LimitKey address) {
    if (!logins.unlimited()) {
      long now = nanoTime.getAsLong();
      logins.take(table.get(address, now).buckets(), 1, now);
    }
  }

  private LimitExceeded tooManyStreams() {
    return exceeded(
        Refusal.STREAMS, "streams", settings.streams() + " open streams", STREAMS_WAIT_NANOS);
  }

  private LimitExceeded tooManyOpens(long wait) {
    return exceeded(Refusal.OPENS, "opens", settings.opens() + " streams opened a second", wait);
  }

  private static LimitExceeded exceeded(Refusal reason, String limit, String allowed, long wait) {
    return new LimitExceeded(
        reason, "limits.client." + limit, "at most " + allowed + " for each client", wait);
  }
}
