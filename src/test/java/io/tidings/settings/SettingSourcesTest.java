package io.tidings.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingSourcesTest {
  @TempDir Path directory;
  private final Vertx vertx = Vertx.vertx();
  private final List<String> logged = new ArrayList<>();
  private final Logger logger = Logger.getLogger(SettingSources.class.getName());
  private final Handler recorder =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          logged.add(line.getMessage());
        }

        @Override
        public void flush() {
          // nothing is buffered
        }

        @Override
        public void close() {
          // it has nothing open
        }
      };

  @BeforeEach
  void listen() {
    logger.addHandler(recorder);
  }

  @AfterEach
  void close() {
    logger.removeHandler(recorder);
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private Settings read(String yaml, Map<String, String> environment) throws Exception {
    Path file = Files.writeString(directory.resolve("config.yaml"), yaml);
    return SettingSources.read(vertx, file.toString(), environment, Map.of())
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  private String refused(String yaml, Map<String, String> environment) {
    var e = assertThrows(ExecutionException.class, () -> read(yaml, environment));
    return ((InvalidSetting) e.getCause()).getMessage().replace(directory + "/", "");
  }

  @Test
  void serviceLinksOfKubernetesAreIgnoredAndLoggedInOneLine() throws Exception {
    Settings settings =
        read(
            "",
            Map.of(
                "TIDINGS_REDIS_SERVICE_HOST", "10.96.0.2",
                "TIDINGS_REDIS_SERVICE_PORT", "6379",
                "TIDINGS_REDIS_SERVICE_PORT_REDIS", "6379",
                "TIDINGS_REDIS_PORT", "tcp://10.96.0.2:6379",
                "TIDINGS_REDIS_PORT_6379_TCP_ADDR", "10.96.0.2",
                "TIDINGS_HTTP_PORT", "tcp://10.96.0.1:80",
                "TIDINGS_SERVICE_HOST", "10.96.0.3",
                "TIDINGS_PORT", "udp://10.96.0.3:80",
                "TIDINGS_CLUSTER_PORT", "5777"));
    assertEquals(8080, settings.http().port());
    assertEquals(5777, settings.cluster().port());
    assertEquals(1, logged.size(), logged::toString);
    assertFalse(logged.get(0).contains("10.96"), logged::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TIDINGS_HTTP_PROT | TIDINGS_HTTP_PROT: is not a setting; the nearest is TIDINGS_HTTP_PORT",
        "TIDINGS_CLUSTR_NAME | TIDINGS_CLUSTR_NAME: is not a setting; the nearest is TIDINGS_CLUSTER_NAME",
        "TIDINGS_REDIS_PORT | TIDINGS_REDIS_PORT: is not a setting; the nearest is TIDINGS_HTTP_PORT",
        "TIDINGS_CLUSTER_BUS_PORT | TIDINGS_CLUSTER_BUS_PORT: is not a setting; it is now cluster.hazelcast.eventbus",
        "TIDINGS_X | TIDINGS_X: is not a setting",
      })
  void anyOtherVariableFailsTheStartAndItsValueIsNotShown(String name, String message) {
    assertEquals(message, refused("", Map.of(name, "sesame")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http:\\n  prot: 80 | config.yaml, line 2: http.prot is not a setting; the nearest is http.port",
        "# x\\n\\nlog:\\n  keep:\\n    byts: 1 | config.yaml, line 5: log.keep.byts is not a setting; the nearest is log.keep.bytes",
        "cluster:\\n  dns: a | config.yaml, line 2: cluster.dns is not a setting; it is now cluster.hazelcast.dns",
        "http: 80 | config.yaml, line 1: http is not a setting",
        "password: sesame | config.yaml, line 1: password is not a setting",
      })
  void anUnknownKeyOfTheFileIsReportedWithItsLineAndTheNearestKey(String yaml, String message) {
    assertEquals(message, refused(yaml.replace("\\n", "\n"), Map.of()));
  }
}
