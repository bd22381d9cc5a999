package io.tidings.auth;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;

/** Where the keys of an issuer are: a file, or a URL. */
interface KeyLoader {
  /**
   * The keys as they are there.
   *
   * @param freshFor for how long they need not be read again, if that is known
   */
  record Loaded(KeySet keys, Optional<Duration> freshFor) {}

  /** Completes on any thread; fails if there are none that can be used. */
  Future<Loaded> load();

  /** Releases what it needs for loading. */
  default Future<Void> close() {
    return Future.succeededFuture();
  }
}
