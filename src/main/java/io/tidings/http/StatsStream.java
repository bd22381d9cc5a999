package io.tidings.http;

import io.tidings.dashboard.StatsFeed;
import io.tidings.dashboard.StatsFeed.Latest;
import io.tidings.dashboard.StatsFeed.Rows;
import io.tidings.fanout.Chunk;
import io.tidings.fanout.CloseReason;
import io.tidings.fanout.Outlet;
import io.tidings.wire.HubNotice;
import io.tidings.wire.SseFrame;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * One open stream of statistics: a cursor into their history. It writes only while its socket is
 * writable; when the socket becomes writable again, it continues with the history rows that it
 * missed and the newest statistics. Confined to its event loop.
 */
final class StatsStream {
  private static final String OPEN = "hub.open";
  private static final String HISTORY = "hub.history";
  private static final String STATS = "hub.stats";
  private static final String BEAT = "hub.beat";

  private final StatsFeed feed;
  private final ResponseFormat form;
  private final HttpServerRequest request;
  private final Outlet outlet;
  private final LongSupplier clock;

  /** The number of the sample that is delivered next. */
  private long next;

  private long lastWrite;
  private long lastProgress;
  private long takenBefore;
  private boolean left;

  /**
   * @param next the number of the first sample to deliver
   * @param clock monotonic milliseconds
   */
  StatsStream(
      StatsFeed feed,
      ResponseFormat form,
      HttpServerRequest request,
      Outlet outlet,
      long next,
      LongSupplier clock) {
    this.feed = feed;
    this.form = form;
    this.request = request;
    this.outlet = outlet;
    this.next = next;
    this.clock = clock;
    this.lastWrite = clock.getAsLong();
    this.lastProgress = lastWrite;
  }

  HttpServerRequest request() {
    return request;
  }

  Outlet outlet() {
    return outlet;
  }

  /** The first bytes of the response. */
  Buffer opening(long retryMillis) {
    return Buffer.buffer(notice(OPEN, "{}", retryMillis).bytes());
  }

  /**
   * Writes what is available while the socket is writable: rows of the history, then the newest
   * statistics.
   */
  void deliver() {
    Optional<Latest> newest = feed.latest();
    while (!left && newest.isPresent() && next <= newest.get().number() && outlet.writable()) {
      long number = newest.get().number();
      if (next < number) {
        Rows rows = feed.rows(next, number);
        rows.json().ifPresent(json -> write(notice(HISTORY, json)));
        next = rows.end();
      } else {
        write(notice(STATS, newest.get().json()));
        next = number + 1;
      }
      newest = feed.latest();
    }
  }

  /** Sends a heartbeat if nothing was written for that long; never if it is 0. */
  void beat(long now, long silenceMillis) {
    if (silenceMillis > 0 && now - lastWrite >= silenceMillis && outlet.writable()) {
      write(notice(BEAT, "{}"));
    }
  }

  /**
   * Updates the progress of the client.
   *
   * @return whether the client has read nothing for longer than {@code patienceMillis} although
   *     data was pending; never if that is 0
   */
  boolean stalled(long now, long patienceMillis) {
    long unsent = outlet.unsent();
    long taken = outlet.written() - unsent;
    if (unsent <= 0 || taken > takenBefore) {
      lastProgress = now;
    }
    takenBefore = taken;
    outlet.allSent(unsent <= 0);
    return patienceMillis > 0 && now - lastProgress >= patienceMillis;
  }

  /** Ends the response because the hub stops; cuts it if the client does not read. */
  void drain(int retryMillis) {
    if (outlet.writable()) {
      String json = new JsonObject().put("retry", retryMillis).encode();
      write(notice(SseFrame.DRAIN, json, retryMillis));
      outlet.end(CloseReason.DRAINED);
    } else {
      outlet.cut();
    }
  }

  /** Stops delivery. */
  void leave() {
    left = true;
  }

  private SseFrame notice(String type, String json) {
    return form == ResponseFormat.LINES ? HubNotice.line(type, json) : HubNotice.event(type, json);
  }

  private SseFrame notice(String type, String json, long retryMillis) {
    boolean without = form == ResponseFormat.LINES || retryMillis <= 0;
    return without ? notice(type, json) : HubNotice.event(type, json, retryMillis);
  }

  private void write(SseFrame frame) {
    lastWrite = clock.getAsLong();
    Chunk chunk = Chunk.of(frame);
    outlet.write(chunk);
    chunk.release();
  }
}
