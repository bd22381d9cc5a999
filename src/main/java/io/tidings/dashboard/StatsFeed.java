package io.tidings.dashboard;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The hub's statistics: the samples of the last 30 minutes, and the newest statistics in full. They
 * are in memory only, in {@link StatsHistory#BYTES} bytes and one document. Thread-safe; its one
 * lock is held only while rows are copied.
 *
 * <p>Readers are cursors: each keeps the number of the sample that it reads next, so a slow reader
 * needs no queue.
 */
public final class StatsFeed {
  private static final int MAX_ROWS = 120;

  private final StatsHistory history;
  private final List<Runnable> followers = new CopyOnWriteArrayList<>();
  private volatile Latest latest;

  /**
   * @param clock by which samples expire
   */
  public StatsFeed(InstantSource clock) {
    this.history = new StatsHistory(clock);
  }

  /** Adds the statistics of this second, from {@link ClusterStats}, and calls the followers. */
  public void add(JsonObject stats) {
    synchronized (history) {
      history.add(StatsSample.of(stats));
      latest = new Latest(history.next() - 1, stats.encode());
    }
    followers.forEach(Runnable::run);
  }

  /** The newest statistics; empty in the hub's first second. */
  public Optional<Latest> latest() {
    return Optional.ofNullable(latest);
  }

  /** The number of the oldest retained sample that is not older than the given age. */
  public long since(Duration age) {
    synchronized (history) {
      return history.since(age);
    }
  }

  /**
   * The retained samples from one number (inclusive) to another (exclusive), at most two minutes of
   * them.
   */
  public Rows rows(long from, long to) {
    StatsHistory.Part part;
    synchronized (history) {
      part = history.from(from, to, MAX_ROWS);
    }
    if (part.samples().isEmpty()) {
      return new Rows(Optional.empty(), part.end());
    }
    var rows = new JsonArray();
    part.samples().forEach(sample -> rows.add(sample.toJson()));
    var json =
        new JsonObject().put("columns", new JsonArray(StatsSample.COLUMNS)).put("rows", rows);
    return new Rows(Optional.of(json.encode()), part.end());
  }

  /** Calls the follower after each addition, on the adding thread, until {@link #unfollow}. */
  public void follow(Runnable follower) {
    followers.add(follower);
  }

  public void unfollow(Runnable follower) {
    followers.remove(follower);
  }

  /** Whether there are followers; without any, topics are not counted. */
  boolean followed() {
    return !followers.isEmpty();
  }

  /**
   * Statistics in full.
   *
   * @param number the number of their sample
   * @param json one line
   */
  public record Latest(long number, String json) {}

  /**
   * A part of the history.
   *
   * @param json one line, {@code {"columns":[…],"rows":[[…],…]}}; empty without rows
   * @param end the number of the sample after them
   */
  public record Rows(Optional<String> json, long end) {}
}
