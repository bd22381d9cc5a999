package io.tidings.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.TestCertificate;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificatesTest {
  private static final String OTHER_KEY =
      "must be a PEM file with the certificate's private key, RSA or EC, without a passphrase";

  @TempDir private Path directory;

  private static Certificates read(Path cert, Path key) {
    return read(Map.of("http.tls.cert", cert.toString(), "http.tls.key", key.toString()));
  }

  private static Certificates read(Map<String, Object> settings) {
    return Certificates.read(Settings.of(settings).http().tls().files(), Instant.now());
  }

  private static void assertRefused(String setting, Path file, String rule, Path cert, Path key) {
    var e = assertThrows(InvalidSetting.class, () -> read(cert, key));
    assertEquals(setting + "=" + file + ": " + rule, e.getMessage());
  }

  @Test
  void aPairOfEitherAlgorithmIsAccepted() throws Exception {
    var ec = TestCertificate.create(directory, "ec");
    var rsa = TestCertificate.create(directory, "rsa", "RSA");
    assertTrue(read(ec.cert(), ec.key()).report().startsWith("CN=ec, valid until "));
    assertTrue(read(rsa.cert(), rsa.key()).report().startsWith("CN=rsa, valid until "));
  }

  @Test
  void anRsaKeyThatCanBeBrokenIsRefused() throws Exception {
    var weak = TestCertificate.create(directory, "weak", "RSA", "-keysize", "1024");
    String rule = "must have an RSA key of at least 2048 bits";
    assertRefused("http.tls.cert", weak.cert(), rule, weak.cert(), weak.key());
    var justEnough = TestCertificate.create(directory, "enough", "RSA", "-keysize", "2048");
    read(justEnough.cert(), justEnough.key());
  }

  @Test
  void theFirstOfSeveralToExpireIsReported() throws Exception {
    var later = TestCertificate.create(directory, "later", "-validity", "50");
    var first = TestCertificate.create(directory, "first", "-validity", "20");
    var both =
        read(
            Map.of(
                "http.tls.cert", later.cert() + "," + first.cert(),
                "http.tls.key", later.key() + "," + first.key()));
    assertEquals(first.certificate().getNotAfter().toInstant(), both.expires());
  }

  @Test
  void theKeyOfAnotherCertificateIsRefused() throws Exception {
    var one = TestCertificate.create(directory, "one");
    var two = TestCertificate.create(directory, "two");
    var rsa = TestCertificate.create(directory, "rsa", "RSA");
    var longer = TestCertificate.create(directory, "longer", "RSA", "-keysize", "3072");
    String rule = "must be the key of the certificate in ";
    assertRefused("http.tls.key", two.key(), rule + one.cert(), one.cert(), two.key());
    assertRefused("http.tls.key", rsa.key(), OTHER_KEY, one.cert(), rsa.key());
    assertRefused("http.tls.key", one.key(), OTHER_KEY, rsa.cert(), one.key());
    assertRefused("http.tls.key", rsa.key(), rule + longer.cert(), longer.cert(), rsa.key());
  }

  @Test
  void aCertificateOutsideOfItsValidityIsRefused() throws Exception {
    var old = TestCertificate.create(directory, "old", "-startdate", "-9d", "-validity", "3");
    var next = TestCertificate.create(directory, "next", "-startdate", "+3d");
    assertRefused(
        "http.tls.cert",
        old.cert(),
        "has expired on " + old.certificate().getNotAfter().toInstant(),
        old.cert(),
        old.key());
    assertRefused(
        "http.tls.cert",
        next.cert(),
        "is not valid before " + next.certificate().getNotBefore().toInstant(),
        next.cert(),
        next.key());
  }

  @Test
  void aFileThatCanNotBeReadIsRefused() throws Exception {
    var pair = TestCertificate.create(directory, "pair");
    Path missing = directory.resolve("missing");
    assertRefused("http.tls.cert", missing, "does not exist", missing, pair.key());
    assertRefused("http.tls.key", missing, "does not exist", pair.cert(), missing);
    assertRefused("http.tls.key", directory, "can't be read (IOException)", pair.cert(), directory);
    Path large = Files.write(directory.resolve("large"), new byte[(1 << 20) + 1]);
    assertRefused("http.tls.cert", large, "must be a PEM file of at most 1MiB", large, pair.key());
  }

  @Test
  void aFileWithoutCertificateOrWithoutUsableKeyIsRefused() throws Exception {
    var pair = TestCertificate.create(directory, "pair");
    Path empty = Files.createFile(directory.resolve("empty"));
    String noCertificate = "must be a PEM file with a certificate";
    assertRefused("http.tls.cert", empty, noCertificate, empty, pair.key());
    assertRefused("http.tls.cert", pair.key(), noCertificate, pair.key(), pair.key());
    assertRefused("http.tls.key", empty, OTHER_KEY, pair.cert(), empty);
    assertRefused("http.tls.key", pair.cert(), OTHER_KEY, pair.cert(), pair.cert());
    Path encrypted =
        Files.writeString(
            directory.resolve("encrypted"),
            Files.readString(pair.key()).replace("PRIVATE", "ENCRYPTED PRIVATE"));
    assertRefused("http.tls.key", encrypted, OTHER_KEY, pair.cert(), encrypted);
    Path broken =
        Files.writeString(
            directory.resolve("broken"), Files.readString(pair.key()).replaceFirst("M", "!"));
    assertRefused("http.tls.key", broken, OTHER_KEY, pair.cert(), broken);
  }

  @Test
  void theAuthoritiesOfClientsAreChecked() throws Exception {
    var pair = TestCertificate.create(directory, "pair");
    var settings =
        Map.<String, Object>of(
            "http.tls.cert", pair.cert().toString(),
            "http.tls.key", pair.key().toString(),
            "http.tls.client.ca", pair.key().toString());
    var e = assertThrows(InvalidSetting.class, () -> read(settings));
    assertEquals(
        "http.tls.client.ca=" + pair.key() + ": must be a PEM file with a certificate",
        e.getMessage());
  }

  @Test
  void noTextFormContainsTheKey() throws Exception {
    var pair = TestCertificate.create(directory, "pair");
    String line = Files.readAllLines(pair.key()).get(1);
    assertFalse(read(pair.cert(), pair.key()).toString().contains(line));
  }
}
