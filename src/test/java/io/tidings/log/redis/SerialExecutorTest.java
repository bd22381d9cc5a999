package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.vertx.core.Future;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {
  private static final RuntimeException STOPPED = new IllegalStateException("stopped");

  private final SerialExecutor thread = new SerialExecutor("own");

  @AfterEach
  void end() {
    thread.end();
  }

  @Test
  void aResultIsHandledOnTheThread() throws Exception {
    assertEquals("42 on own", handle(Future.succeededFuture(42)));
  }

  @Test
  void aFailureIsPassedOn() throws Exception {
    assertSame(STOPPED, handle(Future.failedFuture(STOPPED)));
  }

  private Object handle(Future<Integer> future) throws Exception {
    var handled = new CompletableFuture<Object>();
    thread.onComplete(
        future,
        (result, failure) ->
            handled.complete(
                failure == null ? result + " on " + Thread.currentThread().getName() : failure));
    return handled.get(10, TimeUnit.SECONDS);
  }
}
