package io.tidings.tls;

import io.tidings.settings.InvalidSetting;
import io.tidings.settings.TlsFiles;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.net.ssl.X509KeyManager;

/** Checks that a certificate can be used with its key. Its messages name the file and the rule. */
final class KeyPairCheck {
  private static final byte[] PROBE = "Tidings".getBytes(StandardCharsets.UTF_8);

  /** Browsers and authorities accept no less; what is shorter can be broken, or soon (NIST). */
  private static final int MIN_RSA_BITS = 2_048;

  private static final String KEY_RULE =
      "must be a PEM file with the certificate's private key, RSA or EC, without a passphrase";

  private KeyPairCheck() {}

  /**
   * Checks one pair.
   *
   * @return its first certificate
   * @throws InvalidSetting if it can't be used
   */
  static X509Certificate check(
      TlsFiles settings, TlsFiles.Pair names, PemFiles.Pair pair, Instant now) {
    X509Certificate certificate =
        certificates(settings.certSetting(), names.cert(), pair.cert().getBytes()).get(0);
    checkValidity(certificate, settings.certSetting(), names.cert(), now);
    PublicKey publicKey = certificate.getPublicKey();
    if (publicKey instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < MIN_RSA_BITS) {
      throw InvalidSetting.of(
          settings.certSetting(),
          names.cert(),
          "must have an RSA key of at least " + MIN_RSA_BITS + " bits");
    }
    if (!matches(publicKey, key(settings, names, pair, publicKey.getAlgorithm()))) {
      throw InvalidSetting.of(
          settings.keySetting(),
          names.key(),
          "must be the key of the certificate in " + names.cert());
    }
    return certificate;
  }

  /**
   * The certificates in a PEM file, at least one.
   *
   * @throws InvalidSetting if there is none, or a broken one
   */
  static List<X509Certificate> certificates(String setting, String file, byte[] pem) {
    String rule = "must be a PEM file with a certificate";
    try {
      List<X509Certificate> certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (certificates.isEmpty()) {
        throw InvalidSetting.of(setting, file, rule);
      }
      return certificates;
    } catch (CertificateException e) {
      throw InvalidSetting.of(setting, file, rule);
    }
  }

  private static void checkValidity(
      X509Certificate certificate, String setting, String file, Instant now) {
    try {
      certificate.checkValidity(Date.from(now));
    } catch (CertificateExpiredException e) {
      throw InvalidSetting.of(
          setting, file, "has expired on " + certificate.getNotAfter().toInstant());
    } catch (CertificateNotYetValidException e) {
      throw InvalidSetting.of(
          setting, file, "is not valid before " + certificate.getNotBefore().toInstant());
    }
  }

  /** Parses the key as Vert.x does, whose messages are not shown: they may quote the file. */
  private static PrivateKey key(
      TlsFiles settings, TlsFiles.Pair names, PemFiles.Pair pair, String algorithm) {
    try {
      X509KeyManager keys = pair.read();
      String[] aliases = keys.getServerAliases(algorithm, null);
      if (aliases != null) {
        return keys.getPrivateKey(aliases[0]);
      }
    } catch (Exception e) {
      throw InvalidSetting.of(settings.keySetting(), names.key(), KEY_RULE);
    }
    throw InvalidSetting.of(settings.keySetting(), names.key(), KEY_RULE);
  }

  private static boolean matches(PublicKey publicKey, PrivateKey key) {
    try {
      String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
      var signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(PROBE);
      var verifier = Signature.getInstance(algorithm);
      verifier.initVerify(publicKey);
      verifier.update(PROBE);
      return verifier.verify(signer.sign());
    } catch (GeneralSecurityException e) {
      return false; // the key and its certificate are not even of the same length or curve
    }
  }
}
