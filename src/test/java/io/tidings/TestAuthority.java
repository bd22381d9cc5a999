package io.tidings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;

/**
 * An authority that signs certificates, made by the JDK's keytool.
 *
 * @param file its certificate, as PEM
 */
public record TestAuthority(Path directory, String name, Path file) {
  private static final DateTimeFormatter KEYTOOL_TIME =
      DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss").withZone(ZoneId.systemDefault());

  /** A certificate that it has signed, with the authority's after it, and its key. */
  public record Issued(Path cert, Path key) {}

  /** Creates one. */
  public static TestAuthority create(Path directory, String name) throws Exception {
    var authority = new TestAuthority(directory, name, directory.resolve(name + ".pem"));
    authority.keytool("-alias", name, "-dname", "CN=" + name, "-ext", "bc:c", "-validity", "30");
    authority.writeChain(name, authority.file);
    return authority;
  }

  /** Issues a certificate for a host: {@code dns:localhost} or {@code ip:127.0.0.1}. */
  public Issued issue(String subject, String host) throws Exception {
    return issue(subject, host, Instant.now().plus(Duration.ofDays(1)));
  }

  /** Issues one that expires at this time, or has; it was issued two days before. */
  public Issued issue(String subject, String host, Instant expires) throws Exception {
    keytool(
        "-alias",
        subject,
        "-dname",
        "CN=" + subject,
        "-signer",
        name,
        "-startdate",
        KEYTOOL_TIME.format(expires.minus(Duration.ofDays(2))),
        "-validity",
        "2",
        "-ext",
        "san=" + host);
    Path cert = directory.resolve(subject + ".pem");
    Path key = directory.resolve(subject + ".key");
    writeChain(subject, cert);
    var secret = (PrivateKey) Keytool.load(keys()).getKey(subject, Keytool.PASSWORD.toCharArray());
    Files.writeString(key, Keytool.pem("PRIVATE KEY", secret.getEncoded()));
    return new Issued(cert, key);
  }

  private Path keys() {
    return directory.resolve(name + ".p12");
  }

  private void keytool(String... options) throws Exception {
    Keytool.generate(keys(), "EC", List.of(options));
  }

  private void writeChain(String alias, Path file) throws Exception {
    var text = new StringBuilder();
    for (Certificate certificate : Keytool.load(keys()).getCertificateChain(alias)) {
      text.append(Keytool.pem("CERTIFICATE", certificate.getEncoded()));
    }
    Files.writeString(file, text);
  }
}
