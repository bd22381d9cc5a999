package io.tidings.tls;

import io.tidings.settings.InvalidSetting;
import io.tidings.settings.TlsFiles;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Certificates that can be used, with their keys, as they were read from their files. Immutable.
 *
 * @param own the first certificate of each pair
 * @param authorities the certificates of those who may sign the peers' certificates
 */
public record Certificates(
    PemFiles files, List<X509Certificate> own, List<X509Certificate> authorities) {
  public Certificates {
    own = List.copyOf(own);
    authorities = List.copyOf(authorities);
  }

  /**
   * Reads and checks the files. Blocks.
   *
   * @throws InvalidSetting if one can't be used; its message names the setting, the file and the
   *     reason, and nothing of the file's contents
   */
  public static Certificates read(TlsFiles settings, Instant now) {
    return of(PemFiles.read(settings), settings, now);
  }

  static Certificates of(PemFiles files, TlsFiles settings, Instant now) {
    List<X509Certificate> own = new ArrayList<>();
    for (int i = 0; i < files.pairs().size(); i++) {
      own.add(KeyPairCheck.check(settings, settings.pairs().get(i), files.pairs().get(i), now));
    }
    List<X509Certificate> authorities =
        files.authorities().map(pem -> authorities(settings, pem)).orElse(List.of());
    return new Certificates(files, own, authorities);
  }

  private static List<X509Certificate> authorities(TlsFiles settings, Buffer pem) {
    TlsFiles.Authorities named = settings.authorities().orElseThrow();
    return KeyPairCheck.certificates(named.setting(), named.file(), pem.getBytes());
  }

  /**
   * Checks that the first certificate is for the host by which others know this process.
   *
   * @throws InvalidSetting if it is not
   */
  public void checkHost(TlsFiles settings, String host) {
    if (!CertificateHost.matches(own.get(0), host)) {
      throw InvalidSetting.of(
          settings.certSetting(),
          settings.pairs().get(0).cert(),
          "must be for "
              + host
              + ", by which cluster.members names this node (subjectAltName); it is for "
              + own.get(0).getSubjectX500Principal().getName());
    }
  }

  /** The names of the certificates' subjects. */
  public List<String> subjects() {
    return own.stream().map(one -> one.getSubjectX500Principal().getName()).toList();
  }

  /** When the first of the certificates expires. */
  public Instant expires() {
    return own.stream()
        .map(one -> one.getNotAfter().toInstant())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  /** For the server: the pair for each name. */
  public KeyCertOptions keys() {
    return new PairsByName(files.pairs());
  }

  /** For the server: who may sign clients' certificates. */
  public Optional<TrustOptions> clientAuthorities() {
    return files.authorities().map(pem -> new PemTrustOptions().addCertValue(pem));
  }

  /** One line for the log. */
  public String report() {
    return String.join("; ", subjects()) + ", valid until " + expires();
  }
}
