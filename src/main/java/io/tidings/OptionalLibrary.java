package io.tidings;

import io.netty.util.Version;
import io.tidings.settings.HttpSettings.Transport;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.LogSettings.Kind;
import io.tidings.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;

/**
 * A library that only some settings need. {@code tidings.jar} contains all of them; an application
 * that depends on {@code io.tidings:tidings} adds those that its settings need, since they are
 * optional dependencies there.
 */
enum OptionalLibrary {
  RATIS(
      List.of("org/apache/ratis/server/impl/RaftServerImpl", "org/apache/ratis/grpc/GrpcFactory"),
      "org.apache.ratis:ratis-server:%1$s and org.apache.ratis:ratis-grpc:%1$s",
      "ratis"),
  REDIS_CLIENT(List.of("io/vertx/redis/client/Redis"), "io.vertx:vertx-redis-client:%s", "vertx"),
  HAZELCAST(
      List.of(
          "io/vertx/spi/cluster/hazelcast/HazelcastClusterManager", "com/hazelcast/core/Hazelcast"),
      "io.vertx:vertx-hazelcast:%s",
      "vertx"),
  IO_URING(
      List.of("io/netty/channel/uring/IoUring"),
      "io.netty:netty-transport-native-io_uring:%s with the classifier of the machine, such as"
          + " linux-x86_64",
      "netty"),
  EPOLL(
      List.of("io/netty/channel/epoll/Epoll"),
      "io.netty:netty-transport-native-epoll:%s with the classifier of the machine, such as"
          + " linux-x86_64",
      "netty");

  /** The versions with which the hub was built. */
  private static final String VERSIONS = "/tidings.libraries";

  private final List<String> classes;
  private final String dependencies;
  private final String version;

  /**
   * @param classes those by which it is recognised
   * @param dependencies what to add, with a place for the version
   * @param version what {@link #VERSIONS} calls its version
   */
  OptionalLibrary(List<String> classes, String dependencies, String version) {
    this.classes = classes;
    this.dependencies = dependencies;
    this.version = version;
  }

  /**
   * Checks that everything is on the class path that the settings need.
   *
   * @throws InvalidSetting if something is not, with the dependency to add
   */
  static void check(Settings settings) {
    check(settings, OptionalLibrary.class.getClassLoader());
  }

  /**
   * The same for a command that works on a Raft log, whatever the settings say.
   *
   * @throws InvalidSetting as {@link #check(Settings)}
   */
  static void checkRaft() {
    RATIS.require(OptionalLibrary.class.getClassLoader(), "cluster.kind", "raft");
  }

  static void check(Settings settings, ClassLoader loader) {
    Kind kind = settings.role().hub() ? LogFactory.kind(settings) : Kind.MEMORY;
    if (kind == Kind.RAFT) {
      RATIS.require(loader, "cluster.kind", "raft");
    } else if (kind == Kind.REDIS) {
      REDIS_CLIENT.require(loader, "log.kind", "redis");
    }
    if (settings.cluster().hasBus()) {
      HAZELCAST.require(loader, "cluster.bus", "hazelcast");
    }
    Transport transport = settings.http().transport();
    if (transport == Transport.IO_URING) {
      IO_URING.require(loader, "http.transport", "io_uring");
    } else if (transport == Transport.EPOLL) {
      EPOLL.require(loader, "http.transport", "epoll");
    }
  }

  private void require(ClassLoader loader, String key, String value) {
    if (!classes.stream().allMatch(name -> isThere(name, loader))) {
      throw InvalidSetting.of(
          key,
          value,
          "needs a library that is not on the class path: add the dependency "
              + dependencies.formatted(version()));
    }
  }

  /** Looks for the file, so that no class is loaded for it. */
  private static boolean isThere(String name, ClassLoader loader) {
    return loader.getResource(name + ".class") != null;
  }

  private String version() {
    if (version.equals("netty")) {
      return Version.identify().get("netty-common").artifactVersion();
    }
    try (InputStream file = OptionalLibrary.class.getResourceAsStream(VERSIONS)) {
      var versions = new Properties();
      versions.load(file);
      return versions.getProperty(version);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
