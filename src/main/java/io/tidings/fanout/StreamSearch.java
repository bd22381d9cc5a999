package io.tidings.fanout;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;

/**
 * Finds a page of the open streams, in the order of their handles. It looks at all streams, a few
 * in each task, and keeps no more than the page. A stream that is open all the time is on exactly
 * one of the pages that follow each other, whatever others come and go meanwhile.
 *
 * <p>Each slice is a task of the loop of the stream at which the previous one ended, so the work is
 * spread over the loops. What only its own loop knows of a stream is asked there. One task at a
 * time; the futures between tasks make the changes of one visible to the next.
 */
final class StreamSearch {
  private static final int SLICE = 128;

  private final StreamQuery query;
  private final Iterator<Subscriber> streams;
  private final PriorityQueue<Found> found =
      new PriorityQueue<>(Comparator.comparing(Found::handle).reversed());
  private final Promise<StreamPage> promise = Promise.promise();

  /** A stream, with its handle. */
  private record Found(StreamHandle handle, Subscriber stream) {}

  StreamSearch(StreamQuery query, Iterator<Subscriber> streams) {
    this.query = query;
    this.streams = streams;
  }

  /** Begins on the calling thread; completes on any. */
  Future<StreamPage> run() {
    step();
    return promise.future();
  }

  private void step() {
    try {
      var slice = new ArrayList<Subscriber>();
      Subscriber last = null;
      for (int i = 0; i < SLICE && streams.hasNext(); i++) {
        last = streams.next();
        if (mayBeOnPage(last) && query.selects(last.principal(), last.selection().filter())) {
          slice.add(last);
        }
      }
      if (last == null) {
        describe();
        return;
      }
      Context next = last.context();
      lagging(slice)
          .map(
              some -> {
                some.forEach(this::keep);
                return next;
              })
          .onSuccess(this::schedule)
          .onFailure(promise::tryFail);
    } catch (RuntimeException e) {
      promise.tryFail(e);
    }
  }

  private void schedule(Context loop) {
    try {
      loop.runOnContext(task -> step());
    } catch (RuntimeException e) { // the loop has ended
      promise.tryFail(e);
    }
  }

  /** By the first half of its handle, since the other has to be computed. */
  private boolean mayBeOnPage(Subscriber stream) {
    long high = stream.handleHigh();
    boolean after =
        query.after().filter(begin -> Long.compareUnsigned(high, begin.high()) < 0).isEmpty();
    return after && (!full() || Long.compareUnsigned(high, found.peek().handle().high()) <= 0);
  }

  /** Whether there is one stream more than the page has. */
  private boolean full() {
    return found.size() > query.limit();
  }

  /** Those of the streams that are as far behind as the query demands. */
  private Future<List<Subscriber>> lagging(List<Subscriber> slice) {
    if (query.behind().isEmpty() || slice.isEmpty()) {
      return Future.succeededFuture(slice);
    }
    long entries = query.behind().get();
    return LoopSlices.each(slice, stream -> stream.lag() > entries ? stream : null)
        .map(some -> some.stream().filter(Objects::nonNull).toList());
  }

  private void keep(Subscriber stream) {
    StreamHandle handle = stream.handle();
    if (query.after().filter(begin -> handle.compareTo(begin) <= 0).isPresent()) {
      return;
    }
    found.add(new Found(handle, stream));
    if (found.size() > query.limit() + 1) {
      found.remove();
    }
  }

  private void describe() {
    boolean more = full();
    if (more) {
      found.remove();
    }
    LoopSlices.each(found.stream().map(Found::stream).toList(), StreamInfo::of)
        .map(
            all ->
                new StreamPage(
                    all.stream().sorted(Comparator.comparing(StreamInfo::handle)).toList(), more))
        .onComplete(promise);
  }
}
