package io.tidings.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.TestAuthority;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateHostTest {
  @TempDir static Path directory;
  private static TestAuthority authority;

  @BeforeAll
  static void createAuthority() throws Exception {
    authority = TestAuthority.create(directory, "authority");
  }

  @ParameterizedTest
  @CsvSource({
    "n1, dns:node1, node1, true",
    "n1, dns:node1, NODE1, true",
    "n2, dns:node1, n2, false",
    "n3, dns:*.example.org, a.example.org, true",
    "n3, dns:*.example.org, a.b.example.org, false",
    "n3, dns:*.example.org, example.org, false",
    "n4, ip:127.0.0.1, 127.0.0.1, true",
    "n4, ip:127.0.0.1, 127.0.0.2, false",
    "n5, ip:127.0.0.1, n5, true",
    "n6, dns:127.0.0.1.example, 127.0.0.1, false",
    "n7, ip:::1, 0:0:0:0:0:0:0:1, true",
  })
  void itIsForItsAlternativeNamesOrElseForItsCommonName(
      String subject, String san, String host, boolean expected) throws Exception {
    Path cert = directory.resolve(subject + ".pem");
    if (!Files.exists(cert)) {
      authority.issue(subject, san);
    }
    try (InputStream in = Files.newInputStream(cert)) {
      var factory = CertificateFactory.getInstance("X.509");
      var first = (X509Certificate) factory.generateCertificates(in).iterator().next();
      assertEquals(expected, CertificateHost.matches(first, host));
    }
  }
}
