package io.tidings;

import io.tidings.log.Gap;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.streams.ReadStream;

/**
 * A stream of events within the process: in the order of the log, each once, without a gap that is
 * not reported. It is a cursor into the log, so one that is paused holds no events back in memory:
 * it reads them later, as far as {@code log.keep} has kept them, and reports a gap where not.
 *
 * <p>Its handlers are called on the context on which it was opened. Its methods may be called on
 * any thread; after {@link #pause} or {@link #close} on that context no further event arrives, and
 * on another thread one that is being handled may still do.
 */
public interface Subscription extends ReadStream<StoredEvent> {
  /**
   * Sets the handler of events, with which the stream begins to flow.
   *
   * @param handler null to wait for another one
   */
  @Override
  Subscription handler(Handler<StoredEvent> handler);

  /**
   * Sets the handler of gaps, each of which is reported before the event with which the stream
   * continues. Without one they are logged as warnings.
   */
  Subscription gapHandler(Handler<Gap> handler);

  /**
   * Sets the handler of a failure that ends the stream: the log can't be read, and not because of a
   * passing outage. Without one it is logged.
   */
  @Override
  Subscription exceptionHandler(Handler<Throwable> handler);

  /** Sets the handler of the end: the hub is closed. Not called after {@link #close}. */
  @Override
  Subscription endHandler(Handler<Void> handler);

  @Override
  Subscription pause();

  @Override
  Subscription resume();

  @Override
  Subscription fetch(long amount);

  /** Ends the stream; completes when no handler is called any more. */
  Future<Void> close();
}
