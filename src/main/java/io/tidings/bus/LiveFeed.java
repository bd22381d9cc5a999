package io.tidings.bus;

import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.memory.DeliveryBacklog;
import io.tidings.metrics.Metrics;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Hands each batch of a log's entries once to every event loop of a hub, by reference. Each hub has
 * its own, so several can share a Vert.x instance. Any thread.
 */
public final class LiveFeed {
  private final List<Follower> followers = new CopyOnWriteArrayList<>();

  private LiveFeed() {}

  /** Hands over all entries of the log from now on, and counts them. */
  public static LiveFeed of(EventLog log, Metrics metrics, DeliveryBacklog backlog) {
    var feed = new LiveFeed();
    log.follow(
        list -> {
          long total = backlog.publish(EntryBatch.cost(list));
          var entries = new EntryBatch(list, System.nanoTime(), total);
          metrics.appended(list.size(), entries.bytes());
          countClock(list, metrics);
          feed.followers.forEach(follower -> follower.receive(entries));
        });
    return feed;
  }

  private static void countClock(List<Entry> list, Metrics metrics) {
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i).ofClock()) {
        metrics.appendedInternal(1, list.get(i).frame().size());
      }
    }
  }

  /**
   * Calls the handler with every batch from now on.
   *
   * @param context on which the handler is called
   */
  public Follower follow(Context context, Handler<EntryBatch> entries) {
    return add(
        new Follower(context) {
          @Override
          void receive(EntryBatch batch) {
            later(() -> entries.handle(batch));
          }
        });
  }

  /**
   * Runs an action after entries were appended, once for all that are appended before it runs.
   *
   * @param context on which it runs; may be slow, since nothing waits for it but one task
   */
  public Follower signal(Context context, Runnable appended) {
    var pending = new AtomicBoolean();
    Runnable action =
        () -> {
          pending.set(false); // first: what is appended from now on counts anew
          appended.run();
        };
    return add(
        new Follower(context) {
          @Override
          void receive(EntryBatch batch) {
            if (pending.compareAndSet(false, true)) {
              later(action);
            }
          }
        });
  }

  private Follower add(Follower follower) {
    followers.add(follower);
    return follower;
  }

  /** Receives every batch. */
  public abstract class Follower {
    private final Context context;
    private volatile boolean stopped;

    private Follower(Context context) {
      this.context = context;
    }

    /** On the thread that appends. */
    abstract void receive(EntryBatch batch);

    /** Runs an action on the context, unless this is stopped by then. */
    final void later(Runnable action) {
      try {
        context.runOnContext(
            next -> {
              if (!stopped) {
                action.run();
              }
            });
      } catch (RejectedExecutionException e) {
        stop(); // its event loop has ended, which others report
      }
    }

    /** Receives no more. */
    public void stop() {
      stopped = true;
      followers.remove(this);
    }
  }
}
