package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.bus.Address;
import io.tidings.bus.Publisher;
import io.tidings.cluster.Guest;
import io.tidings.cluster.HazelcastBus;
import io.tidings.event.Event;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.spi.cluster.RegistrationInfo;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.lang.reflect.Field;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What another member of the clustered event bus can do to a hub: publish as anybody can, and
 * nothing else.
 */
class EventBusTrustTest {
  private static final String RELAYED = "sensor.values";

  private HazelcastBus bus;
  private Vertx vertx;
  private HubNode hub;
  private HazelcastClusterManager guestManager;
  private Vertx guest;

  @BeforeEach
  void start() throws Exception {
    String name = "test-" + System.nanoTime();
    String port = Integer.toString(Nodes.freePort());
    Settings settings =
        Settings.of(
            Map.ofEntries(
                Map.entry("http.port", 0),
                Map.entry("http.loops", 2),
                Map.entry("log.kind", "memory"),
                Map.entry("producer.keyboard", "off"),
                Map.entry("producer.clock", "20ms"),
                Map.entry(
                    "bus.in",
                    new JsonArray()
                        .add(new JsonObject(Map.of("topic", "sensors", "address", RELAYED)))),
                Map.entry("cluster.bus", "hazelcast"),
                Map.entry("cluster.name", name),
                Map.entry("cluster.hazelcast.port", port),
                Map.entry("cluster.hazelcast.members", "127.0.0.1:" + port)));
    bus = HazelcastBus.join(settings, "test");
    vertx = get(VertxInstance.of(settings.http(), Optional.of(bus))).vertx();
    hub = get(HubNode.start(vertx, settings, Optional.of(bus)));
    guestManager = Guest.of(name, "127.0.0.1", List.of("127.0.0.1:" + port));
    guest =
        get(
            Vertx.builder()
                .with(
                    new VertxOptions()
                        .setEventBusOptions(new EventBusOptions().setHost("127.0.0.1")))
                .withClusterManager(guestManager)
                .buildClustered());
  }

  @AfterEach
  void stop() throws Exception {
    get(guest.close());
    get(hub.stop());
    get(vertx.close());
    bus.close();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void aHubIsRegisteredForPublishingAndInboundRelaysOnly() {
    Set<Object> registered =
        new TreeSet<>(guestManager.getHazelcastInstance().getMultiMap("__vertx.subs").keySet());
    assertEquals(Set.of(Address.PUBLISH, RELAYED), registered);
  }

  @Test
  void forgedMessagesOnAnyOtherAddressChangeNothing() throws Exception {
    Set<String> addresses = new TreeSet<>(addressesOf(vertx));
    addresses.removeAll(Set.of(Address.PUBLISH, RELAYED));
    assertTrue(addresses.contains(Address.PUBLISH_LOCALLY), addresses.toString());
    // the last message: once it has come, all before it have
    var last = new AtomicInteger();
    var local = new AtomicInteger();
    vertx.eventBus().localConsumer("test.local", message -> local.incrementAndGet());
    addresses.add("test.local");
    var consumer = vertx.eventBus().consumer("test.last", message -> last.incrementAndGet());
    get(consumer.completion());
    for (String address : addresses) {
      forgeRegistration(address);
    }
    var failures = new CopyOnWriteArrayList<Throwable>();
    vertx.exceptionHandler(failures::add);
    for (String address : addresses) {
      for (Object body : List.of(new JsonObject(), "text", Buffer.buffer("x"), 5)) {
        guest.eventBus().publish(address, body);
        guest.eventBus().send(address, body);
      }
    }
    Wait.until(
        "the last message is received",
        () -> {
          guest.eventBus().publish("test.last", "end");
          return last.get() > 0;
        });
    get(new Publisher(guest).publish(Event.of("news", "true")));
    assertEquals(0, local.get());
    String all =
        Nodes.get(url().resolve("events?topic=**&last_event_id=earliest&for=100ms")).body();
    assertTrue(all.contains("data: true"), all);
    List<String> data =
        all.lines()
            .filter(line -> line.startsWith("data: ") && !line.contains("time"))
            .filter(line -> !line.startsWith("data: {"))
            .toList();
    assertEquals(List.of("data: true"), data);
    assertEquals(200, Nodes.get(url().resolve("health/ready")).statusCode());
    assertEquals(List.of(), failures);
  }

  @Test
  void anApplicationThatConsumesPublicationsTakesNoneOfTheHubsOwn() throws Exception {
    var stolen = new AtomicInteger();
    var known = new AtomicInteger();
    var consumer =
        guest
            .eventBus()
            .<JsonObject>consumer(
                Address.PUBLISH,
                message ->
                    (message.body().getString("topic").equals("a") ? known : stolen)
                        .incrementAndGet());
    get(consumer.completion());
    Wait.until(
        "the hub knows the consumer",
        () -> {
          vertx
              .eventBus()
              .send(Address.PUBLISH, new JsonObject().put("topic", "a").put("data", ""));
          return known.get() > 0;
        });
    String ticks = Nodes.get(url().resolve("events?topic=clock&for=1s")).body();
    assertTrue(ticks.split("\"time\"").length > 5, ticks);
    assertEquals(0, stolen.get());
  }

  private URI url() {
    return URI.create("http://127.0.0.1:" + hub.port() + "/");
  }

  /** Makes the guest send messages to the hub that the hub has not asked for. */
  private void forgeRegistration(String address) throws Exception {
    Promise<Void> added = Promise.promise();
    guestManager.addRegistration(
        address, new RegistrationInfo(bus.manager().getNodeId(), 1_000_000, false), added);
    get(added.future());
    assertTrue(
        guestManager.getHazelcastInstance().getMultiMap("__vertx.subs").valueCount(address) > 0);
  }

  private static Set<String> addressesOf(Vertx vertx) throws ReflectiveOperationException {
    EventBus eventBus = vertx.eventBus();
    for (Class<?> type = eventBus.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (field.getName().equals("handlerMap")) {
          field.setAccessible(true);
          var addresses = new TreeSet<String>();
          ((Map<?, ?>) field.get(eventBus))
              .keySet()
              .forEach(each -> addresses.add(each.toString()));
          return addresses;
        }
      }
    }
    throw new NoSuchFieldException("handlerMap");
  }
}
