package io.tidings.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The section {@code http.tls}, and {@code http.redirect}: TLS on the HTTP port.
 *
 * @param pairs the certificates with their keys; empty without TLS. The first one is for clients
 *     that name no host, or one that no certificate is for
 * @param clientCa the file with the certificates of those who may sign clients' certificates
 * @param clients whether a client must have a certificate; without effect if {@code clientCa} is
 *     empty
 * @param hsts for how long browsers are told to use only https; zero: they are not told
 * @param reload how often the files are read to see if they have changed; zero: never
 * @param redirect the port on which plain requests are redirected to https; 0 for any free port
 * @param redirectTo the port that they are redirected to; 0 for the one that the hub listens on
 */
public record TlsSettings(
    List<Pair> pairs,
    Optional<String> clientCa,
    Clients clients,
    Duration hsts,
    Duration reload,
    OptionalInt redirect,
    int redirectTo) {
  /** The settings, for messages about the files that they name. */
  public static final String CERT = "http.tls.cert";

  public static final String KEY = "http.tls.key";
  public static final String CLIENT_CA = "http.tls.client.ca";

  private static final String REDIRECT = "http.redirect";
  private static final Duration MAX_HSTS = Duration.ofDays(1_000);

  /**
   * A certificate and its key.
   *
   * @param cert the file with the certificate, and those that lead to its authority
   * @param key the file with the private key
   */
  public record Pair(String cert, String key) {}

  /** What a client has to show. */
  public enum Clients {
    REQUIRED,
    REQUEST
  }

  /** Whether the HTTP port speaks TLS. */
  public boolean enabled() {
    return !pairs.isEmpty();
  }

  static TlsSettings read(SettingValues values) {
    var settings =
        new TlsSettings(
            pairs(values),
            values.parsed(CLIENT_CA, Settings.NONE, TlsSettings::file),
            values.choice("http.tls.client.certificate", Clients.REQUIRED, Clients.class),
            values.duration("http.tls.hsts", Duration.ZERO, MAX_HSTS),
            values.duration("http.tls.reload", Duration.ofSeconds(10), SettingValues.DAY),
            values.parsed(REDIRECT, Settings.NONE, TlsSettings::port),
            values.integer("http.redirect.to", 0, 0, 65_535));
    settings.checkNeedsTls();
    return settings;
  }

  private void checkNeedsTls() {
    String rule = "needs http.tls.cert and http.tls.key";
    if (enabled()) {
      return;
    }
    if (clientCa.isPresent()) {
      throw InvalidSetting.of(CLIENT_CA, clientCa.get(), rule);
    }
    if (!hsts.isZero()) {
      throw InvalidSetting.of("http.tls.hsts", DurationFormat.text(hsts), rule);
    }
    if (redirect.isPresent()) {
      throw InvalidSetting.of(REDIRECT, redirect.getAsInt(), rule);
    }
  }

  private static List<Pair> pairs(SettingValues values) {
    List<String> certs = values.list(CERT, "[]", TlsSettings::path);
    List<String> keys = values.list(KEY, "[]", TlsSettings::path);
    if (certs.size() != keys.size()) {
      throw InvalidSetting.of(
          KEY, keys, "must be one file for each of http.tls.cert, in its order");
    }
    var pairs = new ArrayList<Pair>();
    for (int i = 0; i < certs.size(); i++) {
      pairs.add(new Pair(certs.get(i), keys.get(i)));
    }
    return List.copyOf(pairs);
  }

  private static String path(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("must be a list of files");
    }
    return text;
  }

  private static Optional<String> file(String text) {
    return text.equals(Settings.NONE) ? Optional.empty() : Optional.of(path(text));
  }

  private static OptionalInt port(String text) {
    if (text.equals(Settings.NONE)) {
      return OptionalInt.empty();
    }
    if (!text.matches("\\d{1,5}") || Integer.parseInt(text) > 65_535) {
      throw new IllegalArgumentException("must be none or a whole number from 0 to 65535");
    }
    return OptionalInt.of(Integer.parseInt(text));
  }
}
