package io.tidings.auth;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The headers {@code Authorization} with which requests were served lately, so that reading and
 * hashing a token does not cost as much as publishing a small event. Whether a token may still be
 * used, {@link Authenticator} is asked each time. Only headers with a valid token are added, so
 * nobody fills it who has none. Confined to one event loop.
 */
public final class RecentTokens {
  private static final int MAX_HEADERS = 256;

  /** Longer headers are read each time. */
  private static final int MAX_LENGTH = 2_048;

  private final Authenticator authenticator;

  /** The hashes of tokens by header; the one that was used last is the last one. */
  private final Map<String, TokenCache.Hash> hashes = new LinkedHashMap<>(16, 0.75f, true);

  public RecentTokens(Authenticator authenticator) {
    this.authenticator = authenticator;
  }

  /** The principal whom the token in a header names; empty if the header has to be read. */
  public Optional<Principal> principal(String header) {
    TokenCache.Hash hash = hashes.get(header);
    if (hash == null) {
      return Optional.empty();
    }
    Optional<Principal> principal = authenticator.cached(hash);
    if (principal.isEmpty()) {
      hashes.remove(header);
    }
    return principal;
  }

  /**
   * Adds a header.
   *
   * @param token the token in it, which is valid
   */
  public void add(String header, String token) {
    if (header.length() > MAX_LENGTH) {
      return;
    }
    hashes.put(header, TokenCache.Hash.of(token));
    if (hashes.size() > MAX_HEADERS) {
      hashes.remove(hashes.keySet().iterator().next());
    }
  }

  int size() {
    return hashes.size();
  }
}
