package com.example.news;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/** The application, with a hub of its own that is killed: the jar that the property hub.jar names. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class NewsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir static Path directory;

  private static int hubPort;
  private static Process hub;

  @Autowired private WebClient.Builder http;

  @Value("${local.server.port}")
  private int port;

  @DynamicPropertySource
  static void hub(DynamicPropertyRegistry properties) {
    try (var free = new ServerSocket(0)) {
      hubPort = free.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    startHub();
    properties.add("hub.url", () -> "http://127.0.0.1:" + hubPort);
  }

  /** Does not wait until it accepts requests: the application does. */
  private static void startHub() {
    try {
      hub =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-jar",
                  Path.of(System.getProperty("hub.jar")).toAbsolutePath().toString(),
                  "--port",
                  "" + hubPort,
                  "--set",
                  "producer.keyboard=off")
              .directory(directory.toFile())
              .inheritIO()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  static void killHub() {
    hub.destroyForcibly().onExit().join();
  }

  @Test
  void allNewsAreReceivedInOrderAndOnceThoughTheHubIsKilled() {
    publish(1, 10);
    awaitNews(10);
    killHub();
    startHub();
    publish(11, 20); // the application repeats the first until the hub is there
    awaitNews(20);
  }

  private Mono<Void> post(int number) {
    return client()
        .post()
        .uri("/news")
        .bodyValue("news " + number)
        .retrieve()
        .toBodilessEntity()
        .then();
  }

  private void publish(int from, int to) {
    IntStream.rangeClosed(from, to).forEach(number -> post(number).block(PATIENCE));
  }

  private void awaitNews(int count) {
    List<String> expected =
        IntStream.rangeClosed(1, count).mapToObj(number -> "news " + number).toList();
    List<String> received =
        client()
            .get()
            .uri("/news")
            .retrieve()
            .bodyToMono(new ParameterizedTypeReference<List<String>>() {})
            .repeatWhen(again -> again.delayElements(Duration.ofMillis(50)))
            .filter(list -> list.size() >= count)
            .blockFirst(PATIENCE);
    assertEquals(expected, received);
  }

  private WebClient client() {
    return http.baseUrl("http://127.0.0.1:" + port).build();
  }
}
