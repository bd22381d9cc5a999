package io.tidings.fanout;

import io.tidings.auth.Principal;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The open streams of this node, on all event loops. Any thread; what is done to a stream is done
 * on its own loop.
 */
public final class OpenStreams {
  /** How many streams of a loop are handled in one task, so that its deliveries are not delayed. */
  private static final int SLICE = 64;

  private final Map<StreamId, Subscriber> streams = new ConcurrentHashMap<>();

  /** Whose streams end as soon as they are open. */
  private volatile Predicate<Principal> revoked = principal -> false;

  void add(Subscriber stream) {
    streams.put(stream.id(), stream);
    endIfRevoked(stream);
  }

  /**
   * Ends a stream that has just got its principal, if that was revoked after the request was let in
   * and before {@link #end} could find the stream. On its loop, in a later task.
   */
  void endIfRevoked(Subscriber stream) {
    if (revoked.test(stream.principal())) {
      stream.context().runOnContext(open -> stream.end(CloseReason.REVOKED));
    }
  }

  /**
   * Sets whose streams end as soon as they are open. What becomes revoked later needs {@link #end}
   * too.
   */
  public void refuse(Predicate<Principal> principals) {
    revoked = principals;
  }

  void remove(Subscriber stream) {
    streams.remove(stream.id(), stream);
  }

  public int size() {
    return streams.size();
  }

  /**
   * Does something to a stream.
   *
   * @return the result; empty if there is no such stream, or it has ended; fails if the action does
   */
  public <T> Future<Optional<T>> on(StreamId id, Function<Subscriber, T> action) {
    Subscriber stream = streams.get(id);
    if (stream == null) {
      return Future.succeededFuture(Optional.empty());
    }
    Promise<Optional<T>> promise = Promise.promise();
    stream
        .context()
        .runOnContext(
            start -> {
              try {
                promise.complete(
                    stream.left() ? Optional.empty() : Optional.of(action.apply(stream)));
              } catch (RuntimeException | Error e) {
                promise.fail(e);
              }
            });
    return promise.future();
  }

  /**
   * Ends all streams of principals, some at a time on each loop.
   *
   * @param principals whose streams end; called on any thread
   * @return how many there were at the call; completes when they have ended
   */
  public Future<Integer> end(Predicate<Principal> principals, CloseReason why) {
    Map<Context, List<Subscriber>> found =
        streams.values().stream()
            .filter(stream -> principals.test(stream.principal()))
            .collect(Collectors.groupingBy(Subscriber::context));
    int count = found.values().stream().mapToInt(List::size).sum();
    var ended = new ArrayList<Future<Void>>();
    found.forEach(
        (loop, some) -> {
          Promise<Void> promise = Promise.promise();
          // tested again: a stream may have been renewed meanwhile
          Consumer<Subscriber> end =
              stream -> {
                if (principals.test(stream.principal())) {
                  stream.end(why);
                }
              };
          loop.runOnContext(start -> inSlices(loop, some, end, promise));
          ended.add(promise.future());
        });
    return Future.join(ended).map(count);
  }

  private static void inSlices(
      Context loop, List<Subscriber> streams, Consumer<Subscriber> action, Promise<Void> promise) {
    streams.stream().limit(SLICE).forEach(action);
    if (streams.size() <= SLICE) {
      promise.complete();
      return;
    }
    List<Subscriber> rest = streams.subList(SLICE, streams.size());
    loop.runOnContext(next -> inSlices(loop, rest, action, promise));
  }
}
