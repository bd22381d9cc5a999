package io.tidings.http;

import io.tidings.HubNode;
import io.tidings.MachineVertx;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A complete hub on a free port, in this process. */
final class RunningHub implements AutoCloseable {
  private final Vertx vertx;
  private final HubNode hub;

  private RunningHub(Vertx vertx, HubNode hub) {
    this.vertx = vertx;
    this.hub = hub;
  }

  /**
   * @param settings alternating keys and values, in addition to a free port, a silent producer, and
   *     requests that need no token, whatever host they name
   */
  static RunningHub start(String... settings) throws Exception {
    Map<String, Object> given = new HashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      given.put(settings[i], settings[i + 1]);
    }
    return start(given);
  }

  /** The same, with values that need not be text. */
  static RunningHub start(Map<String, Object> settings) throws Exception {
    Map<String, Object> values = new HashMap<>();
    values.put("http.port", 0);
    values.put("http.loops", 2);
    values.put("log.kind", "memory");
    values.put("auth.mode", "open");
    values.put("producer.clock", "off");
    values.put("producer.keyboard", "off");
    values.putAll(settings);
    TestTls.addTo(values);
    Settings all = Settings.of(values);
    Vertx vertx = MachineVertx.of(all.http());
    return new RunningHub(vertx, get(HubNode.start(vertx, all)));
  }

  /**
   * A hub that wants a token of {@link TestTokens} for all that is not granted to everybody.
   *
   * @param directory for the file with the issuer's key
   * @param settings in addition
   */
  static RunningHub startWithTokens(Path directory, Map<String, Object> settings) throws Exception {
    Map<String, Object> values = new HashMap<>(settings);
    values.put("auth.mode", "required");
    values.put("auth.issuers", TestTokens.issuers(directory));
    values.put("auth.secret", "none");
    return start(values);
  }

  int port() {
    return hub.port();
  }

  Vertx vertx() {
    return vertx;
  }

  HubNode hub() {
    return hub;
  }

  static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    get(hub.stop());
    get(vertx.close());
  }
}
