package io.tidings.log;

import io.vertx.core.Handler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Those to whom a log hands its entries, or its states. One that throws changes nothing of what the
 * log has done: the others get theirs, and it gets the next. Any thread.
 */
public final class Followers<T> {
  private static final System.Logger LOG = System.getLogger(Followers.class.getName());

  private final List<Follower<T>> followers = new CopyOnWriteArrayList<>();

  public void add(Handler<T> handler) {
    followers.add(new Follower<>(handler));
  }

  /** Calls each of them. */
  public void handle(T what) {
    followers.forEach(follower -> follower.handle(what));
  }

  private static final class Follower<T> {
    private final Handler<T> handler;
    private volatile boolean failed;

    Follower(Handler<T> handler) {
      this.handler = handler;
    }

    /** An error too: whoever made it, what was appended is appended. */
    void handle(T what) {
      try {
        handler.handle(what);
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
