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
    var follower = new Follower(context, entries);
    followers.add(follower);
    return follower;
  }

  /**
   * Runs an action after entries were appended, once for all that are appended before it runs.
   *
   * @param context on which it runs; may be slow, since nothing waits for it but one task
   */
  public Follower signal(Context context, Runnable appended) {
    var pending = new AtomicBoolean();
    var follower =
        new Follower(context, batch -> appended.run()) {
          @Override
          boolean wants() {
            return pending.compareAndSet(false, true);
          }

          @Override
          void begin() {
            pending.set(false); // first: what is appended from now on counts anew
          }
        };
    followers.add(follower);
    return follower;
  }

  /** One handler that receives the batches. */
  public class Follower {
    private final Context context;
    private final Handler<EntryBatch> entries;
    private volatile boolean stopped;

    private Follower(Context context, Handler<EntryBatch> entries) {
      this.context = context;
      this.entries = entries;
    }

    /** Whether it is to receive a batch now. Any thread. */
    boolean wants() {
      return true;
    }

    /** Called on the context, before the handler. */
    void begin() {
      // each batch is received
    }

    private void receive(EntryBatch batch) {
      if (!wants()) {
        return;
      }
      try {
        context.runOnContext(
            next -> {
              begin();
              if (!stopped) {
                entries.handle(batch);
              }
            });
      } catch (RejectedExecutionException e) {
        stop(); // its event loop has ended, which others report
      }
    }

    /** Calls the handler no more. */
    public void stop() {
      stopped = true;
      followers.remove(this);
    }
  }
}
