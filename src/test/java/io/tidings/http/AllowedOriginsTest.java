package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.settings.CorsSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The checks of origins in a server that does nothing else; the path chooses the check. */
class AllowedOriginsTest {
  private static final CorsSettings LISTED =
      new CorsSettings(
          List.of("https://reader.example", "null"), List.of("https://writer.example"));
  private static final CorsSettings ANY = new CorsSettings(List.of("*"), List.of("*"));

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private RawClient.Answer request(CorsSettings cors, String path, String... headers)
      throws Exception {
    var origins = new AllowedOrigins(cors, new TrustedProxies(List.of()));
    int port =
        get(vertx
                .createHttpServer()
                .requestHandler(request -> answer(origins, request))
                .listen(0, "127.0.0.1"))
            .actualPort();
    try (var client = new RawClient(port)) {
      client.send(
          "GET "
              + path
              + " HTTP/1.1\r\nHost: hub.example:8080\r\n"
              + String.join("\r\n", headers)
              + (headers.length == 0 ? "" : "\r\n")
              + "\r\n");
      return client.answer();
    }
  }

  private static void answer(AllowedOrigins origins, HttpServerRequest request) {
    try {
      switch (request.path()) {
        case "/subscribe" -> origins.allowSubscribing(request);
        case "/publish" -> origins.checkPublishing(request);
        case "/socket" -> origins.checkWebSocket(request);
        default -> {
          origins.answerPreflight(request);
          return;
        }
      }
      request.response().end("allowed");
    } catch (Problem e) {
      e.send(request);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/publish, http://hub.example:8080, 200",
    "/publish, HTTPS://HUB.example:8080, 200", // a proxy may have changed the scheme
    "/publish, https://writer.example, 200",
    "/publish, https://reader.example, 403",
    "/publish, http://hub.example, 403",
    "/publish, http://hub.example:80800, 403",
    "/publish, null, 403",
    "/publish, *, 403",
    "/socket, http://hub.example:8080, 200",
    "/socket, https://reader.example, 200",
    "/socket, https://writer.example, 403",
    "/subscribe, https://other.example, 200", // the browser keeps the response from the page
  })
  void aPageOfAnotherOriginMustBeListed(String path, String origin, int status) throws Exception {
    assertEquals(status, request(LISTED, path, "Origin: " + origin).status());
  }

  @Test
  void aRequestWithoutAnOriginIsAllowed() throws Exception {
    assertEquals(200, request(LISTED, "/publish").status());
    assertEquals(200, request(LISTED, "/socket").status());
  }

  @ParameterizedTest
  @CsvSource({
    "https://reader.example, https://reader.example, true",
    "null, null, ''", // any page can have this origin
    "https://other.example, '', ''",
  })
  void onlyListedOriginsReadTheResponseAndOnlyRealOnesWithCredentials(
      String origin, String allowed, String credentials) throws Exception {
    var headers = request(LISTED, "/subscribe", "Origin: " + origin).headers();
    assertEquals(allowed, headers.getOrDefault("access-control-allow-origin", ""));
    assertEquals(credentials, headers.getOrDefault("access-control-allow-credentials", ""));
  }

  @Test
  void ifAllOriginsAreAllowedNoResponseAllowsCredentials() throws Exception {
    var headers = request(ANY, "/subscribe", "Origin: https://other.example").headers();
    assertEquals("*", headers.get("access-control-allow-origin"));
    assertEquals("", headers.getOrDefault("access-control-allow-credentials", ""));
    assertEquals(200, request(ANY, "/publish", "Origin: null").status());
  }

  @Test
  void aPreflightIsAnsweredForTheRequestedMethod() throws Exception {
    String writer = "Origin: https://writer.example";
    String post = "Access-Control-Request-Method: POST";
    RawClient.Answer answer = request(LISTED, "/preflight", writer, post);
    assertEquals(204, answer.status());
    assertEquals("POST", answer.headers().get("access-control-allow-methods"));
    String get = "Access-Control-Request-Method: GET";
    assertEquals(403, request(LISTED, "/preflight", writer, get).status());
  }
}
