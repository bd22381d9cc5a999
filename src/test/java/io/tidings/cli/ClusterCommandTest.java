package io.tidings.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.TestAuthority;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ClusterCommandTest {
  @TempDir Path directory;
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private String serve(TestAuthority.Issued issued) throws Exception {
    var certificate =
        new PemKeyCertOptions()
            .setCertPath(issued.cert().toString())
            .setKeyPath(issued.key().toString());
    HttpServer server =
        vertx
            .createHttpServer(new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate))
            .requestHandler(
                request -> request.response().end(new JsonObject().put("cluster", "news").encode()))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    return "https://127.0.0.1:" + server.actualPort();
  }

  private static String run(String... arguments) throws Exception {
    var bytes = new ByteArrayOutputStream();
    var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    assertEquals(0, ClusterCommand.run(List.of(arguments), out));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aHubWithACertificateOfAnAuthorityOfOnesOwnIsAskedWithCa() throws Exception {
    TestAuthority authority = TestAuthority.create(directory, "authority");
    TestAuthority other = TestAuthority.create(directory, "other");
    String url = serve(authority.issue("node", "ip:127.0.0.1"));
    assertTrue(run("--url", url, "--ca", authority.file().toString()).startsWith("news: "));
    var unknown = assertThrows(IOException.class, () -> run("--url", url));
    assertTrue(unknown.getMessage().contains("--ca FILE names others"), unknown::getMessage);
    var wrong =
        assertThrows(IOException.class, () -> run("--url", url, "--ca", other.file().toString()));
    assertTrue(wrong.getMessage().contains("not trusted by"), wrong::getMessage);
  }

  @Test
  void aFileWithoutAuthoritiesIsNamed() throws Exception {
    Path empty = Files.writeString(directory.resolve("empty.pem"), "");
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> run("--url", "https://127.0.0.1:1", "--ca", empty.toString()));
    assertTrue(e.getMessage().contains(empty + ": must be a PEM file"), e::getMessage);
    var missing =
        assertThrows(
            IllegalArgumentException.class,
            () -> run("--url", "https://127.0.0.1:1", "--ca", "nowhere.pem"));
    assertEquals("--ca nowhere.pem: must be an existing file", missing.getMessage());
  }
}
