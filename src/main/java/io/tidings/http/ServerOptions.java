package io.tidings.http;

import io.tidings.settings.Settings;
import io.tidings.settings.Settings.Stream;
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

  private ServerOptions() {}

  static HttpServerOptions of(Settings settings) {
    Settings.Limits limits = settings.limits();
    Stream stream = settings.stream();
    var options =
        new HttpServerOptions()
            // no queue for each connection; all is written on the connection's own loop anyway
            .setStrictThreadMode(true)
            .setMaxInitialLineLength(
                LINE_BESIDE_TOPICS + limits.topics() * (limits.topic() * ENCODED + PARAMETER_NAME))
            // noticed early who is slow, instead of megabytes later
            .setSendBufferSize(stream.buffer())
            .setTcpKeepAlive(true);
    if (!stream.stall().isZero()) {
      // a peer that vanished without a word is given up by the kernel (native transports only)
      options.setTcpUserTimeout((int) stream.stall().toMillis());
      if (stream.outlet() == Stream.OutletKind.RESPONSE) {
        options
            .setIdleTimeout((int) idle(stream).toMillis())
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
      }
    }
    return options;
  }

  /** Where all instances of the hub's verticle listen. */
  static SocketAddress address(Settings.Http http) {
    return http.port() == 0
        ? SocketAddress.sharedRandomPort(FREE_PORT, http.host())
        : SocketAddress.inetSocketAddress(http.port(), http.host());
  }

  /**
   * Longer than the silence between heartbeats: of the portable outlet, this alone cuts clients of
   * HTTP/1 that don't read.
   */
  private static Duration idle(Stream stream) {
    Duration silence = stream.heartbeat().multipliedBy(2);
    return stream.stall().compareTo(silence) > 0 ? stream.stall() : silence;
  }
}
