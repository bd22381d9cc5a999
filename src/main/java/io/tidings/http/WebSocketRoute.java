package io.tidings.http;

import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.tidings.access.Access;
import io.tidings.access.Caller;
import io.tidings.auth.Principal;
import io.tidings.auth.TopicRights;
import io.tidings.bus.ContextFutures;
import io.tidings.fanout.Audiences;
import io.tidings.fanout.CloseReason;
import io.tidings.fanout.OutletFactory;
import io.tidings.fanout.Subscriber;
import io.tidings.fanout.WireFormat;
import io.tidings.limits.LimitExceeded;
import io.tidings.log.EventLog;
import io.tidings.log.StreamStart;
import io.tidings.metrics.Door;
import io.tidings.metrics.Outcome;
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
  private static final String SUPPORTED_VERSION = "13";

  // close codes (7.4.1)
  private static final short UNSUPPORTED_DATA = 1_003;
  private static final short MESSAGE_TOO_BIG = 1_009;
  private static final short INTERNAL_ERROR = 1_011;
  private static final short TRY_AGAIN_LATER = 1_013;

  /** The maximum length of the reason in a close frame. */
  private static final int MAX_REASON_BYTES = 123;

  private final EventLog log;
  private final Audiences audiences;
  private final OutletFactory outlets;
  private final AllowedOrigins origins;
  private final TrustedProxies proxies;
  private final Duration retry;
  private final AccessControl access;

  /**
   * @param retry how long clients should wait before they reconnect
   */
  WebSocketRoute(
      EventLog log,
      Audiences audiences,
      OutletFactory outlets,
      AllowedOrigins origins,
      TrustedProxies proxies,
      Duration retry,
      AccessControl access) {
    this.access = access;
    this.log = log;
    this.audiences = audiences;
    this.outlets = outlets;
    this.origins = origins;
    this.proxies = proxies;
    this.retry = retry;
  }

  /** Whether the request is a WebSocket handshake. */
  static boolean matches(HttpServerRequest request) {
    return request.method() == HttpMethod.GET
        && request.headers().contains(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET, true);
  }

  /**
   * @throws Problem if the handshake is invalid, or comes from a page that may not subscribe
   * @throws io.tidings.auth.NotGranted if the principal may not; the socket is not opened
   * @throws LimitExceeded if the client may not open a stream now
   */
  void handle(HttpServerRequest request, Principal principal, SubscribeRequest subscribeRequest) {
    checkHandshake(request);
    origins.checkWebSocket(request);
    boolean byTicket = subscribeRequest.ticket().isPresent(); // has its own origin
    if (!byTicket && RequestPrincipals.byCookie(request, principal)) {
      origins.checkWebSocketByCookie(request);
    }
    Audiences.Opening opening = audiences.open(principal, subscribeRequest.filter());
    Optional<String> client = proxies.forwardedFor(request);
    Caller caller = access.caller(principal, request);
    Access asked = Access.toFilter(Door.WEBSOCKET, caller, subscribeRequest.filter());
    access
        .guard()
        .checkStream(asked); // counted when it is open, since a handshake may never complete
    request
        .toWebSocket()
        .onSuccess(
            socket -> {
              access.guard().requests().answered(Door.WEBSOCKET, Outcome.OK);
              try {
                open(new Exchange(principal, subscribeRequest, opening, socket, asked), client);
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
    } else if (!SUPPORTED_VERSION.equals(request.getHeader(VERSION))) {
      request.response().putHeader(VERSION, SUPPORTED_VERSION);
      throw Problem.of(426, VERSION + ": must be " + SUPPORTED_VERSION);
    }
  }

  /** A socket, who opened it, and what for. */
  private record Exchange(
      Principal principal,
      SubscribeRequest subscribeRequest,
      Audiences.Opening opening,
      ServerWebSocket socket,
      Access asked) {}

  private void open(Exchange exchange, Optional<String> client) {
    SubscribeRequest subscribeRequest = exchange.subscribeRequest;
    ServerWebSocket socket = exchange.socket;
    Subscriber subscriber =
        exchange.opening.subscribe(
            new Audiences.Delivered(WireFormat.JSON_LINES, subscribeRequest.traffic()),
            outlets.forWebSocket(socket),
            access.guard().openStream(exchange.asked));
    client.ifPresent(subscriber::forwardedFor);
    if (subscribeRequest.presence()) {
      subscriber.watch();
    }
    socket
        .exceptionHandler(
            failure -> {
              subscriber.leave(CloseReason.CLIENT);
              closeWithProtocolError(socket, failure);
            })
        .closeHandler(closed -> subscriber.leave(CloseReason.CLIENT))
        .binaryMessageHandler(bytes -> socket.close(UNSUPPORTED_DATA, "text frames only"));
    ContextFutures.of(
            log.find(
                subscribeRequest.resume(),
                subscriber.selection(),
                TopicRights.readable(exchange.principal)))
        .<Void>map(
            start -> {
              begin(subscribeRequest, subscriber, start);
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
    socket.close(problem.isTransient() ? TRY_AGAIN_LATER : INTERNAL_ERROR, reason(problem));
  }

  /**
   * Closes the socket with the code of the protocol rule that the client broke, if it broke one.
   */
  private static void closeWithProtocolError(ServerWebSocket socket, Throwable failure) {
    if (failure instanceof CorruptedWebSocketFrameException corrupted) {
      socket.close((short) corrupted.closeStatus().code());
    } else if (failure instanceof IllegalStateException) {
      socket.close(MESSAGE_TOO_BIG); // thrown by Vert.x for a message of too many frames
    }
  }

  private void begin(SubscribeRequest subscribeRequest, Subscriber subscriber, StreamStart start) {
    if (!subscriber.left()) {
      subscribeRequest.duration().ifPresent(subscriber::expireAfter);
      subscriber.open(start, retry);
      subscriber.begin(start);
    }
  }

  private static String reason(Throwable failure) {
    byte[] text = String.valueOf(failure.getMessage()).getBytes(StandardCharsets.US_ASCII);
    return new String(text, 0, Math.min(text.length, MAX_REASON_BYTES), StandardCharsets.US_ASCII);
  }
}
