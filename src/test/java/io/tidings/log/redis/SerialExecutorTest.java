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
  void anAnswerIsTakenOnTheThread() throws Exception {
    assertEquals("42 on own", ask(() -> CompletableFuture.supplyAsync(() -> 42)));
  }

  @Test
  void aFailureIsTakenAsItIs() throws Exception {
    assertSame(STOPPED, ask(() -> CompletableFuture.failedFuture(STOPPED)));
  }

  @Test
  void whoCanNotBeAskedHasFailed() throws Exception {
    assertSame(
        STOPPED,
        ask(
            () -> {
              throw STOPPED;
            }));
  }

  private Object ask(Supplier<CompletionStage<Integer>> question) throws Exception {
    var taken = new CompletableFuture<Object>();
    thread.ask(
        question,
        (result, failure) ->
            taken.complete(
                failure == null ? result + " on " + Thread.currentThread().getName() : failure));
    return taken.get(10, TimeUnit.SECONDS);
  }
}
