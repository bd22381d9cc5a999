package io.tidings.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.Wait;
import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PublisherTest {
  private static final Event EVENT = Event.of("a", "1");

  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong nanos = new AtomicLong();
  private final Publisher publisher = new Publisher(vertx, nanos::get);

  /** The keys of the requests, as they arrived. */
  private final List<String> keys = new CopyOnWriteArrayList<>();

  private volatile Consumer<Message<JsonObject>> hub =
      request -> request.fail(RequestFailures.UNAVAILABLE, "the log is full");

  @BeforeEach
  void listen() throws Exception {
    var consumer = vertx.eventBus().<JsonObject>consumer(Address.PUBLISH);
    consumer.handler(
        request -> {
          keys.add(request.headers().get(Publication.KEY));
          hub.accept(request);
        });
    get(consumer.completion());
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void aRequestIsRepeatedWithItsKeyUntilTheLogIsAvailable() throws Exception {
    Future<String> id = publisher.publish(EVENT);
    awaitMoreRequests();
    hub = request -> request.reply("id");
    assertEquals("id", get(id));
    assertEquals(1, new HashSet<>(keys).size());
  }

  @Test
  void aRequestIsRepeatedForTenSecondsAndThenFails() {
    Future<String> id = publisher.publish(EVENT);
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(Publisher.PATIENCE_MILLIS));
    awaitMoreRequests();
    assertFalse(id.isComplete());
    nanos.incrementAndGet();
    assertEquals(RequestFailures.UNAVAILABLE, failure(id).failureCode());
  }

  @Test
  void anInvalidEventFailsAtOnce() {
    hub = request -> request.fail(RequestFailures.BAD_REQUEST, "topic: must not be empty");
    assertEquals(RequestFailures.BAD_REQUEST, failure(publisher.publish(EVENT)).failureCode());
    assertEquals(1, keys.size());
  }

  private void awaitMoreRequests() {
    int before = keys.size();
    Wait.until("two more requests were made", () -> keys.size() >= before + 2);
  }

  private static ReplyException failure(Future<?> future) {
    return (ReplyException) assertThrows(ExecutionException.class, () -> get(future)).getCause();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
