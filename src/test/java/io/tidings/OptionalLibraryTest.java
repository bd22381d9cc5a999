package io.tidings;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import java.net.URL;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionalLibraryTest {
  private static final String VERSION = "\\d+\\.\\d+\\.\\d+(\\.Final)?";

  /** A class path on which the classes of some packages are missing. */
  private static ClassLoader without(String... packages) {
    return new ClassLoader(OptionalLibraryTest.class.getClassLoader()) {
      @Override
      public URL getResource(String name) {
        String dotted = name.replace('/', '.');
        return Stream.of(packages).anyMatch(dotted::startsWith) ? null : super.getResource(name);
      }
    };
  }

  private static Settings settings(String text) {
    Map<String, Object> values = new HashMap<>();
    for (String setting : text.split(" ")) {
      values.put(setting.substring(0, setting.indexOf('=')), setting.split("=", 2)[1]);
    }
    return Settings.of(values);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "log.kind=redis | io.vertx.redis. | log.kind=redis | io.vertx:vertx-redis-client:V",
        "cluster.kind=raft cluster.members=127.0.0.1 | org.apache.ratis. | cluster.kind=raft |"
            + " org.apache.ratis:ratis-server:V and org.apache.ratis:ratis-grpc:V",
        "cluster.kind=raft cluster.members=127.0.0.1 | org.apache.ratis.grpc. | cluster.kind=raft |"
            + " org.apache.ratis:ratis-server:V and org.apache.ratis:ratis-grpc:V",
        "cluster.bus=hazelcast | com.hazelcast. | cluster.bus=hazelcast |"
            + " io.vertx:vertx-hazelcast:V",
        "role=producer cluster.bus=hazelcast | io.vertx.spi.cluster.hazelcast. |"
            + " cluster.bus=hazelcast | io.vertx:vertx-hazelcast:V",
        "http.transport=io_uring | io.netty.channel.uring. | http.transport=io_uring |"
            + " io.netty:netty-transport-native-io_uring:V with the classifier of the machine, such"
            + " as linux-x86_64",
        "http.transport=epoll | io.netty.channel.epoll. | http.transport=epoll |"
            + " io.netty:netty-transport-native-epoll:V with the classifier of the machine, such as"
            + " linux-x86_64",
      })
  void aSettingWhoseLibraryIsMissingIsRefusedWithTheDependencyToAdd(
      String text, String hidden, String setting, String dependency) {
    Settings settings = settings(text);
    assertDoesNotThrow(() -> OptionalLibrary.check(settings));
    var e =
        assertThrows(InvalidSetting.class, () -> OptionalLibrary.check(settings, without(hidden)));
    String message =
        setting
            + ": needs a library that is not on the class path: add the dependency "
            + dependency.replaceAll(":V\\b", ":" + VERSION.replace("\\", "\\\\"));
    assertTrue(e.getMessage().matches(message), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"log.kind=disk", "log.kind=memory", "http.transport=nio", "http.transport=auto"})
  void theDefaultsNeedNone(String text) {
    ClassLoader mandatory =
        without(
            "org.apache.ratis.",
            "com.hazelcast.",
            "io.vertx.redis.",
            "io.vertx.spi.cluster.",
            "io.netty.channel.uring.",
            "io.netty.channel.epoll.");
    assertDoesNotThrow(() -> OptionalLibrary.check(settings(text), mandatory));
  }
}
