package io.tidings.http;

import io.tidings.settings.Cidr;
import io.tidings.settings.HttpSettings;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A plain port beside the one with TLS. It redirects people who type an address without https, and
 * nothing else: a request with a body or a token has already been readable on its way, and a
 * program that is redirected silently would go on sending it (ASVS 5.0, 4.1.2). One instance.
 */
public final class RedirectVerticle extends VerticleBase {
  /** Connections are short; more would take the descriptors that are reserved for files. */
  private static final int MAX_CONNECTIONS = 64;

  private static final int IDLE_SECONDS = 5;
  private static final int DEFAULT_PORT = 443;
  private static final char DELETE = 0x7f;

  private final HttpSettings settings;
  private final int securePort;
  private HttpServer server;

  // confined to the event loop
  private int connections;

  /**
   * @param securePort the port that the hub listens on with TLS
   */
  public RedirectVerticle(Settings settings, int securePort) {
    this.settings = settings.http();
    this.securePort =
        this.settings.tls().redirectTo() > 0 ? this.settings.tls().redirectTo() : securePort;
  }

  @Override
  public Future<?> start() {
    Handler<HttpServerRequest> check =
        new RequestCheck(
            new AllowedHosts(settings.hosts(), new TrustedProxies(List.of()))::check,
            this::redirect);
    var answers = new FailureHandler(check);
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHttp2ClearTextEnabled(false)
                    .setIdleTimeout(IDLE_SECONDS)
                    .setIdleTimeoutUnit(TimeUnit.SECONDS))
            .connectionHandler(this::limit)
            .invalidRequestHandler(Problem::answerMalformed)
            .requestHandler(request -> answers.handle(closing(request)));
    int port = settings.tls().redirect().orElseThrow();
    return server
        .listen(port, settings.host())
        .recover(
            failure ->
                Future.failedFuture(
                    InvalidSetting.of(
                        "http.redirect", port, "can't listen there: " + failure.getMessage())));
  }

  /** The port that the server listens on. */
  public int port() {
    return server.actualPort();
  }

  private void limit(HttpConnection connection) {
    connections++;
    connection.closeHandler(closed -> connections--);
    if (connections > MAX_CONNECTIONS) {
      connection.close();
    }
  }

  /**
   * Closes the connection after the response, whatever that is: a client that waited for the idle
   * timeout would hold one of the few connections. The header alone does not make Vert.x close it.
   * The body is received before, or its sender would be cut off and not read the response.
   */
  private static HttpServerRequest closing(HttpServerRequest request) {
    request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    request
        .end()
        .onComplete(received -> request.connection().shutdown(IDLE_SECONDS, TimeUnit.SECONDS));
    return request;
  }

  private void redirect(HttpServerRequest request) {
    HttpMethod method = request.method();
    boolean page = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    boolean secret =
        request.headers().contains(HttpHeaders.AUTHORIZATION) || hasTicket(request.query());
    if (!page || secret) {
      throw Problem.of(403, "scheme: must be https");
    }
    String port = securePort == DEFAULT_PORT ? "" : ":" + securePort;
    request
        .response()
        .setStatusCode(308)
        .putHeader(HttpHeaders.LOCATION, "https://" + host(request) + port + target(request.uri()))
        .end();
  }

  private static boolean hasTicket(String query) {
    return query != null && ("&" + query).contains("&" + SubscribeRequest.TICKET + "=");
  }

  /**
   * The host that the request names, which {@link AllowedHosts} has checked. That allows all
   * addresses; a redirect to one that is not the hub's own would lead to any machine.
   */
  private static String host(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    SocketAddress local = request.connection().localAddress();
    if (authority == null || !isOwn(authority.host(), local.hostAddress())) {
      throw Problem.of(
          421, "Host: must be localhost, a name listed in http.hosts, or the address connected to");
    }
    return authority.host();
  }

  private static boolean isOwn(String host, String local) {
    // as AllowedHosts, which takes 192.0.2.1. for the address, as browsers do
    String address = host.replaceFirst("^\\[(.*)]$", "$1").replaceFirst("\\.$", "");
    return !Cidr.isAddress(address)
        || Cidr.parse(address).stream().anyMatch(own -> own.contains(local));
  }

  /** The path and query of a request target, also of one in absolute form. */
  private static String target(String uri) {
    if (!uri.chars().allMatch(c -> c > ' ' && c < DELETE)) {
      throw Problem.of(400, "request line: path must be encoded");
    }
    if (uri.startsWith("/")) {
      return uri;
    }
    int authority = uri.indexOf("://") + 3;
    int path = uri.indexOf('/', authority);
    return authority < 3 || path < 0 ? "/" : uri.substring(path);
  }
}
