package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A failed start releases everything it had acquired, whichever step fails, and the same Vert.x can
 * start a hub in the same directory afterwards.
 */
class HubStartTest {
  /** HTTP servers, an outbound and an inbound relay, statistics, scenes, producer. */
  private static final int DEPLOYMENTS = 6;

  private static final RuntimeException FAULT = new IllegalStateException("injected");

  private final Vertx vertx = Vertx.vertx();

  @TempDir private Path directory;

  private Held idle;

  @BeforeEach
  void recordResources() throws Exception {
    idle = Held.by(vertx);
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void aStartOnAPortInUseReleasesEverything() throws Exception {
    try (var other = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Throwable failure = failsAndReleases(vertx, Map.of("http.port", other.getLocalPort()));
      assertTrue(failure instanceof IOException, failure::toString);
    }
  }

  @Test
  void aStartWithAReservedRelayAddressReleasesEverything() throws Exception {
    var relay =
        new JsonArray().add(new JsonObject(Map.of("topic", "a", "address", "tidings.publish")));
    Throwable failure = failsAndReleases(vertx, Map.of("bus.out", relay));
    assertTrue(failure instanceof InvalidSetting, failure::toString);
  }

  @Test
  void aNodeWithTlsThatIsNoMemberReleasesEverything() throws Exception {
    TestAuthority authority = TestAuthority.create(directory, "authority");
    TestAuthority.Issued own = authority.issue("node", "ip:127.0.0.1");
    Map<String, Object> cluster =
        Map.of(
            "cluster.kind", "raft",
            "cluster.members", "192.0.2.1",
            "cluster.tls.cert", own.cert().toString(),
            "cluster.tls.key", own.key().toString(),
            "cluster.tls.ca", authority.file().toString());
    Throwable failure = failsAndReleases(vertx, cluster);
    assertTrue(failure instanceof InvalidSetting, failure::toString);
  }

  @Test
  void aHubThatOthersCanReachStartsWithTheSecretThatItCreates() throws Exception {
    Map<String, Object> created = Map.of("http.host", "0.0.0.0", "auth.secret", "create");
    get(get(HubNode.start(vertx, settings(created))).stop());
    Path secret = Path.of(settings(created).log().dir()).resolve("secret");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
    String text = Files.readString(secret);
    get(get(HubNode.start(vertx, settings(created))).stop());
    assertEquals(text, Files.readString(secret), "it is created once");
  }

  @Test
  void aHubThatNeedsTheSecretOfOthersCreatesNone() throws Exception {
    Map<String, Object> shared =
        Map.of("http.host", "0.0.0.0", "auth.secret", "create", "log.kind", "redis");
    Throwable failure = failsAndReleases(vertx, shared);
    assertTrue(failure instanceof InvalidSetting, failure::toString);
  }

  @Test
  void aHubThatCannotBeMadeReleasesItsLog() throws Exception {
    assertThrows(
        ExecutionException.class, () -> get(HubNode.start(vertx, settings(Map.of()), null)));
    idle.awaitNoMore(vertx);
    startAndStop();
  }

  @Test
  void aStartWithAnInvalidTimerTopicReleasesEverything() throws Exception {
    var timer =
        new JsonArray().add(new JsonObject(Map.of("topic", "a*", "every", "1h", "data", "x")));
    Throwable failure = failsAndReleases(vertx, Map.of("producer.timers", timer));
    assertTrue(failure instanceof InvalidSetting, failure::toString);
  }

  static List<Integer> deployments() {
    return IntStream.range(0, DEPLOYMENTS).boxed().toList();
  }

  @ParameterizedTest
  @MethodSource("deployments")
  void aDeploymentThatFailsBeforeItStartsReleasesEverything(int which) throws Exception {
    assertSame(FAULT, failsAndReleases(new FaultyVertx(which, false).proxy(), Map.of()));
  }

  @ParameterizedTest
  @MethodSource("deployments")
  void aDeploymentThatFailsAfterItStartedReleasesEverything(int which) throws Exception {
    assertSame(FAULT, failsAndReleases(new FaultyVertx(which, true).proxy(), Map.of()));
  }

  @Test
  void everyDeploymentIsTested() throws Exception {
    var none = new FaultyVertx(Integer.MAX_VALUE, false);
    get(get(HubNode.start(none.proxy(), settings(Map.of()))).stop());
    assertEquals(DEPLOYMENTS, none.deployed);
  }

  @Test
  void aStartThatCannotRegisterConsumersReleasesEverything() throws Exception {
    Vertx refusing =
        proxy(
            Vertx.class,
            vertx,
            (method, arguments) ->
                method.getName().equals("eventBus")
                    ? proxy(
                        EventBus.class,
                        vertx.eventBus(),
                        (onBus, of) -> {
                          if (onBus.getName().equals("consumer")) {
                            throw FAULT;
                          }
                          return null;
                        })
                    : null);
    assertSame(FAULT, failsAndReleases(refusing, Map.of()));
  }

  @Test
  void aSecondHubOnTheSameVertxFailsAndLeavesTheFirstAlone() throws Exception {
    HubNode first = get(HubNode.start(vertx, settings(Map.of())));
    Held before = Held.by(vertx);
    var elsewhere = Map.<String, Object>of("log.dir", directory.resolve("other").toString());
    assertThrows(ExecutionException.class, () -> get(HubNode.start(vertx, settings(elsewhere))));
    before.awaitNoMore(vertx);
    get(first.stop());
  }

  @Test
  void aStoppedHubReleasesEverything() throws Exception {
    startAndStop();
  }

  private Throwable failsAndReleases(Vertx faulty, Map<String, Object> more) throws Exception {
    Future<HubNode> start = HubNode.start(faulty, settings(more));
    Throwable failure = assertThrows(ExecutionException.class, () -> get(start)).getCause();
    idle.awaitNoMore(vertx);
    startAndStop();
    return failure;
  }

  private void startAndStop() throws Exception {
    HubNode hub = get(HubNode.start(vertx, settings(Map.of())));
    assertEquals(DEPLOYMENTS, vertx.deploymentIDs().size());
    get(hub.stop());
    idle.awaitNoMore(vertx);
  }

  private Settings settings(Map<String, Object> more) {
    Map<String, Object> values = new HashMap<>();
    values.put("http.port", 0);
    values.put("http.loops", 2);
    values.put("log.dir", directory.resolve("log").toString());
    values.put("producer.keyboard", "off");
    values.put(
        "bus.out",
        new JsonArray().add(new JsonObject(Map.of("topic", "orders", "address", "shop.orders"))));
    values.put(
        "bus.in",
        new JsonArray()
            .add(new JsonObject(Map.of("topic", "sensors", "address", "sensor.values"))));
    values.putAll(more);
    return Settings.of(values);
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
  }

  /** A Vert.x whose one deployment fails, before or after its verticle started. */
  private final class FaultyVertx {
    private final int which;
    private final boolean late;
    private int deployed;

    FaultyVertx(int which, boolean late) {
      this.which = which;
      this.late = late;
    }

    Vertx proxy() {
      return HubStartTest.proxy(Vertx.class, vertx, this::deploy);
    }

    private Object deploy(Method method, Object[] arguments) {
      if (!method.getName().equals("deployVerticle") || deployed++ != which) {
        return null;
      }
      @SuppressWarnings("unchecked")
      var verticle = (Supplier<? extends Deployable>) arguments[0];
      var options = (DeploymentOptions) arguments[1];
      return late
          ? vertx.deployVerticle(() -> failing(verticle.get()), options)
          : Future.failedFuture(FAULT);
    }

    private static Deployable failing(Deployable verticle) {
      return new Deployable() {
        @Override
        public Future<?> deploy(Context context) throws Exception {
          return verticle.deploy(context).compose(started -> Future.failedFuture(FAULT));
        }

        @Override
        public Future<?> undeploy(Context context) throws Exception {
          return verticle.undeploy(context);
        }
      };
    }
  }

  /** The replacement of a call; null for the call itself. */
  private interface Instead {
    Object call(Method method, Object[] arguments);
  }

  private static <T> T proxy(Class<T> type, T real, Instead instead) {
    return type.cast(
        Proxy.newProxyInstance(
            HubStartTest.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Object result = instead.call(method, arguments);
              try {
                return result == null ? method.invoke(real, arguments) : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  /**
   * What is held at one moment.
   *
   * @param timers the ids of Vert.x's timers
   * @param consumers the numbers of consumers by address of the event bus
   * @param servers the addresses that are listened on
   * @param threads the names of the hub's own threads
   */
  private record Held(
      Set<Object> timers,
      Map<String, Integer> consumers,
      Set<String> deployments,
      Set<String> servers,
      List<String> threads) {
    static Held by(Vertx vertx) throws ReflectiveOperationException {
      var consumers = new TreeMap<String, Integer>();
      Map<?, ?> handlers = (Map<?, ?>) read(vertx.eventBus(), "handlerMap");
      for (Map.Entry<?, ?> one : handlers.entrySet()) {
        int size = 0;
        for (Object handler : (Iterable<?>) one.getValue()) {
          size++;
        }
        consumers.put(one.getKey().toString(), size);
      }
      List<String> threads =
          Thread.getAllStackTraces().keySet().stream()
              .map(Thread::getName)
              .filter(name -> name.startsWith("tidings"))
              .sorted()
              .toList();
      return new Held(
          new TreeSet<>(((Map<?, ?>) read(vertx, "timeouts")).keySet()),
          consumers,
          Set.copyOf(vertx.deploymentIDs()),
          new TreeSet<>(
              ((Map<?, ?>) read(vertx, "sharedNetServers"))
                  .keySet().stream().map(Object::toString).toList()),
          threads);
    }

    /** Threads end asynchronously after a shutdown, those of earlier tests too. */
    void awaitNoMore(Vertx vertx) {
      var now = new AtomicReference<Held>();
      Wait.until(
          Duration.ofSeconds(15),
          () -> "no more is held than before: " + this + ", now: " + now,
          () -> {
            now.set(by(vertx));
            return noMore(now.get());
          });
    }

    private boolean noMore(Held now) {
      var more = new ArrayList<>(now.threads);
      threads.forEach(more::remove);
      return more.isEmpty()
          && timers.equals(now.timers)
          && consumers.equals(now.consumers)
          && deployments.equals(now.deployments)
          && servers.equals(now.servers);
    }

    private static Object read(Object of, String name) throws ReflectiveOperationException {
      for (Class<?> type = of.getClass(); type != null; type = type.getSuperclass()) {
        for (Field field : type.getDeclaredFields()) {
          if (field.getName().equals(name)) {
            field.setAccessible(true);
            return field.get(of);
          }
        }
      }
      throw new NoSuchFieldException(name + " of " + of.getClass());
    }
  }
}
