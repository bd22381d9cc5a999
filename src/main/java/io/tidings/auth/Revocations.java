package io.tidings.auth;

import io.tidings.event.CautiousClock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is revoked, in memory. Any thread. A look-up takes no lock, and costs a few look-ups in maps
 * however many revocations there are.
 */
final class Revocations {
  /** Those that have ended are removed when so many more have been added. */
  private static final int PRUNED_AFTER = 1_000;

  private final InstantSource clock;

  /** By which they are removed: if the other one jumps ahead, the tokens are not valid again. */
  private final CautiousClock ends;

  private final Map<String, OfIssuer> issuers = new ConcurrentHashMap<>();
  private final AtomicLong added = new AtomicLong();

  /** All, with the number of each; written by one thread at a time. */
  private final Map<Revocation, Long> all = new ConcurrentHashMap<>();

  /** The revocations of an issuer's tokens. Lists are short: all have the same key. */
  private static final class OfIssuer {
    private final Map<String, List<Revocation>> byTokenId = new ConcurrentHashMap<>();
    private final Map<String, List<Revocation>> bySubject = new ConcurrentHashMap<>();
    private final List<Revocation> ofAll = new CopyOnWriteArrayList<>();

    private List<Revocation> like(Revocation one) {
      if (one.tokenId().isPresent()) {
        return list(byTokenId, one.tokenId().get());
      }
      return one.subject().isPresent() ? list(bySubject, one.subject().get()) : ofAll;
    }

    private static List<Revocation> list(Map<String, List<Revocation>> map, String key) {
      return map.computeIfAbsent(key, none -> new CopyOnWriteArrayList<>());
    }
  }

  Revocations(InstantSource clock) {
    this(clock, CautiousClock.of(clock));
  }

  /**
   * @param ends by which they are removed
   */
  Revocations(InstantSource clock, CautiousClock ends) {
    this.clock = clock;
    this.ends = ends;
  }

  synchronized void add(Revocation one) {
    if (all.containsKey(one)) {
      return;
    }
    issuers.computeIfAbsent(one.issuer(), name -> new OfIssuer()).like(one).add(one);
    long number = added.incrementAndGet();
    all.put(one, number);
    if (number % PRUNED_AFTER == 0) {
      prune();
    }
  }

  private void prune() {
    Instant now = ends.instant();
    for (Revocation one : List.copyOf(all.keySet())) {
      if (ended(one, now)) {
        all.remove(one);
        issuers.get(one.issuer()).like(one).remove(one);
      }
    }
    issuers.values().forEach(issuer -> removeEmpty(issuer.byTokenId));
    issuers.values().forEach(issuer -> removeEmpty(issuer.bySubject));
  }

  private static void removeEmpty(Map<String, List<Revocation>> map) {
    map.values().removeIf(List::isEmpty);
  }

  private static boolean ended(Revocation one, Instant now) {
    return !now.isBefore(one.until());
  }

  /** Whether the token of the principal is one of those; never without a token. */
  boolean revoked(Principal principal) {
    OfIssuer issuer = issuers.get(principal.issuer());
    if (issuer == null) {
      return false;
    }
    Instant now = clock.instant();
    return principal
            .tokenId()
            .map(id -> any(issuer.byTokenId.get(id), principal, now))
            .orElse(false)
        || any(issuer.bySubject.get(principal.subject()), principal, now)
        || any(issuer.ofAll, principal, now);
  }

  private static boolean any(List<Revocation> some, Principal principal, Instant now) {
    if (some != null) {
      for (Revocation one : some) {
        if (!ended(one, now) && one.concerns(principal)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Those that have not ended, the newest first. */
  List<Revocation> newest(int max) {
    Instant now = clock.instant();
    var numbers = new HashMap<>(all);
    var found = new ArrayList<>(numbers.keySet());
    found.removeIf(one -> ended(one, now));
    found.sort(Comparator.comparing((Revocation one) -> numbers.get(one)).reversed());
    return List.copyOf(found.subList(0, Math.min(max, found.size())));
  }

  /** How many have not ended. */
  int size() {
    Instant now = clock.instant();
    return (int) all.keySet().stream().filter(one -> !ended(one, now)).count();
  }
}
