package io.tidings.auth;

import io.tidings.settings.AuthMode;
import io.tidings.settings.AuthSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;

/**
 * Tells who makes a request, by its token. Any thread; one for all event loops.
 *
 * <p>A token that was verified a moment ago is answered from a cache, by a completed future. Any
 * other is verified on a worker.
 */
public final class Authenticator {
  private final AuthMode mode;
  private final Principal anonymous;

  private Authenticator(AuthMode mode, Principal anonymous) {
    this.mode = mode;
    this.anonymous = anonymous;
  }

  /**
   * Reads the keys.
   *
   * @param dir {@code log.dir}, where {@code auth.secret: auto} has its file
   * @return fails with {@link io.tidings.settings.InvalidSetting} if keys in a file can't be used
   */
  public static Future<Authenticator> create(Vertx vertx, AuthSettings settings, Path dir) {
    return Future.succeededFuture(
        new Authenticator(settings.mode(), Principal.withoutToken(Grants.NONE)));
  }

  /**
   * The principal whom a token names.
   *
   * @param token as in the header, without the word Bearer
   * @return completes on the caller's context; fails with {@link InvalidToken}
   */
  public Future<Principal> authenticate(String token) {
    return Future.failedFuture(
        new InvalidToken(InvalidToken.Reason.KEYS, "the hub has no keys for tokens"));
  }

  /** The principal of requests without a token. */
  public Principal anonymous() {
    return anonymous;
  }

  public AuthMode mode() {
    return mode;
  }

  /** Whether any token could be accepted: an issuer is configured, or there is a secret. */
  public boolean hasKeys() {
    return false;
  }

  /** Ends the refreshing of keys. */
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
