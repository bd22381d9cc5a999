package io.tidings;

import io.tidings.bus.LiveFeed;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Gap;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Page;
import io.tidings.log.StreamStart;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * A subscription that reads the log page by page, as far as its handler wants. One page at most is
 * in memory. The state belongs to the context; what other threads set is guarded by the lock.
 */
final class LogSubscription implements Subscription {
  private static final System.Logger LOG = System.getLogger(LogSubscription.class.getName());
  private static final int PAGE_BYTES = 64 * 1024;
  private static final long RETRY_MILLIS = 250;

  private final Context context;
  private final EventLog log;
  private final Selection selection;
  private final Consumer<LogSubscription> onEnd;
  private final LiveFeed.Follower follower;
  private final VerticleEnd end;

  // guarded by this
  private Handler<StoredEvent> handler;
  private Handler<Gap> gapHandler;
  private Handler<Throwable> exceptionHandler;
  private Handler<Void> endHandler;
  private long demand = Long.MAX_VALUE;
  private boolean ended;
  private boolean closedWithHub;

  // of the context
  private final Queue<Entry> page = new ArrayDeque<>();
  private Position cursor;
  private Optional<Gap> gap;
  private boolean reading;
  private boolean delivering;

  /**
   * @param context on which the handlers are called
   * @param start where the stream begins
   * @param onEnd called when the stream has ended
   */
  LogSubscription(
      Context context,
      EventLog log,
      LiveFeed feed,
      Selection selection,
      StreamStart start,
      Consumer<LogSubscription> onEnd) {
    this.context = context;
    this.log = log;
    this.selection = selection;
    this.cursor = start.after();
    this.gap = start.gap();
    this.onEnd = onEnd;
    this.end =
        VerticleEnd.call(
            context,
            () -> {
              stop();
              return Future.succeededFuture();
            });
    this.follower = feed.signal(context, this::deliver);
  }

  @Override
  public synchronized Subscription handler(Handler<StoredEvent> events) {
    handler = events;
    continueLater();
    return this;
  }

  @Override
  public synchronized Subscription gapHandler(Handler<Gap> gaps) {
    gapHandler = gaps;
    return this;
  }

  @Override
  public synchronized Subscription exceptionHandler(Handler<Throwable> failures) {
    exceptionHandler = failures;
    return this;
  }

  @Override
  public Subscription endHandler(Handler<Void> end) {
    boolean late;
    synchronized (this) {
      endHandler = end;
      late = closedWithHub;
    }
    if (late && end != null) {
      callLater(end);
    }
    return this;
  }

  @Override
  public synchronized Subscription pause() {
    demand = 0;
    return this;
  }

  @Override
  public Subscription resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public synchronized Subscription fetch(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException("amount: must be 0 or more");
    }
    demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    continueLater();
    return this;
  }

  @Override
  public Future<Void> close() {
    Promise<Void> closed = Promise.promise();
    stop();
    context.runOnContext(next -> closed.complete());
    return closed.future();
  }

  /**
   * Ends the stream because the hub is closed. One that is opened just then is told when it gets a
   * handler.
   */
  void end() {
    if (!stop()) {
      return;
    }
    Handler<Void> end;
    synchronized (this) {
      closedWithHub = true;
      end = endHandler;
    }
    if (end != null) {
      callLater(end);
    }
  }

  private void callLater(Handler<Void> end) {
    try {
      context.runOnContext(end);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "the context of a subscription has ended before it");
    }
  }

  /** Whether the stream had not ended before. */
  private boolean stop() {
    synchronized (this) {
      if (ended) {
        return false;
      }
      ended = true;
    }
    follower.stop();
    end.cancel();
    onEnd.accept(this);
    return true;
  }

  private void continueLater() {
    context.runOnContext(next -> deliver());
  }

  /** Delivers what is read, and then reads on, as long as there is demand. */
  private void deliver() {
    if (delivering) {
      return; // called by the handler
    }
    delivering = true;
    try {
      while (wanted()) {
        reportGap();
        Entry entry = page.peek();
        if (entry == null) {
          read();
          return;
        }
        Handler<StoredEvent> receiver = take();
        if (receiver == null) {
          return; // paused by another thread meanwhile
        }
        page.remove();
        receiver.handle(
            new StoredEvent(entry.id(), Instant.ofEpochMilli(entry.time()), entry.event()));
      }
    } catch (RuntimeException | Error e) {
      continueLater(); // with the next event; this one has been delivered
      throw e;
    } finally {
      delivering = false;
    }
  }

  private synchronized boolean wanted() {
    return !ended && handler != null && demand > 0;
  }

  /** The handler for one more event; null if none is wanted. */
  private synchronized Handler<StoredEvent> take() {
    if (!wanted()) {
      return null;
    }
    if (demand < Long.MAX_VALUE) {
      demand--;
    }
    return handler;
  }

  private void reportGap() {
    Optional<Gap> found = gap;
    gap = Optional.empty();
    found.ifPresent(
        missing -> {
          Handler<Gap> receiver = gapHandler();
          if (receiver == null) {
            LOG.log(
                System.Logger.Level.WARNING,
                "a subscription of {0} has missed events after {1}: {2}",
                selection.filter().patterns(),
                missing.after(),
                missing.reason().word());
          } else {
            receiver.handle(missing);
          }
        });
  }

  private synchronized Handler<Gap> gapHandler() {
    return gapHandler;
  }

  /** Reads the next page, unless the cursor is at the head of the log. */
  private void read() {
    boolean atHead =
        cursor.epoch() == log.bounds().epoch() && cursor.offset() >= log.bounds().newest();
    if (reading || atHead) {
      return;
    }
    reading = true;
    log.after(cursor, selection, PAGE_BYTES)
        .onComplete(
            result ->
                context.runOnContext(
                    next -> {
                      reading = false;
                      if (result.succeeded()) {
                        add(result.result());
                      } else {
                        retry(result.cause());
                      }
                    }));
  }

  private void add(Page read) {
    boolean advanced =
        read.end().offset() > cursor.offset() || read.end().epoch() != cursor.epoch();
    gap = gap.or(read::gap);
    page.addAll(read.entries());
    cursor = read.end();
    if (advanced || !page.isEmpty() || gap.isPresent()) {
      deliver();
    }
  }

  /** An outage of the log passes. */
  private void retry(Throwable failure) {
    if (failure instanceof LogUnavailable) {
      context.owner().setTimer(RETRY_MILLIS, over -> deliver());
      return;
    }
    Handler<Throwable> receiver;
    synchronized (this) {
      receiver = exceptionHandler;
    }
    if (stop() && receiver != null) {
      receiver.handle(failure);
    } else {
      LOG.log(System.Logger.Level.ERROR, "a subscription has ended by a failure", failure);
    }
  }
}
