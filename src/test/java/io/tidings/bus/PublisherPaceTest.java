package io.tidings.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.tidings.log.Entry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PublisherPaceTest {
  private static final Future<List<Entry>> STORED = Future.succeededFuture(List.of());

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void whatIsStoredAtOnceIsAnsweredBehindTheTasksOfTheLoop() throws Exception {
    var pace = new PublisherPace(() -> false);
    var order = new ArrayList<String>();
    onLoop(
        () -> {
          context.runOnContext(task -> order.add("received"));
          pace.answer(STORED).onSuccess(entries -> order.add("answered"));
          order.add("published");
          return null;
        });
    onLoop(() -> null); // behind all of that
    assertEquals(List.of("published", "received", "answered"), order);
  }

  @Test
  void whileAnAudienceGathersEntriesItIsAnsweredAtOnce() throws Exception {
    assertSame(STORED, onLoop(() -> new PublisherPace(() -> true).answer(STORED)));
  }

  @Test
  void aRefusalIsAnsweredAtOnce() throws Exception {
    Future<List<Entry>> refused = Future.failedFuture("refused");
    assertSame(refused, onLoop(() -> new PublisherPace(() -> false).answer(refused)));
  }

  @Test
  void whatIsStoredLaterIsAnsweredOnTheCallersLoop() throws Exception {
    Promise<List<Entry>> stored = Promise.promise();
    var answered = new CompletableFuture<Context>();
    onLoop(
        () ->
            new PublisherPace(() -> false)
                .answer(stored.future())
                .onSuccess(entries -> answered.complete(Vertx.currentContext())));
    stored.complete(List.of());
    assertSame(context, answered.get(10, TimeUnit.SECONDS));
  }

  @Test
  void withoutALoopItIsAnsweredAtOnce() {
    assertSame(STORED, new PublisherPace(() -> false).answer(STORED));
  }

  private <T> T onLoop(Supplier<T> action) throws Exception {
    var done = new CompletableFuture<T>();
    context.runOnContext(run -> done.complete(action.get()));
    return done.get(10, TimeUnit.SECONDS);
  }
}
