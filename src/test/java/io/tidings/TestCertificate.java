package io.tidings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate that the JDK's keytool has made and signed with its own key, as PEM files.
 *
 * @param cert the file of the certificate
 * @param key the file of its key
 */
public record TestCertificate(Path cert, Path key, KeyStore store) {
  private static final char[] PASSWORD = Keytool.PASSWORD.toCharArray();
  private static final String ALIAS = "key";

  /** One for localhost and 127.0.0.1, with an EC key. */
  public static TestCertificate create(Path directory, String name) throws Exception {
    return create(directory, name, "-ext", "san=dns:localhost,ip:127.0.0.1");
  }

  /**
   * Creates one.
   *
   * @param name of the files, and the subject
   * @param options for keytool; later ones count
   */
  public static TestCertificate create(Path directory, String name, String... options)
      throws Exception {
    Path file = directory.resolve(name + ".p12");
    List<String> all =
        new ArrayList<>(List.of("-alias", ALIAS, "-startdate", "-1d", "-dname", "CN=" + name));
    List.of(options).stream().filter(option -> !option.equals("RSA")).forEach(all::add);
    Keytool.generate(file, List.of(options).contains("RSA") ? "RSA" : "EC", all);
    KeyStore store = Keytool.load(file);
    Files.delete(file);
    return new TestCertificate(
        pem(directory.resolve(name + ".pem"), "CERTIFICATE", certificate(store).getEncoded()),
        pem(
            directory.resolve(name + ".key"),
            "PRIVATE KEY",
            ((PrivateKey) store.getKey(ALIAS, PASSWORD)).getEncoded()),
        store);
  }

  private static Path pem(Path file, String type, byte[] bytes) throws IOException {
    return Files.writeString(file, Keytool.pem(type, bytes));
  }

  private static X509Certificate certificate(KeyStore store) throws GeneralSecurityException {
    return (X509Certificate) store.getCertificate(ALIAS);
  }

  public X509Certificate certificate() throws GeneralSecurityException {
    return certificate(store);
  }

  /** A context of a client that trusts only the given certificates. */
  public static SSLContext trusting(TestCertificate... trusted) throws Exception {
    return context(null, trusted);
  }

  /** The same, of a client that has this certificate. */
  public SSLContext asClient(TestCertificate... trusted) throws Exception {
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    return context(keys, trusted);
  }

  private static SSLContext context(KeyManagerFactory keys, TestCertificate... trusted)
      throws Exception {
    KeyStore authorities = KeyStore.getInstance("PKCS12");
    authorities.load(null, null);
    for (int i = 0; i < trusted.length; i++) {
      authorities.setCertificateEntry("trusted-" + i, trusted[i].certificate());
    }
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(authorities);
    var context = SSLContext.getInstance("TLS");
    context.init(keys == null ? null : keys.getKeyManagers(), managers.getTrustManagers(), null);
    return context;
  }
}
