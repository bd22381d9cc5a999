package io.tidings;

import com.sun.management.UnixOperatingSystemMXBean;
import io.tidings.cluster.HazelcastBus;
import io.tidings.settings.HttpSettings;
import io.tidings.transport.ThrottledTransport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.transport.Transport;
import java.lang.management.ManagementFactory;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The Vert.x of the process, with the best transport that is available.
 *
 * @param vertx closed by the caller
 * @param transport the name of its transport: {@code io_uring}, {@code epoll} or {@code nio}
 */
record VertxInstance(Vertx vertx, String transport) {
  private static final int MAX_JOIN_ATTEMPTS = 3;

  /** File descriptors kept for other uses than connections: log, jars, event loops, cluster. */
  private static final int RESERVED_DESCRIPTORS = 128;

  private static final String REFUSE_RENEGOTIATION = "jdk.tls.rejectClientInitiatedRenegotiation";
  private static final Map<String, String> RING_PROPERTIES =
      Map.of(
          "io.netty.iouring.ringSize",
          "1024",
          "io.netty.iouring.cqSize",
          "16384",
          // with multishot, the kernel accepts a burst of connections before any can be refused
          "io.netty.iouring.acceptMultiShotEnabled",
          "false");

  /**
   * Creates a Vert.x.
   *
   * @param bus that of several processes, if there is one
   * @return completes when it has joined the bus
   */
  static Future<VertxInstance> of(HttpSettings settings, Optional<HazelcastBus> bus) {
    ZoneId.systemDefault(); // reads a file on first use, when descriptors may be exhausted
    Transport transport = transport(settings.transport());
    var options = new VertxOptions().setEventLoopPoolSize(loops(settings));
    var throttled = new ThrottledTransport(transport, connections(settings), settings.idle());
    var builder = Vertx.builder().with(options).withTransport(throttled);
    if (bus.isEmpty()) {
      return Future.succeededFuture(new VertxInstance(builder.build(), transport.name()));
    }
    options.setEventBusOptions(bus.get().eventBus());
    return joined(builder.withClusterManager(bus.get().manager()), MAX_JOIN_ATTEMPTS)
        .map(vertx -> new VertxInstance(vertx, transport.name()));
  }

  /**
   * The limit of open connections; by default the limit of file descriptors less the larger of an
   * eighth and a fixed reserve.
   */
  static int connections(HttpSettings settings) {
    if (settings.connections() > 0) {
      return settings.connections();
    }
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? connections(unix.getMaxFileDescriptorCount())
        : Integer.MAX_VALUE;
  }

  static int connections(long descriptors) {
    long reserved = Math.max(RESERVED_DESCRIPTORS, descriptors / 8);
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, descriptors - reserved));
  }

  /** Joins the bus. It fails if another member leaves at that moment, and is then retried. */
  private static Future<Vertx> joined(VertxBuilder builder, int attempts) {
    return builder
        .buildClustered()
        .recover(
            failure ->
                attempts == 1 ? Future.failedFuture(failure) : joined(builder, attempts - 1));
  }

  /**
   * Enlarges Netty's io_uring rings, unless their properties are set. A delivery to a large
   * audience makes one submission per socket; rings of the default size would need many small
   * system calls, and their completion queues would overflow. Netty reads these properties when it
   * loads the transport, that is, when the first Vert.x of the process is created.
   */
  static void sizeRings() {
    RING_PROPERTIES.forEach(
        (property, entries) -> {
          if (System.getProperty(property) == null) {
            System.setProperty(property, entries);
          }
        });
  }

  /**
   * Refuses that clients of TLS 1.2 renegotiate, unless the property is set: each handshake costs a
   * signature, and only those of new connections are throttled. The JDK reads the property at its
   * first handshake, so this precedes all connections.
   */
  static void refuseRenegotiation() {
    if (System.getProperty(REFUSE_RENEGOTIATION) == null) {
      System.setProperty(REFUSE_RENEGOTIATION, "true");
    }
  }

  /**
   * The number of event loops; by default one per two processors. The kernel's work for the sockets
   * takes as much CPU as the loops', and fewer loops write larger batches: more loops were slower
   * in every case of the benchmark.
   */
  static int loops(HttpSettings settings) {
    int wanted = settings.loops();
    return wanted > 0 ? wanted : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  }

  private static Transport transport(HttpSettings.Transport wanted) {
    return switch (wanted) {
      case AUTO -> firstAvailable(Transport.IO_URING, Transport.EPOLL);
      case IO_URING -> firstAvailable(Transport.IO_URING);
      case EPOLL -> firstAvailable(Transport.EPOLL);
      case NIO -> Transport.NIO;
    };
  }

  /** The first available transport; NIO if there is none. */
  private static Transport firstAvailable(Transport... wanted) {
    return Stream.of(wanted)
        .filter(transport -> transport != null && transport.available())
        .findFirst()
        .orElse(Transport.NIO);
  }
}
