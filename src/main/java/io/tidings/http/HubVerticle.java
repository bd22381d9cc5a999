package io.tidings.http;

import io.tidings.tls.Certificates;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP server of the hub, for one {@link HubLoop}. Deployed once per event loop; all instances
 * share one port.
 */
public final class HubVerticle extends VerticleBase {
  /** How long responses may take to end before the server closes their connections. */
  private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(1);

  private final HubParts parts;
  private final Optional<Certificates> certificates;
  private HubLoop loop;
  private HttpServer server;

  /** A verticle without TLS. */
  HubVerticle(HubParts parts) {
    this(parts, Optional.empty());
  }

  /**
   * @param parts shared by all instances
   * @param certificates with which the server starts; empty without TLS
   */
  public HubVerticle(HubParts parts, Optional<Certificates> certificates) {
    this.parts = parts;
    this.certificates = certificates;
  }

  @Override
  public Future<?> start() {
    var settings = parts.settings();
    loop = new HubLoop(context, parts, TokenDoors::new);
    server =
        vertx
            .createHttpServer(ServerOptions.of(settings, certificates))
            .invalidRequestHandler(Problem::answerMalformed)
            .requestHandler(StrictTransport.of(settings.http().tls().hsts(), loop.handler()));
    return server.listen(ServerOptions.address(settings.http()));
  }

  /** The port that the server listens on. */
  public int port() {
    return server.actualPort();
  }

  /**
   * Makes the server use other certificates for new connections: the servers of all instances,
   * which share the listening socket. Any thread.
   */
  public Future<?> use(Certificates others) {
    // forced, since Vert.x would compare the options and not what the files contain
    return server.updateSSLOptions(TlsOptions.of(parts.settings().http().tls(), others), true);
  }

  /**
   * Ends the streams; the server still accepts requests meanwhile. Then shuts the server down, and
   * closes the connections whose responses do not end in time.
   */
  @Override
  public Future<?> stop() {
    return loop.drain().compose(drained -> end());
  }

  private Future<?> end() {
    Future<Void> closed = server.shutdown(SHUTDOWN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    loop.end();
    return closed;
  }
}
