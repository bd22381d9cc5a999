package io.tidings.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ContextFuturesTest {
  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void withoutAContextTheFutureIsReturned() {
    Future<String> future = Promise.<String>promise().future();
    assertSame(future, ContextFutures.of(future));
  }

  @Test
  void aCompletedFutureIsReturned() throws Exception {
    Future<String> future = Future.succeededFuture("done");
    var returned = new CompletableFuture<Future<String>>();
    context.runOnContext(hop -> returned.complete(ContextFutures.of(future)));
    assertSame(future, returned.get(10, TimeUnit.SECONDS));
  }

  @Test
  void resultsAndFailuresArriveOnTheCallersContext() throws Exception {
    for (boolean succeeds : new boolean[] {true, false}) {
      Promise<String> promise = Promise.promise();
      var registered = new CompletableFuture<Void>();
      var received = new CompletableFuture<String>();
      context.runOnContext(
          hop -> {
            ContextFutures.of(promise.future())
                .onComplete(
                    result -> {
                      String text = result.succeeded() ? result.result() : "failed";
                      received.complete(text + " " + (Vertx.currentContext() == context));
                    });
            registered.complete(null);
          });
      registered.get(10, TimeUnit.SECONDS);
      if (succeeds) {
        promise.complete("done");
      } else {
        promise.fail("failed");
      }
      assertEquals((succeeds ? "done" : "failed") + " true", received.get(10, TimeUnit.SECONDS));
    }
  }
}
