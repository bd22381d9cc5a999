package io.tidings.auth;

import io.tidings.settings.AuthSettings;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** The issuers whose tokens are accepted: those of the settings, and the hub itself. Any thread. */
final class IssuerSet {
  private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(10);

  private final List<TokenIssuer> issuers;

  private IssuerSet(List<TokenIssuer> issuers) {
    this.issuers = List.copyOf(issuers);
  }

  /**
   * Loads the keys in files, and begins to fetch those at URLs: an issuer that can't be reached
   * does not hinder the hub's start.
   *
   * @param changed called when an issuer's keys were replaced
   * @return fails with {@link InvalidSetting} if a file has no keys that can be used
   */
  static Future<IssuerSet> load(
      Vertx vertx, AuthSettings settings, Path dir, LongSupplier nanoTime, Runnable changed) {
    var issuers = new ArrayList<TokenIssuer>();
    Future<Void> files = Future.succeededFuture();
    for (AuthSettings.Issuer one : all(settings, dir)) {
      boolean own = one.issuer().equals(AuthSettings.OWN_ISSUER) && settings.hasSecret();
      boolean optional = own && settings.secretInLogDir();
      KeySource keys =
          new KeySource(
              own ? "auth.secret" : "issuer " + one.issuer(),
              loader(vertx, one, optional),
              one.remote() ? KeySource.Schedule.REMOTE : KeySource.Schedule.FILE,
              nanoTime,
              changed);
      issuers.add(TokenIssuer.of(one, keys));
      Future<Void> first = keys.load();
      if (!one.remote()) {
        files =
            files.compose(before -> first.recover(e -> Future.failedFuture(invalid(one, own, e))));
      }
    }
    var set = new IssuerSet(issuers);
    return files.map(set).recover(e -> set.close().transform(closed -> Future.failedFuture(e)));
  }

  private static List<AuthSettings.Issuer> all(AuthSettings settings, Path dir) {
    var all = new ArrayList<>(settings.issuers());
    if (settings.hasSecret()) {
      all.add(
          new AuthSettings.Issuer(
              AuthSettings.OWN_ISSUER,
              Settings.NONE,
              TokenSigner.secret(settings, dir).toString(),
              Settings.NONE,
              List.of("jwt"),
              List.of(),
              Settings.NONE));
    }
    return all;
  }

  private static KeyLoader loader(Vertx vertx, AuthSettings.Issuer issuer, boolean optional) {
    if (issuer.remote()) {
      if (!issuer.ca().equals(Settings.NONE) && !Files.isReadable(Path.of(issuer.ca()))) {
        throw InvalidSetting.of(
            "auth.issuers, " + issuer.issuer() + ": ca", issuer.ca(), "must be a readable file");
      }
      return new KeyUrl(vertx, issuer.keys(), issuer.ca(), FETCH_TIMEOUT);
    }
    return issuer.symmetric()
        ? KeyFile.ofSecret(vertx, Path.of(issuer.secret()), optional)
        : KeyFile.ofPublicKeys(vertx, Path.of(issuer.keys()));
  }

  private static InvalidSetting invalid(AuthSettings.Issuer issuer, boolean own, Throwable cause) {
    String file = issuer.symmetric() ? issuer.secret() : issuer.keys();
    String key =
        own
            ? "auth.secret"
            : "auth.issuers, " + issuer.issuer() + (issuer.symmetric() ? ": secret" : ": keys");
    return InvalidSetting.of(key, file, cause.getMessage());
  }

  Map<String, TokenIssuer> byName() {
    return issuers.stream()
        .collect(Collectors.toMap(one -> one.settings().issuer(), Function.identity()));
  }

  /** The hub's own secret; empty while it has none. */
  Optional<Key> ownSecret() {
    return issuers.stream()
        .filter(one -> one.settings().issuer().equals(AuthSettings.OWN_ISSUER))
        .filter(one -> one.settings().symmetric())
        .flatMap(one -> one.keys().keys().keys().stream())
        .map(VerificationKey::key)
        .findFirst();
  }

  /** Whether there is an issuer of the settings, or the hub's own secret. */
  boolean any() {
    return issuers.stream()
        .anyMatch(
            one ->
                !one.settings().issuer().equals(AuthSettings.OWN_ISSUER)
                    || !one.keys().keys().isEmpty());
  }

  /** Loads the keys for which it is time. */
  void tick() {
    issuers.forEach(one -> one.keys().tick());
  }

  Future<Void> close() {
    return Future.join(issuers.stream().map(one -> one.keys().close()).toList()).mapEmpty();
  }
}
