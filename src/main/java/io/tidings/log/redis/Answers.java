package io.tidings.log.redis;

import io.tidings.log.Entry;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;

/**
 * The outcomes of publications that were decided under the log's lock. The promises are completed
 * by {@link #deliver}, without the lock. Used by one thread.
 */
final class Answers {
  private final List<Runnable> answers = new ArrayList<>();

  void complete(Promise<List<Entry>> promise, List<Entry> entries) {
    answers.add(() -> promise.tryComplete(entries));
  }

  void fail(Promise<List<Entry>> promise, Throwable why) {
    answers.add(() -> promise.tryFail(why));
  }

  /** Completes the promises. Must be called without the log's lock. */
  void deliver() {
    answers.forEach(Runnable::run);
  }
}
