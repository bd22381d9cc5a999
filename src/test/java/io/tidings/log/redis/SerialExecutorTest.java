package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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
    assertEquals("42 on own", ask(() -> CompletableFuture.supplyAsync(() -> 42)));
  }

  @Test
  void aFailureIsPassedOn() throws Exception {
    assertSame(STOPPED, ask(() -> CompletableFuture.failedFuture(STOPPED)));
  }

  @Test
  void aCallThatThrowsHasFailed() throws Exception {
    assertSame(
        STOPPED,
        ask(
            () -> {
              throw STOPPED;
            }));
  }

  private Object ask(Supplier<CompletionStage<Integer>> call) throws Exception {
    var handled = new CompletableFuture<Object>();
    thread.ask(
        call,
        (result, failure) ->
            handled.complete(
                failure == null ? result + " on " + Thread.currentThread().getName() : failure));
    return handled.get(10, TimeUnit.SECONDS);
  }
}
