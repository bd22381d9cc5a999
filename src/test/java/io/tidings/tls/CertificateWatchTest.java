package io.tidings.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.TestCertificate;
import io.tidings.settings.Settings;
import io.tidings.settings.TlsFiles;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateWatchTest {
  private static TestCertificate one;
  private static TestCertificate two;

  @TempDir private Path directory;
  private TlsFiles settings;
  private Instant now = Instant.now();
  private final List<Certificates> used = new ArrayList<>();
  private CertificateWatch watch;

  @BeforeAll
  static void create(@TempDir Path certificates) throws Exception {
    one = TestCertificate.create(certificates, "one");
    two = TestCertificate.create(certificates, "two");
  }

  @BeforeEach
  void start() throws Exception {
    install(one.cert(), one.key());
    watch = watching(directory.resolve("tls.pem"), directory.resolve("tls.key"), this::use);
  }

  private CertificateWatch watching(Path cert, Path key, Function<Certificates, Future<?>> use) {
    settings =
        Settings.of(Map.of("http.tls.cert", cert.toString(), "http.tls.key", key.toString()))
            .http()
            .tls()
            .files();
    return new CertificateWatch(settings, () -> now, Certificates.read(settings, now), use);
  }

  private Future<?> use(Certificates certificates) {
    used.add(certificates);
    return Future.succeededFuture();
  }

  private void install(Path cert, Path key) throws Exception {
    Files.copy(cert, directory.resolve("tls.pem"), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(key, directory.resolve("tls.key"), StandardCopyOption.REPLACE_EXISTING);
  }

  private List<String> subjects() {
    return used.stream().map(all -> all.subjects().get(0)).toList();
  }

  @Test
  void unchangedFilesAreNotTakenIntoUseAgain() throws Exception {
    watch.read();
    install(one.cert(), one.key()); // with other times of modification
    watch.read();
    assertEquals(List.of(), used);
  }

  @Test
  void newFilesAreTakenIntoUseOnce() throws Exception {
    install(two.cert(), two.key());
    watch.read();
    watch.read();
    assertEquals(List.of("CN=two"), subjects());
    assertEquals(two.certificate().getNotAfter().toInstant(), watch.expires());
  }

  @Test
  void aPairThatIsBetweenTwoReplacementsIsNotReported() throws Exception {
    try (var log = new CapturedLog(CertificateWatch.class)) {
      install(two.cert(), one.key());
      watch.read();
      install(two.cert(), two.key());
      watch.read();
      assertEquals(List.of("CN=two"), subjects());
      assertFalse(log.contains("can't be used"), log.lines()::toString);
    }
  }

  @Test
  void aBadPairLeavesTheOldOneAndIsReportedOnceAndAgainWhenItIsMended() throws Exception {
    try (var log = new CapturedLog(CertificateWatch.class)) {
      install(two.cert(), one.key());
      for (int i = 0; i < 5; i++) {
        watch.read();
      }
      assertEquals(List.of(), used);
      assertEquals(1, log.lines().size(), log.lines()::toString);
      assertTrue(log.contains("can't be used"), log.lines()::toString);
      assertTrue(log.contains("must be the key of the certificate"), log.lines()::toString);
      install(two.cert(), two.key());
      watch.read();
      watch.read();
      assertEquals(List.of("CN=two"), subjects());
      assertTrue(log.contains("can be used again"), log.lines()::toString);
      assertEquals(3, log.lines().size(), log.lines()::toString);
    }
  }

  @Test
  void filesThatAreRemovedAndRestoredAreReportedToo() throws Exception {
    try (var log = new CapturedLog(CertificateWatch.class)) {
      Files.delete(directory.resolve("tls.key"));
      watch.read();
      watch.read();
      assertTrue(log.contains("does not exist"), log.lines()::toString);
      install(one.cert(), one.key());
      watch.read();
      assertTrue(log.contains("the files are as before"), log.lines()::toString);
      assertEquals(List.of(), used);
    }
  }

  @Test
  void anExpiredCertificateIsNotTakenIntoUse() throws Exception {
    var old = TestCertificate.create(directory, "old", "-startdate", "-9d", "-validity", "3");
    install(old.cert(), old.key());
    watch.read();
    watch.read();
    assertEquals(List.of(), used);
  }

  @Test
  void anRsaKeyThatCanBeBrokenIsNotTakenIntoUse() throws Exception {
    var weak = TestCertificate.create(directory, "weak", "RSA", "-keysize", "1024");
    install(weak.cert(), weak.key());
    try (var log = new CapturedLog(CertificateWatch.class)) {
      watch.read();
      watch.read();
      assertEquals(List.of(), used);
      assertTrue(log.contains("the old ones stay in use"), log.lines()::toString);
      assertTrue(log.contains("an RSA key of at least 2048 bits"), log.lines()::toString);
    }
  }

  @Test
  void theExpiryOfTheCertificateInUseIsReportedOnce() {
    try (var log = new CapturedLog(CertificateWatch.class)) {
      now = watch.expires().plus(Duration.ofSeconds(1));
      watch.read();
      watch.read();
      assertEquals(1, log.lines().size(), log.lines()::toString);
      assertTrue(log.contains("a certificate in use has expired: CN=one"), log.lines()::toString);
    }
  }

  @Test
  void aServerThatRefusesTheFilesKeepsTheOldOnesAndIsAskedAgain() throws Exception {
    List<Future<?>> answers =
        new ArrayList<>(
            List.of(
                Future.failedFuture("no"), Future.failedFuture("no"), Future.succeededFuture()));
    watch =
        watching(
            directory.resolve("tls.pem"), directory.resolve("tls.key"), all -> answers.remove(0));
    install(two.cert(), two.key());
    try (var log = new CapturedLog(CertificateWatch.class)) {
      watch.read();
      watch.read();
      assertTrue(log.contains("the server can't use the files"), log.lines()::toString);
      watch.read();
      assertTrue(log.contains("can be used again"), log.lines()::toString);
      assertEquals(List.of(), answers);
    }
  }

  /** As Kubernetes does: the files are links through a directory that is a link itself. */
  @Test
  void aDirectoryThatIsReplacedByChangingOneLinkIsSeen() throws Exception {
    volume("version-1", one);
    volume("version-2", two);
    Path data = directory.resolve("..data");
    Files.createSymbolicLink(data, Path.of("version-1"));
    for (String file : List.of("k8s.pem", "k8s.key")) {
      Files.createSymbolicLink(directory.resolve(file), Path.of("..data", file));
    }
    watch = watching(directory.resolve("k8s.pem"), directory.resolve("k8s.key"), this::use);
    Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("version-2"));
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
    watch.read();
    assertEquals(List.of("CN=two"), subjects());
  }

  private void volume(String name, TestCertificate certificate) throws Exception {
    Path version = Files.createDirectory(directory.resolve(name));
    Files.copy(certificate.cert(), version.resolve("k8s.pem"));
    Files.copy(certificate.key(), version.resolve("k8s.key"));
  }
}
