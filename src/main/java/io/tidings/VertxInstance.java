package io.tidings;

import com.sun.management.UnixOperatingSystemMXBean;
import io.tidings.cluster.Cluster;
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
 * What the hub runs on: a Vert.x with the best transport that there is.
 *
 * @param vertx to be closed by the caller
 * @param transport the name of its transport: {@code io_uring}, {@code epoll} or {@code nio}
 */
record VertxInstance(Vertx vertx, String transport) {
  private static final int MAX_TRIES = 3;

  /** The descriptors that the process itself needs: files of the log, jars, loops, the cluster. */
  private static final int MAX_OWN_FILES = 128;

  private static final Map<String, String> RINGS =
      Map.of(
          "io.netty.iouring.ringSize",
          "1024",
          "io.netty.iouring.cqSize",
          "16384",
          // else the kernel takes descriptors for all who come at once, before one can be refused
          "io.netty.iouring.acceptMultiShotEnabled",
          "false");

  /**
   * A machine for a hub that is alone, or a node that joins the others.
   *
   * @return completes when it has joined
   */
  static Future<VertxInstance> of(HttpSettings settings, Optional<Cluster> cluster) {
    ZoneId.systemDefault(); // reads a file once; later there might be no descriptor for it
    Transport transport = transport(settings.transport());
    var options = new VertxOptions().setEventLoopPoolSize(loops(settings));
    var orderly = new ThrottledTransport(transport, connections(settings), settings.idle());
    var builder = Vertx.builder().with(options).withTransport(orderly);
    if (cluster.isEmpty()) {
      return Future.succeededFuture(new VertxInstance(builder.build(), transport.name()));
    }
    options.setEventBusOptions(cluster.get().eventBus());
    return joined(builder.withClusterManager(cluster.get().manager()), MAX_TRIES)
        .compose(
            vertx -> cluster.get().joined(vertx).map(new VertxInstance(vertx, transport.name())));
  }

  /**
   * How many connections are held: by default what the process may have of file descriptors, but
   * for an eighth, and for those of the log and the libraries.
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
    long kept = Math.max(MAX_OWN_FILES, descriptors / 8);
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, descriptors - kept));
  }

  /** Where another node ends in that moment, joining fails, and must be tried again. */
  private static Future<Vertx> joined(VertxBuilder builder, int tries) {
    return builder
        .buildClustered()
        .recover(failure -> tries == 1 ? Future.failedFuture(failure) : joined(builder, tries - 1));
  }

  /**
   * A delivery to a large audience is as many submissions at once, and by default Netty's rings are
   * too small to take them: it would submit them in many small system calls, and the kernel drop
   * what completes in between. Netty reads these properties when it loads the transport, which the
   * first Vert.x of the process does, whatever for.
   */
  static void sizeRings() {
    RINGS.forEach(
        (property, entries) -> {
          if (System.getProperty(property) == null) {
            System.setProperty(property, entries);
          }
        });
  }

  /**
   * How many event loops serve: by default one for every two processors. The kernel's own work for
   * the sockets is as much as the loops', and the fewer the loops, the more leaves each of them at
   * once; more of them were slower in every case of the benchmark.
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

  /** What was wanted, where the machine has it; NIO works everywhere. */
  private static Transport firstAvailable(Transport... wanted) {
    return Stream.of(wanted)
        .filter(transport -> transport != null && transport.available())
        .findFirst()
        .orElse(Transport.NIO);
  }
}
