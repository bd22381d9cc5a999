package io.tidings.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.tidings.log.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenCacheTest {
  private final ManualClock clock = new ManualClock();
  private final AtomicLong nanos = new AtomicLong();
  private final TokenCache cache = new TokenCache(clock, nanos::get);

  private static TokenCache.Hash hash(int i) {
    return TokenCache.Hash.of("token" + i);
  }

  private static Principal until(Instant end) {
    return new Principal("a", "b", Grants.NONE, Optional.of(end), Optional.empty());
  }

  private Principal anHour() {
    return until(clock.instant().plusSeconds(3600));
  }

  @Test
  void itIsBoundedAndTheOldestIsRemoved() {
    for (int i = 0; i < TokenCache.MAX_TOKENS + 500; i++) {
      cache.put(hash(i), anHour(), cache.generation());
    }
    assertEquals(TokenCache.MAX_TOKENS, cache.size());
    assertEquals(Optional.empty(), cache.get(hash(499)));
    assertEquals(Optional.of(anHour()), cache.get(hash(500)));
  }

  @Test
  void whatIsTooOldIsRemovedWhenAnotherIsAdded() {
    for (int i = 0; i < 100; i++) {
      cache.put(hash(i), anHour(), cache.generation());
    }
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    cache.put(hash(100), anHour(), cache.generation());
    assertEquals(1, cache.size());
  }

  @Test
  void aTokenThatIsVerifiedAgainHasOnePlace() {
    for (int i = 0; i < 3; i++) {
      cache.put(hash(0), anHour(), cache.generation());
      cache.put(hash(1), anHour(), cache.generation());
      nanos.addAndGet(Duration.ofSeconds(40).toNanos());
    }
    assertEquals(2, cache.size());
    assertEquals(Optional.of(anHour()), cache.get(hash(1)));
    cache.clear();
    assertEquals(Optional.empty(), cache.get(hash(1)));
    cache.put(hash(1), anHour(), cache.generation());
    assertEquals(1, cache.size());
  }

  @Test
  void whatWasVerifiedByKeysOfBeforeIsNotAdded() {
    int before = cache.generation();
    cache.clear();
    cache.put(hash(0), anHour(), before);
    assertEquals(Optional.empty(), cache.get(hash(0)));
  }

  @Test
  void anEntryEndsWithItsToken() {
    cache.put(hash(0), until(clock.instant().plusSeconds(2)), cache.generation());
    clock.advance(Duration.ofSeconds(2));
    assertEquals(Optional.empty(), cache.get(hash(0)));
  }

  @Test
  void differentTokensHaveDifferentHashes() {
    assertNotEquals(hash(0), hash(1));
    assertEquals(hash(7), hash(7));
  }
}
