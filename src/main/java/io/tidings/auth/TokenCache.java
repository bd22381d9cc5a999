package io.tidings.auth;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The principals of tokens that were verified within the last minute, by the hash of the token; the
 * tokens themselves are not kept. Any thread: a look-up takes no lock. Only verified tokens are
 * added, so nobody fills it who has none; when it is full, the oldest is removed.
 */
final class TokenCache {
  static final int MAX_TOKENS = 10_000;
  private static final Duration MAX_AGE = Duration.ofMinutes(1);

  /** A SHA-256. */
  record Hash(long a, long b, long c, long d) {
    static Hash of(String token) {
      var bytes = ByteBuffer.wrap(Sha256.of(token));
      return new Hash(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }
  }

  private record Cached(Principal principal, long addedNanos) {}

  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Map<Hash, Cached> tokens = new ConcurrentHashMap<>();

  /** In the order of addition, each hash once; guarded by itself. */
  private final Queue<Hash> order = new ArrayDeque<>();

  /** How often it was cleared; written under the lock of {@link #order}. */
  private volatile int generation;

  TokenCache(InstantSource clock, LongSupplier nanoTime) {
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** The principal, while it may be used without another verification. */
  Optional<Principal> get(Hash hash) {
    Cached cached = tokens.get(hash);
    return cached == null || tooOld(cached) || ended(cached.principal)
        ? Optional.empty()
        : Optional.of(cached.principal);
  }

  /** As {@link #get}, also after more than a minute. */
  Optional<Principal> getOfAnyAge(Hash hash) {
    Cached cached = tokens.get(hash);
    return cached == null || ended(cached.principal)
        ? Optional.empty()
        : Optional.of(cached.principal);
  }

  /** To be taken before a verification begins. */
  int generation() {
    return generation;
  }

  /**
   * Adds a token that was verified.
   *
   * @param since the generation when the verification began; if the cache was cleared since, the
   *     keys of then may have been withdrawn, and nothing is added
   */
  void put(Hash hash, Principal principal, int since) {
    synchronized (order) {
      if (since != generation) {
        return;
      }
      if (tokens.put(hash, new Cached(principal, nanoTime.getAsLong())) == null) {
        order.add(hash);
      }
      while (order.size() > MAX_TOKENS || oldestIsTooOld()) {
        tokens.remove(order.remove());
      }
    }
  }

  void clear() {
    synchronized (order) {
      generation++;
      order.clear();
      tokens.clear();
    }
  }

  int size() {
    return tokens.size();
  }

  private boolean oldestIsTooOld() {
    return !order.isEmpty() && tooOld(tokens.get(order.peek()));
  }

  private boolean tooOld(Cached cached) {
    return nanoTime.getAsLong() - cached.addedNanos >= MAX_AGE.toNanos();
  }

  private boolean ended(Principal principal) {
    return principal.expires().map(end -> !clock.instant().isBefore(end)).orElse(false);
  }
}
