package io.tidings.dashboard;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The hub's figures: those of the last 30 minutes, and the newest in full. They are in memory only,
 * in {@value StatsHistory#BYTES} bytes and one document. Any thread; its one lock is held for
 * copies of some rows.
 *
 * <p>Readers are cursors here too: each knows the number of the moment that it needs next, and what
 * it has no time for costs nothing.
 */
public final class StatsFeed {
  private static final int MAX_ROWS = 120;

  private final StatsHistory history;
  private final List<Runnable> followers = new CopyOnWriteArrayList<>();
  private volatile Latest latest;

  /**
   * @param clock by which figures become too old
   */
  public StatsFeed(InstantSource clock) {
    this.history = new StatsHistory(clock);
  }

  /**
   * Adds the figures of this second, as {@link ClusterStats} makes them, and calls the followers.
   */
  public void add(JsonObject stats) {
    synchronized (history) {
      history.add(StatsSample.of(stats));
      latest = new Latest(history.next() - 1, stats.encode());
    }
    followers.forEach(Runnable::run);
  }

  /** The newest figures; nothing before the hub's first second. */
  public Optional<Latest> latest() {
    return Optional.ofNullable(latest);
  }

  /** The number of the oldest moment that is kept and not older than that. */
  public long since(Duration age) {
    synchronized (history) {
      return history.since(age);
    }
  }

  /**
   * Moments from one number up to another, without it: at most two minutes of them, and those that
   * are kept.
   */
  public Rows rows(long from, long to) {
    StatsHistory.Part part;
    synchronized (history) {
      part = history.from(from, to, MAX_ROWS);
    }
    if (part.moments().isEmpty()) {
      return new Rows(Optional.empty(), part.end());
    }
    var rows = new JsonArray();
    part.moments().forEach(moment -> rows.add(moment.toJson()));
    var json =
        new JsonObject().put("columns", new JsonArray(StatsSample.COLUMNS)).put("rows", rows);
    return new Rows(Optional.of(json.encode()), part.end());
  }

  /** Calls it, on whatever thread, after each addition; until {@link #unfollow}. */
  public void follow(Runnable follower) {
    followers.add(follower);
  }

  public void unfollow(Runnable follower) {
    followers.remove(follower);
  }

  /** Whether somebody looks: what is only for those who look is not counted otherwise. */
  boolean followed() {
    return !followers.isEmpty();
  }

  /**
   * Figures in full.
   *
   * @param number of their moment
   * @param json one line
   */
  public record Latest(long number, String json) {}

  /**
   * A part of the history.
   *
   * @param json one line, {@code {"columns":[…],"rows":[[…],…]}}; nothing where there are no rows
   * @param end the number of the moment after them
   */
  public record Rows(Optional<String> json, long end) {}
}
