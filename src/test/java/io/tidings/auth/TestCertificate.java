package io.tidings.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A self-signed certificate for localhost, made by the JDK's keytool. */
final class TestCertificate {
  private static final String PASSWORD = "changeit";

  private final Path store;
  private final Path pem;

  TestCertificate(Path dir) throws IOException, InterruptedException {
    store = dir.resolve("localhost.p12");
    pem = dir.resolve("localhost.pem");
    keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "san=dns:localhost");
    keytool("-exportcert", "-rfc", "-file", pem.toString());
  }

  private void keytool(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-alias", "one", "-keystore", store.toString(), "-storepass", PASSWORD));
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }

  KeyCertOptions ofServer() {
    return new PfxOptions().setPath(store.toString()).setPassword(PASSWORD);
  }

  /** The path of the certificate. */
  String file() {
    return pem.toString();
  }

  String pem() throws IOException {
    return Files.readString(pem);
  }
}
