package io.tidings.log.raft;

import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.Followers;
import io.tidings.log.LocalLog;
import io.vertx.core.Handler;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The node's own log, which each run of the engine opens anew, and its followers, who receive each
 * entry once: after the engine was started again, commands are applied again that they know. Opened
 * and fed by one run at a time, on the thread that applies or starts it; other methods may be
 * called on any thread.
 */
final class LocalFeed implements LocalLogOpener {
  private static final long READ_SECONDS = 10;

  private final LocalLogOpener opener;
  private final Followers<List<Entry>> followers = new Followers<>();

  /** The log of this run, or the one of the last run while the engine is started again. */
  private volatile LocalLog log;

  /** The offset of the last entry that followers were given. */
  private volatile long delivered;

  LocalFeed(LocalLogOpener opener) {
    this.opener = opener;
  }

  @Override
  public LocalLog open(long epoch, long trustedUpTo) throws IOException {
    LocalLog opened = opener.open(epoch, trustedUpTo);
    List<Entry> fetched = fetched(epoch, opened);
    delivered = Math.max(delivered, opened.last());
    opened.follow(this::deliver);
    log = opened;
    if (!fetched.isEmpty()) {
      followers.handle(fetched);
    }
    return opened;
  }

  /**
   * If the log was fetched from another node, its newest entry: followers see by it that others
   * came before it, and read them from the log. If it can't be read, the log is closed.
   */
  private List<Entry> fetched(long epoch, LocalLog opened) throws IOException {
    if (log == null || opened.last() <= delivered) {
      return List.of();
    }
    try {
      return newest(opened, new Position(epoch, opened.last() - 1));
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private static List<Entry> newest(LocalLog opened, Position before) throws IOException {
    try {
      return opened
          .after(before, Selection.EVERYTHING, Integer.MAX_VALUE)
          .toCompletionStage()
          .toCompletableFuture()
          .get(READ_SECONDS, TimeUnit.SECONDS)
          .entries();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the newest entry can't be read", e);
    }
  }

  private void deliver(List<Entry> entries) {
    long known = delivered;
    List<Entry> fresh =
        entries.get(0).offset() > known
            ? entries
            : entries.stream().filter(entry -> entry.offset() > known).toList();
    if (!fresh.isEmpty()) {
      delivered = fresh.get(fresh.size() - 1).offset();
      followers.handle(fresh);
    }
  }

  /** Calls the handler with all entries from now on. */
  void follow(Handler<List<Entry>> entries) {
    followers.add(entries);
  }

  /** The log; empty until the cluster's log has begun. */
  Optional<LocalLog> log() {
    return Optional.ofNullable(log);
  }
}
