package io.tidings.http;

import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.tidings.bus.ContextFutures;
import io.tidings.fanout.Audiences;
import io.tidings.fanout.CloseReason;
import io.tidings.fanout.OutletFactory;
import io.tidings.fanout.Subscriber;
import io.tidings.fanout.WireFormat;
import io.tidings.log.EventLog;
import io.tidings.log.StreamStart;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Opens streams over WebSockets (RFC 6455). Confined to one event loop. */
final class WebSocketRoute {
  private static final String KEY = "Sec-WebSocket-Key";
  private static final String VERSION = "Sec-WebSocket-Version";
  private static final String THIRTEEN = "13";

  // 7.4.1
  private static final short NO_BINARY = 1_003;
  private static final short TOO_LARGE = 1_009;
  private static final short FAILED = 1_011;
  private static final short TRY_AGAIN_LATER = 1_013;

  /** The maximum length of the reason in a close frame. */
  private static final int REASON_BYTES = 123;

  private final EventLog log;
  private final Audiences audiences;
  private final OutletFactory outlets;
  private final AllowedOrigins origins;
  private final TrustedProxies proxies;
  private final Duration retry;

  /**
   * @param retry how long clients should wait before they reconnect
   */
  WebSocketRoute(
      EventLog log,
      Audiences audiences,
      OutletFactory outlets,
      AllowedOrigins origins,
      TrustedProxies proxies,
      Duration retry) {
    this.log = log;
    this.audiences = audiences;
    this.outlets = outlets;
    this.origins = origins;
    this.proxies = proxies;
    this.retry = retry;
  }

  /** Whether the request is a WebSocket handshake. */
  static boolean leadsTo(HttpServerRequest request) {
    return request.method() == HttpMethod.GET
        && request.headers().contains(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET, true);
  }

  /**
   * @throws Problem if the handshake is invalid, or comes from a page that may not subscribe
   */
  void handle(HttpServerRequest request, SubscribeRequest wish) {
    checkHandshake(request);
    origins.checkSocket(request);
    Optional<String> client = proxies.forwardedFor(request);
    request
        .toWebSocket()
        .onSuccess(
            socket -> {
              try {
                open(wish, socket, client);
              } catch (RuntimeException | Error e) {
                fail(socket, e); // closing the socket releases the subscriber
              }
            });
  }

  /**
   * Rejects invalid handshakes with a problem document; Vert.x would reject them without details
   * (4.2.1).
   */
  private static void checkHandshake(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_1_1) {
      throw Problem.of(400, "Upgrade: requires HTTP/1.1");
    } else if (!request.headers().contains(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE, true)) {
      throw Problem.of(400, "Connection: must be Upgrade");
    } else if (request.getHeader(KEY) == null) {
      throw Problem.of(400, KEY + ": must be given");
    } else if (!THIRTEEN.equals(request.getHeader(VERSION))) {
      request.response().putHeader(VERSION, THIRTEEN);
      throw Problem.of(426, VERSION + ": must be " + THIRTEEN);
    }
  }

  private void open(SubscribeRequest wish, ServerWebSocket socket, Optional<String> client) {
    Subscriber subscriber =
        audiences.open(wish.filter(), WireFormat.JSON_LINES, outlets.to(socket));
    client.ifPresent(subscriber::forwardedFor);
    socket
        .exceptionHandler(
            broken -> {
              subscriber.leave(CloseReason.CLIENT);
              refuse(socket, broken);
            })
        .closeHandler(closed -> subscriber.leave(CloseReason.CLIENT))
        .binaryMessageHandler(bytes -> socket.close(NO_BINARY, "text frames only"));
    ContextFutures.of(log.find(wish.resume(), wish.filter()))
        .<Void>map(
            start -> {
              begin(wish, subscriber, start);
              return null;
            })
        .onFailure(
            e -> {
              subscriber.leave(CloseReason.FAILED);
              fail(socket, e);
            });
  }

  private static void fail(ServerWebSocket socket, Throwable failure) {
    Problem problem = Problem.of(failure);
    socket.close(problem.passing() ? TRY_AGAIN_LATER : FAILED, reason(problem));
  }

  /**
   * Closes the socket with the code of the protocol rule that the client broke, if it broke one.
   */
  private static void refuse(ServerWebSocket socket, Throwable broken) {
    if (broken instanceof CorruptedWebSocketFrameException corrupted) {
      socket.close((short) corrupted.closeStatus().code());
    } else if (broken instanceof IllegalStateException) {
      socket.close(TOO_LARGE); // thrown by Vert.x for a message of too many frames
    }
  }

  private void begin(SubscribeRequest wish, Subscriber subscriber, StreamStart start) {
    if (!subscriber.left()) {
      wish.time().ifPresent(subscriber::expireAfter);
      subscriber.open(start, retry);
      subscriber.begin(start);
    }
  }

  private static String reason(Throwable failure) {
    byte[] text = String.valueOf(failure.getMessage()).getBytes(StandardCharsets.US_ASCII);
    return new String(text, 0, Math.min(text.length, REASON_BYTES), StandardCharsets.US_ASCII);
  }
}
