package io.tidings.http;

import io.tidings.settings.HttpSettings;
import io.tidings.settings.LimitSettings;
import io.tidings.settings.Settings;
import io.tidings.settings.StreamSettings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How the server treats its sockets. */
final class ServerOptions {
  /** Servers share a free port when they ask for it by the same number. */
  private static final int FREE_PORT = 1;

  /**
   * What a percent-encoded topic takes in a request line: up to three characters a byte, and its
   * parameter's name.
   */
  private static final int ENCODED = 3;

  private static final int PARAMETER_NAME = 8;
  private static final int LINE_BESIDE_TOPICS = 8 * 1024;

  /** How long a WebSocket may take to say goodbye. */
  private static final int CLOSING_SECONDS = 2;

  /** A peer that is gone is noticed within a minute, where nothing is sent to it: see tcp(7). */
  private static final int KEEP_ALIVE_IDLE_SECONDS = 20;

  private static final int KEEP_ALIVE_INTERVAL_SECONDS = 10;
  private static final int KEEP_ALIVE_PROBES = 3;

  private ServerOptions() {}

  static HttpServerOptions of(Settings settings) {
    LimitSettings limits = settings.limits();
    var options =
        new HttpServerOptions()
            // no queue for each connection; all is written on the connection's own loop anyway
            .setStrictThreadMode(true)
            .setMaxInitialLineLength(
                LINE_BESIDE_TOPICS + limits.topics() * (limits.topic() * ENCODED + PARAMETER_NAME))
            .setIdleTimeout((int) idle(settings).toMillis())
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            .setTcpKeepAlive(true)
            // a stream of HTTP/1 has one of its own, as it has something to send or not
            .setTcpUserTimeout((int) settings.stream().stall().toMillis())
            // for each connection it would keep what it compresses with
            .setPerMessageWebSocketCompressionSupported(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setWebSocketClosingTimeout(CLOSING_SECONDS);
    options
        .setTcpKeepAliveIdleSeconds(KEEP_ALIVE_IDLE_SECONDS)
        .setTcpKeepAliveIntervalSeconds(KEEP_ALIVE_INTERVAL_SECONDS)
        .setTcpKeepAliveCount(KEEP_ALIVE_PROBES);
    options.getInitialSettings().setMaxHeaderListSize(options.getMaxInitialLineLength());
    if (settings.stream().outlet() == StreamSettings.OutletKind.RESPONSE) {
      // the channel outlet bounds each stream on its own
      options.setSendBufferSize(settings.stream().buffer());
    }
    return options;
  }

  /** Where all instances of the hub's verticle listen. */
  static SocketAddress address(HttpSettings http) {
    return http.port() == 0
        ? SocketAddress.sharedRandomPort(FREE_PORT, http.host())
        : SocketAddress.inetSocketAddress(http.port(), http.host());
  }

  /**
   * After which silence a connection is closed; zero for never. Streams of the channel outlet take
   * care of themselves. A stream of the portable outlet over HTTP/1 whose client does not read can
   * be closed in no other way, so there a connection is silent no longer than a stream may stall;
   * and longer than its heartbeat, which only some of the streams need.
   */
  static Duration idle(Settings settings) {
    StreamSettings stream = settings.stream();
    boolean portable = stream.outlet() == StreamSettings.OutletKind.RESPONSE;
    if (portable && stream.heartbeat().isZero()) {
      return Duration.ZERO;
    }
    Duration idle = settings.http().idle();
    if (portable) {
      idle = shorter(idle, stream.stall());
    }
    Duration silence = stream.heartbeat().multipliedBy(2);
    return idle.isZero() || idle.compareTo(silence) > 0 ? idle : silence;
  }

  /** The shorter of two spans, of which zero is without end. */
  private static Duration shorter(Duration one, Duration other) {
    if (one.isZero() || other.isZero()) {
      return one.isZero() ? other : one;
    }
    return one.compareTo(other) < 0 ? one : other;
  }
}
