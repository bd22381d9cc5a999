package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.log.redis.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hubs on Debian's Redis, which is killed meanwhile. */
class RedisIT {
  @TempDir Path directory;

  @Test
  void nothingIsLostOrRepeatedWhileRedisIsKilledAndStarted() throws Exception {
    try (var redis = RedisServer.onFreePort();
        var nodes = Nodes.startHubs(2, "log.kind=redis", "log.redis.url=" + redis.url())) {
      var roamers =
          List.of(new Roamer(nodes, "topic=load.**", 1), new Roamer(nodes, "topic=load.**", 2));
      var load = nodes.new Load("load", 3, Duration.ofMillis(3));
      for (int i = 0; i < 4; i++) {
        int taken = load.taken();
        Wait.until("events are taken", () -> load.taken() > taken + 100);
        redis.kill();
        redis.start();
      }
      Map<String, String> taken = load.stop();
      for (Roamer roamer : roamers) {
        Wait.until("all is received", () -> roamer.received().size() >= taken.size());
        roamer.close();
        assertEquals(taken.size(), roamer.received().size());
        assertEquals(roamers.get(0).data(), roamer.data());
        roamer.received().forEach(one -> assertEquals(taken.get(one.data()), one.lastEventId()));
      }
    }
  }

  @Test
  void whileRedisIsDownEntriesInMemoryAreServedAndPublishingIsRefused() throws Exception {
    try (var redis = RedisServer.onFreePort();
        var nodes = startOn(redis)) {
      URI events = nodes.url(0).resolve("events/a");
      assertEquals(200, Nodes.post(events, "before").statusCode());
      redis.kill();
      HttpResponse<String> refused = Nodes.post(events, "now");
      assertNotAcknowledged(refused);
      assertTrue(refused.headers().firstValue("Retry-After").isPresent());
      Wait.until("it is not ready", () -> nodes.status(0) == 503);
      var request = HttpRequest.newBuilder(URI.create(events + "?last_event_id=earliest")).build();
      try (InputStream in =
          Nodes.HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream()).body()) {
        var received = new StringBuilder();
        while (received.indexOf("before") < 0) {
          received.append(new String(in.readNBytes(1), StandardCharsets.UTF_8));
        }
      }
      redis.start();
      nodes.awaitReady(0);
      assertEquals(200, Nodes.post(events, "after").statusCode());
    }
  }

  private static Nodes startOn(RedisServer redis) throws Exception {
    return Nodes.startHubs(
        1, "log.kind=redis", "log.redis.url=" + redis.url(), "producer.clock=off");
  }

  /** Either 504 or 503: whether Redis has stored the event depends on the moment of the kill. */
  private static void assertNotAcknowledged(HttpResponse<String> answer) {
    assertTrue(answer.statusCode() == 503 || answer.statusCode() == 504, answer::toString);
  }

  @Test
  void readyMeansThatAPublicationIsAcceptedWhateverHappensToRedis() throws Exception {
    try (var redis = RedisServer.onFreePort();
        var nodes = startOn(redis)) {
      URI events = nodes.url(0).resolve("events/a");
      assertEquals(200, Nodes.post(events, "before").statusCode());
      redis.pause();
      Wait.until("it is not ready", () -> nodes.status(0) == 503);
      assertNotAcknowledged(Nodes.post(events, "perhaps"));
      redis.resume();
      nodes.awaitReady(0);
      assertEquals(200, Nodes.post(events, "after the pause").statusCode());
      redis.command("CONFIG", "SET", "maxmemory", "1");
      Wait.until("it is not ready", () -> nodes.status(0) == 503);
      assertNotAcknowledged(Nodes.post(events, "perhaps"));
      redis.command("CONFIG", "SET", "maxmemory", "0");
      nodes.awaitReady(0);
      assertEquals(200, Nodes.post(events, "after it was full").statusCode());
      redis.command("FLUSHALL");
      Wait.until("it is published", () -> isPublished(events, "after the loss"));
      nodes.awaitReady(0);
      assertEquals(200, Nodes.post(events, "last").statusCode());
      String all = Nodes.get(URI.create(events + "?last_event_id=earliest&for=1s")).body();
      assertTrue(all.contains("data: last") && !all.contains("data: before"), all);
    }
  }

  private static boolean isPublished(URI events, String data) {
    try {
      return Nodes.post(events, data).statusCode() == 200;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void hubsWithoutAClusterShareAStreamWithPasswordAndTls() throws Exception {
    certificate();
    String key = directory.resolve("key.pem").toString();
    String certificate = directory.resolve("cert.pem").toString();
    int port = Nodes.freePort();
    try (var redis =
        RedisServer.onFreePort(
            "--requirepass",
            "secret",
            "--tls-port",
            "" + port,
            "--tls-cert-file",
            certificate,
            "--tls-key-file",
            key,
            "--tls-ca-cert-file",
            certificate,
            "--tls-auth-clients",
            "no")) {
      String url = "log.redis.url=rediss://:secret@localhost:" + port;
      List<String> arguments =
          List.of(
              "--port",
              "0",
              "--set",
              "log.kind=redis",
              "--set",
              url,
              "--set",
              "log.redis.ca=" + certificate,
              "--set",
              "producer.clock=off");
      try (var one = JarProcess.start(arguments.toArray(String[]::new));
          var other = JarProcess.start(arguments.toArray(String[]::new))) {
        assertEquals(200, Nodes.post(one.url().resolve("events/a"), "hello").statusCode());
        URI resumed = other.url().resolve("events/a?last_event_id=earliest&for=1s");
        assertTrue(Nodes.get(resumed).body().contains("data: hello"));
      }
    }
  }

  @Test
  void withoutRedisTheStartNamesTheAddressButNotThePassword() throws Exception {
    int nobody = Nodes.freePort();
    try (var hub =
        JarProcess.start(
            "--port",
            "0",
            "--set",
            "log.kind=redis",
            "--set",
            "log.redis.url=redis://:secret@127.0.0.1:" + nobody)) {
      assertEquals(1, hub.exitCode());
      String line = String.join("\n", hub.errors());
      assertTrue(line.contains("log.redis.url: redis://127.0.0.1:" + nobody), line);
      assertTrue(!line.contains("secret"), line);
    }
  }

  private void certificate() throws Exception {
    int status =
        new ProcessBuilder(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-keyout",
                directory.resolve("key.pem").toString(),
                "-out",
                directory.resolve("cert.pem").toString(),
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("openssl").toFile())
            .start()
            .waitFor();
    assertEquals(0, status, Files.readString(directory.resolve("openssl")));
  }
}
