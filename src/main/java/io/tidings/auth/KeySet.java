package io.tidings.auth;

import java.util.List;
import java.util.Optional;

/** The keys of one issuer at one moment. An empty set verifies nothing. */
record KeySet(List<VerificationKey> keys) {
  static final KeySet NONE = new KeySet(List.of());

  /** A key set with more keys than this is refused. */
  static final int MAX_KEYS = 100;

  KeySet {
    keys = List.copyOf(keys);
  }

  boolean isEmpty() {
    return keys.isEmpty();
  }

  /** The keys that may have signed a token of this algorithm that names this key. */
  List<VerificationKey> candidates(Algorithm algorithm, Optional<String> id) {
    return keys.stream().filter(key -> key.mayHaveSigned(algorithm, id)).toList();
  }
}
