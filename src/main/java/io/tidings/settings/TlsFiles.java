package io.tidings.settings;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The PEM files that a section of the settings names for TLS.
 *
 * @param section its name, such as {@code http.tls}; begins the names of its settings
 * @param pairs the certificates with their keys; empty without TLS
 * @param authorities the file with the certificates of those who may sign the peers' certificates
 * @param reload how often the files are read to see if they have changed; zero: never
 */
public record TlsFiles(
    String section, List<Pair> pairs, Optional<Authorities> authorities, Duration reload) {
  /**
   * A certificate and its key.
   *
   * @param cert the file with the certificate, and those that lead to its authority
   * @param key the file with the private key
   */
  public record Pair(String cert, String key) {}

  /**
   * The certificates of authorities.
   *
   * @param setting the setting that names the file
   */
  public record Authorities(String setting, String file) {}

  public TlsFiles {
    pairs = List.copyOf(pairs);
  }

  /** The setting of the certificates' files, for messages about them. */
  public String certSetting() {
    return section + ".cert";
  }

  /** The setting of the keys' files. */
  public String keySetting() {
    return section + ".key";
  }
}
