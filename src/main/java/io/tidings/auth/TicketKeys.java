package io.tidings.auth;

import io.tidings.auth.InvalidToken.Reason;
import io.vertx.core.Future;
import java.security.Key;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The keys that sign tickets, the same at all hubs of a log. While the hub has a secret of its own,
 * the key is derived from that. Otherwise there is a random one for each period of six hours, which
 * the hubs agree on by the table. A ticket must be of the period of its key and be used within
 * seconds, so who finds the key of an earlier period, in a backup, can't make tickets by it. Any
 * thread.
 */
final class TicketKeys {
  static final Duration PERIOD = Duration.ofHours(6);

  private static final String KIND = "ticket-key";

  /** The id of the key that is derived from the hub's secret. */
  private static final String OF_SECRET = "s";

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Supplier<Optional<Key>> secret;
  private final TicketTable table;

  /**
   * The keys of the periods that were asked for, by id: at most those of {@link Ticket#MAX_LIFE}.
   */
  private final Map<String, TicketKey> agreed = new ConcurrentHashMap<>();

  /**
   * @param secret the hub's own, at the moment
   */
  TicketKeys(Supplier<Optional<Key>> secret, TicketTable table) {
    this.secret = secret;
    this.table = table;
  }

  /** The key for a ticket that is issued now; fails as the table does. */
  Future<TicketKey> current(Instant now) {
    Optional<Key> own = secret.get();
    return own.isPresent()
        ? Future.succeededFuture(TicketKey.derived(OF_SECRET, own.get()))
        : ofPeriod(now);
  }

  /**
   * The key that a ticket names.
   *
   * @param issued when the ticket says that it was issued, which must not be longer ago than a
   *     ticket lasts, nor later than now
   * @return fails with {@link InvalidToken} if there is no such key, and as the table does
   */
  Future<TicketKey> named(String id, Instant issued) {
    if (id.equals(OF_SECRET)) {
      return secret
          .get()
          .map(key -> Future.succeededFuture(TicketKey.derived(OF_SECRET, key)))
          .orElseGet(() -> unknown("the hub has no such key at the moment"));
    }
    return id.equals(period(issued))
        ? ofPeriod(issued)
        : unknown("the ticket names a key of another time");
  }

  private static Future<TicketKey> unknown(String sentence) {
    return Future.failedFuture(new InvalidToken(Reason.KEYS, sentence));
  }

  private Future<TicketKey> ofPeriod(Instant time) {
    String id = period(time);
    TicketKey known = agreed.get(id);
    if (known != null) {
      return Future.succeededFuture(known);
    }
    byte[] random = new byte[TicketKey.BYTES];
    RANDOM.nextBytes(random);
    Instant until = time.plus(PERIOD).plus(Ticket.MAX_LIFE);
    return table
        .putIfAbsent(
            KIND, id, Base64.getUrlEncoder().withoutPadding().encodeToString(random), until)
        .map(first -> TicketKey.of(id, Base64.getUrlDecoder().decode(first)))
        .onSuccess(key -> add(key, time));
  }

  private void add(TicketKey key, Instant time) {
    long oldest = number(time.minus(Ticket.MAX_LIFE).minus(PERIOD));
    agreed.keySet().removeIf(id -> Long.parseLong(id) < oldest);
    agreed.put(key.id(), key);
  }

  private static String period(Instant time) {
    return Long.toString(number(time));
  }

  private static long number(Instant time) {
    return Math.floorDiv(time.getEpochSecond(), PERIOD.toSeconds());
  }
}
