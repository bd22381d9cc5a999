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
 * One open stream of figures: a cursor into their history. It writes only what its socket takes;
 * after a while in which that took nothing, it goes on with the rows that it missed and the newest
 * figures. Confined to its event loop.
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

  /** The number of the moment that it needs next. */
  private long next;

  private long lastWrite;
  private long lastProgress;
  private long takenBefore;
  private boolean left;

  /**
   * @param next the number of the first moment that it wants
   * @param clock milliseconds that only ever grow
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

  /** What the response begins with. */
  Buffer opening(long retryMillis) {
    return Buffer.buffer(notice(OPEN, "{}", retryMillis).bytes());
  }

  /** Writes what there is and the socket takes: rows of the history, then the newest figures. */
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

  /** Sends a sign of life where nothing was sent for so long; 0 for never. */
  void beat(long now, long silenceMillis) {
    if (silenceMillis > 0 && now - lastWrite >= silenceMillis && outlet.writable()) {
      write(notice(BEAT, "{}"));
    }
  }

  /**
   * Looks whether the client still takes what it is sent.
   *
   * @return whether it has taken nothing for longer than that, though there was something to take;
   *     never where that is 0
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

  /** Ends the response because the hub stops; cuts it where the client does not read. */
  void drain(int retryMillis) {
    if (outlet.writable()) {
      String json = new JsonObject().put("retry", retryMillis).encode();
      write(notice(SseFrame.DRAIN, json, retryMillis));
      outlet.end(CloseReason.DRAINED);
    } else {
      outlet.cut();
    }
  }

  /** Writes no more. */
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
