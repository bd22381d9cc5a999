package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Grants;
import io.tidings.auth.Principal;
import io.tidings.event.Event;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.ext.web.handler.SessionHandler;
import io.vertx.ext.web.sstore.LocalSessionStore;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The router of a hub in servers of an application. */
class HubRouterTest {
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  private final Map<HttpVersion, HttpClient> clients = new HashMap<>();
  private final List<String> text = new CopyOnWriteArrayList<>();
  private Hub hub;
  private int port;

  @BeforeEach
  void open() throws Exception {
    hub = get(Hub.open(vertx, Map.of("log.kind", "memory", "stream.drain", "0")));
    for (HttpVersion version : List.of(HttpVersion.HTTP_1_1, HttpVersion.HTTP_2)) {
      var options =
          new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false);
      clients.put(version, vertx.createHttpClient(options));
    }
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
  }

  /** Who makes a request is in a header, as an application must not have it. */
  private Router hubRouter() {
    return hub.router(
        context -> {
          String name = context.request().getHeader("X-User");
          return name == null
              ? null
              : Principal.of(
                  name, Grants.toSubscribe("news.**").and(Grants.toPublish("news." + name)));
        });
  }

  private void serve(Consumer<Router> routes) throws Exception {
    serve(new HttpServerOptions(), routes);
  }

  private void serve(HttpServerOptions options, Consumer<Router> routes) throws Exception {
    Router router = Router.router(vertx);
    routes.accept(router);
    HttpServer server = get(vertx.createHttpServer(options).requestHandler(router).listen(0));
    port = server.actualPort();
  }

  /** With a handler before the hub's that goes on later. */
  private void serveBehindALookUp() throws Exception {
    serve(
        router -> {
          router
              .route()
              .handler(
                  context -> {
                    context.request().pause();
                    vertx.setTimer(50, found -> context.next());
                  });
          router.route("/live/*").subRouter(hubRouter());
        });
  }

  private HttpClientResponse request(
      HttpVersion version, HttpMethod method, String path, String body, String... headers)
      throws Exception {
    var options = new RequestOptions().setPort(port).setMethod(method).setURI(path);
    for (int i = 0; i < headers.length; i += 2) {
      options.putHeader(headers[i], headers[i + 1]);
    }
    return get(
        clients
            .get(version)
            .request(options)
            .compose(
                request -> {
                  Future<HttpClientResponse> answered =
                      request
                          .response() // before it can come
                          .onSuccess(response -> response.handler(part -> text.add("" + part)));
                  request.send(body == null ? Buffer.buffer() : Buffer.buffer(body));
                  return answered;
                }));
  }

  private HttpClientResponse stream(HttpVersion version, String path, String... headers)
      throws Exception {
    HttpClientResponse response = request(version, HttpMethod.GET, path, null, headers);
    assertEquals(200, response.statusCode());
    awaitText("hub.open");
    return response;
  }

  private void awaitText(String part) {
    Wait.until(
        "the response has " + part + ": " + text, () -> String.join("", text).contains(part));
  }

  private int status(HttpMethod method, String path, String body, String... headers)
      throws Exception {
    return request(HttpVersion.HTTP_1_1, method, path, body, headers).statusCode();
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void streamsAndPublishingWorkBelowAnyPath(HttpVersion version) throws Exception {
    serve(router -> router.route("/app/:tenant/live/*").subRouter(hubRouter()));
    stream(version, "/app/one/live/events/news.**", "X-User", "ann");
    HttpClientResponse published =
        request(
            version, HttpMethod.POST, "/app/one/live/events/news.ann", "it rains", "X-User", "ann");
    assertEquals(200, published.statusCode());
    awaitText("data: it rains");
    get(hub.publish(Event.of("news.of.the.hub", "of the process")));
    awaitText("data: of the process");
  }

  @Test
  void aRouterAtTheRootServesEverything() throws Exception {
    serve(router -> router.route("/*").subRouter(hubRouter()));
    stream(HttpVersion.HTTP_1_1, "/events/news.a", "X-User", "ann");
    assertEquals(200, status(HttpMethod.GET, "/health/ready", null));
    assertEquals(200, status(HttpMethod.GET, "/", null));
    assertEquals(404, status(HttpMethod.GET, "/nothing", null));
  }

  @Test
  void itsPagesAreBelowThePathAndNothingElse() throws Exception {
    serve(
        router -> {
          router.route("/live/*").subRouter(hubRouter());
          router.route("/own").handler(context -> context.end("of the application"));
        });
    assertEquals(200, status(HttpMethod.GET, "/live/", null));
    awaitText("<title>");
    assertEquals(200, status(HttpMethod.GET, "/live/tidings.css", null));
    assertEquals(404, status(HttpMethod.GET, "/tidings.css", null));
    assertEquals(404, status(HttpMethod.GET, "/live/session", null));
    assertEquals(200, status(HttpMethod.GET, "/own", null));
    awaitText("of the application");
  }

  @Test
  void whoMakesARequestIsWhatTheApplicationSays() throws Exception {
    serve(router -> router.route("/live/*").subRouter(hubRouter()));
    assertEquals(401, status(HttpMethod.GET, "/live/events/news.a", null));
    assertEquals(403, status(HttpMethod.GET, "/live/events/chat", null, "X-User", "ann"));
    assertEquals(403, status(HttpMethod.POST, "/live/events/news.bob", "x", "X-User", "ann"));
    assertEquals(200, status(HttpMethod.POST, "/live/events/news.ann", "x", "X-User", "ann"));
    assertEquals(
        403,
        status(
            HttpMethod.POST,
            "/live/events/news.ann",
            "x",
            "X-User",
            "ann",
            "Origin",
            "https://elsewhere.example"));
    assertEquals(
        403,
        status(
            HttpMethod.POST, "/live/events/news.ann", "x", "X-User", "ann", "Cookie", "session=1"));
    assertEquals(
        400, status(HttpMethod.GET, "/live/events/news.a?ticket=abc", null, "X-User", "ann"));
    assertEquals(401, status(HttpMethod.GET, "/live/metrics", null));
    assertEquals(403, status(HttpMethod.GET, "/live/metrics", null, "X-User", "ann"));
  }

  @Test
  void handlersOfTheApplicationAreCalledBeforeAndAfterItsRequests() throws Exception {
    var ended = new AtomicInteger();
    serve(
        router -> {
          router.route().handler(SessionHandler.create(LocalSessionStore.create(vertx)));
          router.route().handler(BodyHandler.create(false));
          router
              .route()
              .handler(
                  context -> {
                    context.session().put("user", "ann");
                    context.addEndHandler(end -> ended.incrementAndGet());
                    context.next();
                  });
          router
              .route("/live/*")
              .subRouter(
                  hub.router(context -> Principal.of(context.session().get("user"), Grants.ALL)));
        });
    HttpClientResponse stream = stream(HttpVersion.HTTP_1_1, "/live/events/a");
    assertTrue(stream.getHeader("Set-Cookie").startsWith("vertx-web.session="));
    assertEquals(200, status(HttpMethod.POST, "/live/events/a", "read before"));
    awaitText("data: read before");
    assertEquals(
        200,
        status(
            HttpMethod.POST,
            "/live/events/a",
            "as curl sends it",
            "Content-Type",
            "application/x-www-form-urlencoded"));
    awaitText("data: as curl sends it");
    Wait.until("the two publishers' requests have ended", () -> ended.get() == 2);
    get(stream.request().connection().close());
    Wait.until("the stream has ended too", () -> ended.get() == 3);
    awaitStreams(0);
  }

  private void awaitStreams(int open) {
    Wait.until("streams are open: " + hub.streams(), () -> hub.streams() == open);
  }

  @Test
  void aBodyThatIsNotHandedOnIsRefused() throws Exception {
    serve(
        router -> {
          router
              .route()
              .handler(context -> context.request().body().onSuccess(read -> context.next()));
          router.route("/live/*").subRouter(hubRouter());
        });
    assertEquals(400, status(HttpMethod.POST, "/live/events/news.ann", "lost", "X-User", "ann"));
    awaitText("body: was read, or has come and gone, before the hub's handler.");
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void aHandlerBeforeTheHubMayGoOnLaterIfItPausesTheRequest(HttpVersion version) throws Exception {
    serveBehindALookUp();
    HttpClientResponse published =
        request(version, HttpMethod.POST, "/live/events/news.ann", "late", "X-User", "ann");
    assertEquals(200, published.statusCode());
    stream(version, "/live/events/news.ann?last_event_id=earliest", "X-User", "ann");
    awaitText("data: late");
  }

  @Test
  void aPausedRequestThatIsRefusedHoldsUpNoneBehindIt() throws Exception {
    serveBehindALookUp();
    byte[] body = new byte[1 << 19];
    String refused = "POST /live/events/news HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";
    String next = "GET /live/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    try (var socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(10_000);
      var out = socket.getOutputStream();
      out.write((refused + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(body);
      out.write(next.getBytes(StandardCharsets.US_ASCII));
      String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answers.startsWith("HTTP/1.1 401 "), answers);
      assertTrue(answers.contains("HTTP/1.1 200 "), answers);
    }
  }

  @Test
  void theApplicationAnswersWhatItsFunctionThrows() throws Exception {
    Router hubs =
        hub.router(
            context -> {
              throw new HttpException(418, "no coffee");
            });
    serve(
        router -> {
          router.route("/live/*").subRouter(hubs);
          router
              .route()
              .failureHandler(
                  context ->
                      context
                          .response()
                          .setStatusCode(context.statusCode())
                          .end("of the application: " + context.failure().getMessage()));
        });
    for (String path : List.of("/events/news", "/events?topic=news", "/stats", "/")) {
      int expected = path.equals("/") ? 200 : 418; // pages need no right
      assertEquals(expected, status(HttpMethod.GET, "/live" + path, null), path);
    }
    assertEquals(418, status(HttpMethod.POST, "/live/events/news", "x"));
    awaitText("of the application: ");
  }

  @Test
  void anApplicationThatTakesNoTokensAsksForNone() throws Exception {
    serve(router -> router.route("/live/*").subRouter(hub.router(context -> null)));
    HttpClientResponse refused =
        request(HttpVersion.HTTP_1_1, HttpMethod.POST, "/live/events/news", "x");
    assertEquals(401, refused.statusCode());
    assertNull(refused.getHeader("WWW-Authenticate"));
  }

  @Test
  void aFormThatAHandlerHasTakenApartIsRefusedInsteadOfPublishedEmpty() throws Exception {
    serve(
        router -> {
          router.route().handler(BodyHandler.create(false));
          router.route("/live/*").subRouter(hubRouter());
        });
    String form = "--b\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\nlost\r\n--b--\r\n";
    assertEquals(
        400,
        status(
            HttpMethod.POST,
            "/live/events/news.ann",
            form,
            "X-User",
            "ann",
            "Content-Type",
            "multipart/form-data; boundary=b"));
    awaitText("body: is multipart/form-data");
  }

  @Test
  void aServerThatCompressesDoesSoWithStreams() throws Exception {
    serve(
        new HttpServerOptions().setCompressionSupported(true),
        router -> router.route("/live/*").subRouter(hubRouter()));
    HttpClientResponse raw =
        request(
            HttpVersion.HTTP_1_1,
            HttpMethod.GET,
            "/live/events/news.a",
            null,
            "X-User",
            "ann",
            "Accept-Encoding",
            "gzip");
    assertEquals("gzip", raw.getHeader("Content-Encoding"));
    clients.put(
        HttpVersion.HTTP_1_1,
        vertx.createHttpClient(new HttpClientOptions().setDecompressionSupported(true)));
    stream(HttpVersion.HTTP_1_1, "/live/events/news.a", "X-User", "ann");
    get(hub.publish(Event.of("news.a", "compressed")));
    awaitText("data: compressed");
  }

  @Test
  void streamsOverWebSocketsAndPollsWork() throws Exception {
    serve(router -> router.route("/live/*").subRouter(hubRouter()));
    var options = new WebSocketConnectOptions();
    options.setPort(port).setURI("/live/events/news.a").putHeader("X-User", "ann");
    List<String> frames = new CopyOnWriteArrayList<>();
    ClientWebSocket socket = vertx.createWebSocketClient().webSocket();
    socket.textMessageHandler(frames::add); // before a message can come
    get(socket.connect(options));
    Wait.until("the socket is open", () -> String.join("", frames).contains("hub.open"));
    String id = get(hub.publish(Event.of("news.a", "by a socket")));
    Wait.until("it is received", () -> String.join("", frames).contains("by a socket"));
    get(hub.publish(Event.of("news.a", "by a poll")));
    HttpClientResponse poll =
        request(
            HttpVersion.HTTP_1_1,
            HttpMethod.GET,
            "/live/events/news.a?last_event_id=" + id,
            null,
            "X-User",
            "ann",
            "Accept",
            "application/json");
    assertEquals(200, poll.statusCode());
    awaitText("by a poll");
  }

  @Test
  void streamsOutliveTheVerticleWhoseRequestWasFirstOnTheirEventLoop() throws Exception {
    var single = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try {
      Hub own = get(Hub.open(single, Map.of("log.kind", "memory", "auth.mode", "open")));
      var first = new Server(own);
      String id = get(single.deployVerticle(first));
      var second = new Server(own);
      get(single.deployVerticle(second));
      port = first.port;
      stream(HttpVersion.HTTP_1_1, "/live/events/a");
      text.clear();
      port = second.port;
      stream(HttpVersion.HTTP_1_1, "/live/events/a");
      get(single.undeploy(id));
      get(own.publish(Event.of("a", "goes on")));
      awaitText("data: goes on");
    } finally {
      get(single.close());
    }
  }

  /** A verticle of an application with a server. */
  private static final class Server extends VerticleBase {
    private final Hub hub;
    private int port;

    Server(Hub hub) {
      this.hub = hub;
    }

    @Override
    public Future<?> start() {
      Router router = Router.router(vertx);
      router.route("/live/*").subRouter(hub.router());
      return vertx
          .createHttpServer()
          .requestHandler(router)
          .listen(0)
          .onSuccess(server -> port = server.actualPort());
    }
  }

  @Test
  void aServerOnWorkersIsAnswered500() throws Exception {
    Hub open = get(Hub.open(vertx, Map.of("log.kind", "memory", "auth.mode", "open")));
    var server = new Server(open);
    var options = new DeploymentOptions().setThreadingModel(ThreadingModel.WORKER);
    get(vertx.deployVerticle(server, options));
    port = server.port;
    assertEquals(500, status(HttpMethod.GET, "/live/events/a", null));
  }

  @Test
  void twoHubsAreMountedInOneRouter() throws Exception {
    Hub other = get(Hub.open(vertx, Map.of("log.kind", "memory", "auth.mode", "open")));
    serve(
        router -> {
          router.route("/one/*").subRouter(hubRouter());
          router.route("/other/*").subRouter(other.router());
        });
    stream(HttpVersion.HTTP_1_1, "/other/events/news.a");
    get(hub.publish(Event.of("news.a", "of the one")));
    get(other.publish(Event.of("news.a", "of the other")));
    awaitText("data: of the other");
    assertTrue(text.stream().noneMatch(part -> part.contains("of the one")), text::toString);
  }

  @Test
  void aHubThatIsClosedEndsItsStreamsAndRefusesOthersSoThatBrowsersComeBack() throws Exception {
    serve(router -> router.route("/live/*").subRouter(hubRouter()));
    HttpClientResponse stream =
        stream(HttpVersion.HTTP_1_1, "/live/events/news.a", "X-User", "ann");
    var ended = new AtomicInteger();
    stream.exceptionHandler(cut -> ended.incrementAndGet());
    get(hub.close());
    awaitText("hub.drain");
    Wait.until("the stream is cut", () -> ended.get() > 0);
    assertLost("/live/events/news.a"); // EventSource gives up after any status but 200
    assertEquals(503, status(HttpMethod.POST, "/live/events/news.ann", "x", "X-User", "ann"));
    Router later = hub.router(context -> null);
    serve(router -> router.route("/later/*").subRouter(later));
    assertLost("/later/events/news.a");
    get(hub.close());
  }

  @Test
  void aHubThatIsClosedCutsItsProbes() throws Exception {
    serve(router -> router.route("/live/*").subRouter(hubRouter()));
    HttpClientResponse probe =
        request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/live/probe?for=30s", null, "X-User", "ann");
    awaitText("\"n\":1");
    var ended = new AtomicInteger();
    probe.exceptionHandler(cut -> ended.incrementAndGet());
    get(hub.close());
    Wait.until("the probe has ended", () -> ended.get() > 0);
  }

  private void assertLost(String stream) {
    var lost =
        assertThrows(
            ExecutionException.class, () -> status(HttpMethod.GET, stream, null, "X-User", "ann"));
    assertInstanceOf(HttpClosedException.class, lost.getCause());
  }

  /** Links of its pages are relative. */
  @Test
  void theMountPointWithoutASlashLeadsToTheOneWithIt() throws Exception {
    serve(router -> router.route("/live/*").subRouter(hubRouter()));
    HttpClientResponse moved = request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/live", null);
    assertEquals(301, moved.statusCode());
    assertEquals("live/", moved.getHeader("Location"));
    assertEquals(200, status(HttpMethod.GET, "/live/", null));
  }

  /** This process runs beside a folder webroot, as an application may have one that it protects. */
  @Test
  void pagesOfTheApplicationAreNotThoseOfTheHub() throws Exception {
    var page = Files.createTempFile(Path.of("webroot"), "of-the-application", ".html");
    try {
      serve(router -> router.route("/live/*").subRouter(hubRouter()));
      assertEquals(404, status(HttpMethod.GET, "/live/" + page.getFileName(), null));
      assertEquals(200, status(HttpMethod.GET, "/live/index.html", null));
    } finally {
      Files.delete(page);
    }
  }

  @Test
  void aRouterEndsWithTheVerticleThatMadeIt() throws Exception {
    Hub open = get(Hub.open(vertx, Map.of("log.kind", "memory", "auth.mode", "open")));
    var server = new Server(open);
    String id = get(vertx.deployVerticle(server));
    port = server.port;
    stream(HttpVersion.HTTP_1_1, "/live/events/a");
    get(vertx.undeploy(id));
    Wait.until("its streams have ended", () -> open.streams() == 0);
    get(open.publish(Event.of("a", "goes on")));
  }

  @Test
  void aRequestWhoseClientIsUnknownHasWhatEverybodyHas() throws Exception {
    var anonymous = Map.of("anonymous", Map.of("subscribe", List.of("public.**")));
    hub = get(Hub.open(vertx, Map.of("log", Map.of("kind", "memory"), "auth", anonymous)));
    serve(router -> router.route("/live/*").subRouter(hub.router(context -> null)));
    HttpClientResponse stream = stream(HttpVersion.HTTP_1_1, "/live/events/public.a");
    assertNull(stream.getHeader("Set-Cookie"));
    assertEquals(401, status(HttpMethod.POST, "/live/events/public.a", "x"));
  }

  /** Sends requests at once, and reads until the application's server closes the connection. */
  private String answers(String accept, String... paths) throws Exception {
    var requests = new StringBuilder();
    for (String path : paths) {
      requests
          .append("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nX-User: ann\r\n")
          .append("Accept: " + accept + "\r\n\r\n");
    }
    try (var socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(requests.toString().getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void theIdleTimeoutOfTheApplicationCountsAgainWhenAStreamHasEndedOrWasRefused() throws Exception {
    get(hub.close());
    hub = get(Hub.open(vertx, Map.of("log.kind", "memory", "limits.client.streams", "1")));
    serve(
        new HttpServerOptions().setIdleTimeout(1),
        router -> router.route("/push/*").subRouter(hubRouter()));
    String ended = answers("text/event-stream", "/push/events/news.ann?for=2s");
    assertTrue(ended.contains("event: close"), "a stream has no idle timeout: " + ended);
    String two =
        answers(
            "text/event-stream", "/push/events/news.ann?for=300ms", "/push/events/news.ann?for=2s");
    assertEquals(3, two.split("event: close", -1).length, "a stream behind another: " + two);
    stream(HttpVersion.HTTP_1_1, "/push/events/news.ann", "X-User", "ann");
    String busy = answers("text/event-stream", "/push/events/news.ann");
    assertTrue(busy.contains("hub.busy"), busy);
    String refused = answers("application/x-ndjson", "/push/events/news.ann");
    assertTrue(refused.startsWith("HTTP/1.1 429 "), refused);
  }
}
