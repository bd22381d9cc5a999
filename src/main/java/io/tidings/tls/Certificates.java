package io.tidings.tls;

import io.tidings.settings.InvalidSetting;
import io.tidings.settings.TlsSettings;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Certificates that can be used, with their keys, as they were read from their files. Immutable.
 *
 * @param subjects the names of the certificates' subjects
 * @param expires when the first of them expires
 */
public record Certificates(PemFiles files, List<String> subjects, Instant expires) {
  /**
   * Reads and checks the files. Blocks.
   *
   * @throws InvalidSetting if one can't be used; its message names the setting, the file and the
   *     reason, and nothing of the file's contents
   */
  public static Certificates read(TlsSettings settings, Instant now) {
    return of(PemFiles.read(settings), settings, now);
  }

  static Certificates of(PemFiles files, TlsSettings settings, Instant now) {
    List<X509Certificate> certificates = new ArrayList<>();
    for (int i = 0; i < files.pairs().size(); i++) {
      certificates.add(KeyPairCheck.check(settings.pairs().get(i), files.pairs().get(i), now));
    }
    files
        .clientCa()
        .ifPresent(
            pem ->
                KeyPairCheck.certificates(
                    TlsSettings.CLIENT_CA, settings.clientCa().orElseThrow(), pem.getBytes()));
    return new Certificates(
        files,
        certificates.stream().map(one -> one.getSubjectX500Principal().getName()).toList(),
        certificates.stream()
            .map(one -> one.getNotAfter().toInstant())
            .min(Instant::compareTo)
            .orElseThrow());
  }

  /** For the server: the pair for each name. */
  public KeyCertOptions keys() {
    return new PairsByName(files.pairs());
  }

  /** For the server: who may sign clients' certificates. */
  public Optional<TrustOptions> clientAuthorities() {
    return files.clientCa().map(pem -> new PemTrustOptions().addCertValue(pem));
  }

  /** One line for the log. */
  public String report() {
    return subjects.stream().collect(Collectors.joining("; ")) + ", valid until " + expires;
  }
}
