package io.tidings.log;

import io.vertx.core.Handler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The handlers of a log's entries, or of its states. A handler that throws affects neither the log
 * nor the other handlers, and is called again with the next value. Thread-safe.
 */
public final class Followers<T> {
  private static final System.Logger LOG = System.getLogger(Followers.class.getName());

  private final List<Follower<T>> followers = new CopyOnWriteArrayList<>();

  public void add(Handler<T> handler) {
    followers.add(new Follower<>(handler));
  }

  /** Calls it no more; without effect if it was not added. */
  public void remove(Handler<T> handler) {
    followers.removeIf(follower -> follower.handler == handler);
  }

  /** Calls all handlers, in the order in which they were added. */
  public void handle(T value) {
    followers.forEach(follower -> follower.handle(value));
  }

  private static final class Follower<T> {
    private final Handler<T> handler;
    private volatile boolean failed;

    Follower(Handler<T> handler) {
      this.handler = handler;
    }

    /** Catches errors too, since the entries were appended already. */
    void handle(T value) {
      try {
        handler.handle(value);
      } catch (RuntimeException | Error e) {
        LOG.log(
            failed ? System.Logger.Level.DEBUG : System.Logger.Level.ERROR,
            "a follower of the log failed; its later failures are logged at DEBUG",
            e);
        failed = true;
      }
    }
  }
}
