package io.tidings.http;

import io.tidings.settings.HttpSettings;
import io.tidings.settings.LimitSettings;
import io.tidings.settings.Settings;
import io.tidings.settings.StreamSettings;
import io.tidings.tls.Certificates;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The options of the HTTP server and its sockets. */
final class ServerOptions {
  /** Servers that pass the same number share one random free port. */
  private static final int FREE_PORT = 1;

  /**
   * The size of a percent-encoded topic in a request line: up to three characters per byte, and the
   * parameter name.
   */
  private static final int MAX_ENCODED_BYTE = 3;

  private static final int PARAMETER_NAME_LENGTH = 8;
  private static final int LINE_WITHOUT_TOPICS = 8 * 1024;

  /** For a token of the maximum length, 8 KiB, and as much for all else. */
  private static final int HEADER_BYTES = 16 * 1024;

  /** How long to wait for the close frame of a WebSocket client. */
  private static final int WEB_SOCKET_CLOSE_SECONDS = 2;

  /** A vanished peer is detected within a minute even if nothing is sent to it; see tcp(7). */
  private static final int KEEP_ALIVE_IDLE_SECONDS = 20;

  private static final int KEEP_ALIVE_INTERVAL_SECONDS = 10;
  private static final int KEEP_ALIVE_PROBES = 3;

  private ServerOptions() {}

  /**
   * @param certificates empty without TLS
   */
  static HttpServerOptions of(Settings settings, Optional<Certificates> certificates) {
    HttpServerOptions options = of(settings);
    certificates.ifPresent(all -> TlsOptions.apply(options, settings.http().tls(), all));
    return options;
  }

  static HttpServerOptions of(Settings settings) {
    LimitSettings limits = settings.limits();
    var options =
        new HttpServerOptions()
            // no outbound queue per connection: all writes are made on the connection's event loop
            .setStrictThreadMode(true)
            .setMaxInitialLineLength(
                LINE_WITHOUT_TOPICS
                    + limits.topics() * (limits.topic() * MAX_ENCODED_BYTE + PARAMETER_NAME_LENGTH))
            .setMaxHeaderSize(HEADER_BYTES)
            .setIdleTimeout((int) idleTimeout(settings).toMillis())
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            .setTcpKeepAlive(true)
            // HTTP/1 streams set their own, depending on whether they have something to send
            .setTcpUserTimeout((int) settings.stream().stall().toMillis())
            // would keep a compressor in memory for each connection
            .setPerMessageWebSocketCompressionSupported(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setWebSocketClosingTimeout(WEB_SOCKET_CLOSE_SECONDS);
    options
        .setTcpKeepAliveIdleSeconds(KEEP_ALIVE_IDLE_SECONDS)
        .setTcpKeepAliveIntervalSeconds(KEEP_ALIVE_INTERVAL_SECONDS)
        .setTcpKeepAliveCount(KEEP_ALIVE_PROBES);
    options.getInitialSettings().setMaxHeaderListSize(options.getMaxInitialLineLength());
    if (settings.stream().outlet() == StreamSettings.OutletKind.RESPONSE) {
      // the channel outlet limits each stream itself
      options.setSendBufferSize(settings.stream().buffer());
    }
    return options;
  }

  /** The address that all instances of the verticle listen on. */
  static SocketAddress address(HttpSettings http) {
    return http.port() == 0
        ? SocketAddress.sharedRandomPort(FREE_PORT, http.host())
        : SocketAddress.inetSocketAddress(http.port(), http.host());
  }

  /**
   * How long a connection may be idle before it is closed; zero for unlimited. Streams of the
   * channel outlet detect stalled clients themselves. A stream of the response outlet over HTTP/1
   * can only be closed by this timeout if its client does not read, so there it is at most {@code
   * stream.stall}. It is at least twice the heartbeat, which only some of the streams need.
   */
  static Duration idleTimeout(Settings settings) {
    StreamSettings stream = settings.stream();
    boolean portable = stream.outlet() == StreamSettings.OutletKind.RESPONSE;
    if (portable && stream.heartbeat().isZero()) {
      return Duration.ZERO;
    }
    Duration idle = settings.http().idle();
    if (portable) {
      idle = shorter(idle, stream.stall());
    }
    Duration minimum = stream.heartbeat().multipliedBy(2);
    return idle.isZero() || idle.compareTo(minimum) > 0 ? idle : minimum;
  }

  /** The shorter of two durations, where zero is unlimited. */
  private static Duration shorter(Duration one, Duration other) {
    if (one.isZero() || other.isZero()) {
      return one.isZero() ? other : one;
    }
    return one.compareTo(other) < 0 ? one : other;
  }
}
