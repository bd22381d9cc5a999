package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SharedCatchUpTest {
  private final List<CompletableFuture<Void>> reads = new CopyOnWriteArrayList<>();
  private final EngineThread thread = new EngineThread("tidings-raft-reads");
  private final SharedCatchUp shared = new SharedCatchUp(this::read, thread);
  private volatile boolean fails;

  private CompletableFuture<Void> read() {
    if (fails) {
      throw new IllegalStateException("the engine has ended");
    }
    reads.add(new CompletableFuture<>());
    return reads.get(reads.size() - 1);
  }

  @AfterEach
  void endThread() {
    thread.end();
  }

  private CompletableFuture<Void> ask() throws Exception {
    CompletableFuture<Void> answer = shared.caughtUp();
    thread.awaitIdle();
    thread.awaitIdle(); // a read that can't begin ends after the first wait was queued
    return answer;
  }

  private void complete(int number) throws Exception {
    reads.get(number).complete(null);
    thread.awaitIdle();
  }

  @Test
  void thoseWhoAskWhileOneReadsShareTheNextRead() throws Exception {
    CompletableFuture<Void> first = ask();
    CompletableFuture<Void> second = ask();
    CompletableFuture<Void> third = ask();
    assertEquals(1, reads.size());
    complete(0);
    assertTrue(first.isDone());
    assertFalse(second.isDone()); // what it waits for may have been committed after the first began
    assertEquals(2, reads.size());
    complete(1);
    assertTrue(second.isDone() && third.isDone());
    ask();
    assertEquals(3, reads.size());
  }

  @Test
  void aReadThatFailsFailsThoseWhoWaitedForItAndNoOthers() throws Exception {
    CompletableFuture<Void> first = ask();
    CompletableFuture<Void> second = ask();
    reads.get(0).completeExceptionally(new IllegalStateException("no leader"));
    thread.awaitIdle();
    assertTrue(first.isCompletedExceptionally());
    assertFalse(second.isDone());
    complete(1);
    assertFalse(second.isCompletedExceptionally());
  }

  @Test
  void aReadThatCannotBeginFailsAndTheNextOneBegins() throws Exception {
    fails = true;
    CompletableFuture<Void> failed = ask();
    thread.awaitIdle(); // its end is another task
    assertTrue(failed.isCompletedExceptionally());
    fails = false;
    CompletableFuture<Void> next = ask();
    complete(0);
    assertFalse(next.isCompletedExceptionally());
  }

  @Test
  void aCallerThatGivesUpDoesNotEndTheReadForOthers() throws Exception {
    ask();
    CompletableFuture<Void> one = ask();
    CompletableFuture<Void> other = ask();
    one.cancel(false);
    assertFalse(other.isDone());
  }

  /** Ratis completes reads while it holds a lock, which the next read needs on another thread. */
  @Test
  void aReadIsNeverBegunAndNobodyIsAnsweredOnTheThreadThatCompletesTheOneBefore() throws Exception {
    var threads = new CopyOnWriteArrayList<String>();
    ask().thenRun(() -> threads.add(Thread.currentThread().getName()));
    ask();
    complete(0);
    assertEquals(List.of("tidings-raft-reads"), threads);
    assertEquals(2, reads.size());
  }

  @Test
  void whoWaitsForAReadThatEndsAfterTheThreadIsAnswered() throws Exception {
    CompletableFuture<Void> first = ask();
    CompletableFuture<Void> next = ask();
    thread.end();
    reads.get(0).completeExceptionally(new IllegalStateException("the engine has ended"));
    assertTrue(first.isCompletedExceptionally());
    assertTrue(next.isCompletedExceptionally());
    assertEquals(1, reads.size());
  }

  @Test
  void afterTheEndNobodyWaits() throws Exception {
    thread.end();
    assertTrue(shared.caughtUp().isCompletedExceptionally());
  }
}
