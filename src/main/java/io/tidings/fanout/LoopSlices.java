package io.tidings.fanout;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Does something to many streams, each on its own event loop, and a few in each task of the loop,
 * so that its deliveries are not delayed. Called on any thread.
 */
final class LoopSlices {
  private static final int SLICE = 64;

  private LoopSlices() {}

  /**
   * @param action on the stream's loop, if the stream has not left
   * @return the results in no particular order; fails if an action does, when all the others are
   *     done, or if a loop has ended
   */
  static <T> Future<List<T>> each(List<Subscriber> streams, Function<Subscriber, T> action) {
    return slices(streams, slice -> all(slice, action))
        .map(parts -> parts.stream().flatMap(List::stream).toList());
  }

  /** A failure with one stream does not affect the others. */
  private static <T> List<T> all(List<Subscriber> slice, Function<Subscriber, T> action) {
    var results = new ArrayList<T>(slice.size());
    RuntimeException bug = null;
    Error error = null;
    for (Subscriber stream : slice) {
      try {
        results.add(action.apply(stream));
      } catch (RuntimeException e) {
        bug = bug == null ? e : bug;
      } catch (Error e) {
        error = error == null ? e : error;
      }
    }
    if (error != null) {
      throw error;
    }
    if (bug != null) {
      throw bug;
    }
    return results;
  }

  /**
   * @param action on the loop of these streams, of which none has left
   * @return as {@link #each}, a result for each slice
   */
  static <T> Future<List<T>> slices(
      List<Subscriber> streams, Function<List<Subscriber>, T> action) {
    Map<Context, List<Subscriber>> loops =
        streams.stream().collect(Collectors.groupingBy(Subscriber::context));
    var parts = new ArrayList<Future<List<T>>>();
    loops.forEach((loop, some) -> parts.add(new Work<>(loop, some, action).start()));
    return Future.join(parts)
        .map(done -> parts.stream().flatMap(part -> part.result().stream()).toList());
  }

  /** The streams of one loop. Confined to it, once started. */
  private static final class Work<T> {
    private final Context loop;
    private final List<Subscriber> streams;
    private final Function<List<Subscriber>, T> action;
    private final List<T> results = new ArrayList<>();
    private final Promise<List<T>> promise = Promise.promise();
    private int next;

    /** The first failure of an action; null if there is none. */
    private Throwable failure;

    Work(Context loop, List<Subscriber> streams, Function<List<Subscriber>, T> action) {
      this.loop = loop;
      this.streams = streams;
      this.action = action;
    }

    Future<List<T>> start() {
      schedule();
      return promise.future();
    }

    private void schedule() {
      try {
        loop.runOnContext(slice -> run());
      } catch (RuntimeException e) { // the loop has ended
        promise.tryFail(e);
      }
    }

    private void run() {
      int end = Math.min(next + SLICE, streams.size());
      act(streams.subList(next, end).stream().filter(stream -> !stream.left()).toList());
      next = end;
      if (next < streams.size()) {
        schedule();
      } else if (failure == null) {
        promise.complete(results);
      } else {
        promise.fail(failure);
      }
    }

    private void act(List<Subscriber> slice) {
      try {
        if (!slice.isEmpty()) {
          results.add(action.apply(slice));
        }
      } catch (RuntimeException | Error e) {
        failure = failure == null ? e : failure;
      }
    }
  }
}
