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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The open streams of this node, on all event loops. Any thread; what is done to a stream is done
 * on its own loop.
 */
public final class OpenStreams {
  private final Map<StreamId, Subscriber> streams = new ConcurrentHashMap<>();

  /** Whose streams end as soon as they are open. */
  private volatile Predicate<Principal> revoked = principal -> false;

  /** Is told of the streams; set before the first one opens. */
  private volatile StreamListener listener = StreamListener.NONE;

  private final List<Audiences> loops = new CopyOnWriteArrayList<>();

  void add(Audiences loop) {
    loops.add(loop);
  }

  void remove(Audiences loop) {
    loops.remove(loop);
  }

  void add(Subscriber stream) {
    streams.put(stream.id(), stream);
    endIfRevoked(stream);
  }

  /**
   * Ends a stream that has just got its principal, if that was revoked after the request was let in
   * and before {@link #end} could find the stream. On its loop, in a later task, unless the stream
   * has got another principal by then.
   */
  void endIfRevoked(Subscriber stream) {
    if (revoked.test(stream.principal())) {
      stream
          .context()
          .runOnContext(
              later -> {
                if (revoked.test(stream.principal())) {
                  stream.end(CloseReason.REVOKED);
                }
              });
    }
  }

  /**
   * Sets whose streams end as soon as they are open. What becomes revoked later needs {@link #end}
   * too.
   */
  public void refuse(Predicate<Principal> principals) {
    revoked = principals;
  }

  /** Sets who is told of the streams, before the first one opens. */
  public void listen(StreamListener streams) {
    listener = streams;
  }

  StreamListener listener() {
    return listener;
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
    return on(
        stream.context(),
        () -> stream.left() ? Optional.empty() : Optional.of(action.apply(stream)));
  }

  private static <T> Future<T> on(Context loop, Supplier<T> action) {
    Promise<T> promise = Promise.promise();
    loop.runOnContext(
        start -> {
          try {
            promise.complete(action.get());
          } catch (RuntimeException | Error e) {
            promise.fail(e);
          }
        });
    return promise.future();
  }

  /**
   * Counts the streams that events of these topics reach; completes on any thread.
   *
   * @param topics of several events: of those that reach the stream, one is enough
   */
  public Future<Reach> reach(PublishedTopics topics) {
    var parts = new ArrayList<Future<Reach>>();
    for (Audiences loop : loops) {
      parts.add(on(loop.context().context(), () -> loop.reach(topics)));
    }
    return Future.join(parts)
        .map(done -> parts.stream().map(Future::result).reduce(Reach.NONE, Reach::plus));
  }

  /** Lists streams; completes on any thread. */
  public Future<StreamPage> list(StreamQuery query) {
    return new StreamSearch(query, streams.values().iterator()).run();
  }

  /**
   * Ends the stream with that handle.
   *
   * @return the description of the stream that was ended; empty if there is none
   */
  public Future<Optional<StreamInfo>> end(StreamHandle handle, CloseReason why) {
    List<Subscriber> found =
        streams.values().stream()
            .filter(stream -> stream.handleHigh() == handle.high())
            .filter(stream -> stream.handle().equals(handle))
            .toList();
    return LoopSlices.each(
            found,
            stream -> {
              StreamInfo ended = StreamInfo.of(stream);
              stream.end(why);
              return ended;
            })
        .map(all -> all.stream().findFirst());
  }

  /**
   * Ends all streams of principals, some at a time on each loop.
   *
   * @param principals whose streams end; called on any thread
   * @return how many there were at the call; completes when they have ended
   */
  public Future<Integer> end(Predicate<Principal> principals, CloseReason why) {
    List<Subscriber> found =
        streams.values().stream().filter(stream -> principals.test(stream.principal())).toList();
    return LoopSlices.each(
            found,
            stream -> {
              if (principals.test(stream.principal())) { // it may have been renewed meanwhile
                stream.end(why);
              }
              return stream;
            })
        .map(List::size);
  }
}
