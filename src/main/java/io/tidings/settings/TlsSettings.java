package io.tidings.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The section {@code http.tls}, and {@code http.redirect}: TLS on the HTTP port.
 *
 * @param files the certificates with their keys, and who may sign clients' certificates. The first
 *     pair is for clients that name no host, or one that no certificate is for
 * @param clients whether a client must have a certificate; without effect without authorities
 * @param hsts for how long browsers are told to use only https; zero: they are not told
 * @param redirect the port on which plain requests are redirected to https; 0 for any free port
 * @param redirectTo the port that they are redirected to; 0 for the one that the hub listens on
 */
public record TlsSettings(
    TlsFiles files, Clients clients, Duration hsts, OptionalInt redirect, int redirectTo) {
  private static final String SECTION = "http.tls";
  private static final String CERT = SECTION + ".cert";
  private static final String KEY = SECTION + ".key";
  private static final String CLIENT_CA = SECTION + ".client.ca";
  private static final String REDIRECT = "http.redirect";
  private static final Duration MAX_HSTS = Duration.ofDays(1_000);

  /** What a client has to show. */
  public enum Clients {
    REQUIRED,
    REQUEST
  }

  /** Whether the HTTP port speaks TLS. */
  public boolean enabled() {
    return !files.pairs().isEmpty();
  }

  static TlsSettings read(SettingValues values) {
    var settings =
        new TlsSettings(
            files(values),
            values.choice("http.tls.client.certificate", Clients.REQUIRED, Clients.class),
            values.duration("http.tls.hsts", Duration.ZERO, MAX_HSTS),
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
    if (files.authorities().isPresent()) {
      throw InvalidSetting.of(CLIENT_CA, files.authorities().get().file(), rule);
    }
    if (!hsts.isZero()) {
      throw InvalidSetting.of("http.tls.hsts", DurationFormat.text(hsts), rule);
    }
    if (redirect.isPresent()) {
      throw InvalidSetting.of(REDIRECT, redirect.getAsInt(), rule);
    }
  }

  private static TlsFiles files(SettingValues values) {
    return new TlsFiles(
        SECTION,
        pairs(values),
        values
            .parsed(CLIENT_CA, Settings.NONE, TlsSettings::file)
            .map(file -> new TlsFiles.Authorities(CLIENT_CA, file)),
        values.duration(SECTION + ".reload", Duration.ofSeconds(10), SettingValues.DAY));
  }

  private static List<TlsFiles.Pair> pairs(SettingValues values) {
    List<String> certs = values.list(CERT, "[]", TlsSettings::path);
    List<String> keys = values.list(KEY, "[]", TlsSettings::path);
    if (certs.size() != keys.size()) {
      throw InvalidSetting.of(
          KEY, keys, "must be one file for each of http.tls.cert, in its order");
    }
    var pairs = new ArrayList<TlsFiles.Pair>();
    for (int i = 0; i < certs.size(); i++) {
      pairs.add(new TlsFiles.Pair(certs.get(i), keys.get(i)));
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
