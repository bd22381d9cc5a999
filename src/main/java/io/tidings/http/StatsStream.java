package io.tidings.http;

import io.tidings.dashboard.StatsFeed;
import io.tidings.dashboard.StatsFeed.Latest;
import io.tidings.dashboard.StatsFeed.Rows;
import io.tidings.fanout.Chunk;
import io.tidings.fanout.CloseReason;
import io.tidings.fanout.Outlet;
import io.tidings.fanout.ReadProgress;
import io.tidings.wire.HubNotice;
import io.tidings.wire.SseFrame;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
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

  /** How long before the end of its token the client is told. */
  private static final Duration NOTICE = Duration.ofSeconds(30);

  private final StatsFeed feed;
  private final ResponseFormat format;
  private final HttpServerRequest request;
  private final Outlet outlet;
  private final LongSupplier monotonicMillis;
  private final Runnable onClose;
  private final Optional<Instant> tokenEnds;
  private boolean endTold;

  /** The number of the sample that is delivered next. */
  private long nextSample;

  private final ReadProgress progress;
  private long lastWrite;
  private boolean closed;

  /**
   * @param nextSample the number of the first sample to deliver
   * @param tokenEnds with which the stream ends; empty without a token
   * @param monotonicMillis a clock that never goes back
   * @param onClose run once, when the stream is closed
   */
  StatsStream(
      StatsFeed feed,
      ResponseFormat format,
      HttpServerRequest request,
      Outlet outlet,
      long nextSample,
      Optional<Instant> tokenEnds,
      LongSupplier monotonicMillis,
      Runnable onClose) {
    this.feed = feed;
    this.format = format;
    this.request = request;
    this.outlet = outlet;
    this.nextSample = nextSample;
    this.tokenEnds = tokenEnds;
    this.monotonicMillis = monotonicMillis;
    this.onClose = onClose;
    this.lastWrite = monotonicMillis.getAsLong();
    this.progress = new ReadProgress(lastWrite);
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
    while (!closed
        && newest.isPresent()
        && nextSample <= newest.get().number()
        && outlet.writable()) {
      long newestSample = newest.get().number();
      if (nextSample < newestSample) {
        Rows rows = feed.rows(nextSample, newestSample);
        rows.json().ifPresent(json -> write(notice(HISTORY, json)));
        nextSample = rows.end();
      } else {
        write(notice(STATS, newest.get().json()));
        nextSample = newestSample + 1;
      }
      newest = feed.latest();
    }
  }

  /** Sends a heartbeat if nothing was written for that long; never if it is 0. */
  void sendHeartbeat(long now, long silenceMillis) {
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
  boolean isStalled(long now, long patienceMillis) {
    long silent = progress.check(outlet, now);
    outlet.allSent(progress.allAccepted());
    return patienceMillis > 0 && silent >= patienceMillis;
  }

  /** Whether its token ends before the given time. */
  boolean expiresBefore(Instant time) {
    return tokenEnds.filter(end -> end.isBefore(time)).isPresent();
  }

  /** Tells the client when its token ends, some time before. */
  void announceExpiry(Instant now) {
    if (!endTold && expiresBefore(now.plus(NOTICE)) && outlet.writable()) {
      endTold = true;
      write(
          notice(
              SseFrame.AUTH, new JsonObject().put("expires", tokenEnds.get().toString()).encode()));
    }
  }

  /**
   * Ends the response and tells the client why it has no right to go on; cuts it if the client does
   * not read.
   *
   * @param why of those that clients are told
   */
  void end(CloseReason why) {
    if (outlet.writable()) {
      String reason = why.told().orElseThrow();
      write(notice(SseFrame.END, new JsonObject().put("reason", reason).encode()));
      outlet.end(why);
    } else {
      outlet.cut(why);
    }
  }

  /** Ends the response because the hub stops; cuts it if the client does not read. */
  void drain(int retryMillis) {
    if (outlet.writable()) {
      String json = new JsonObject().put("retry", retryMillis).encode();
      write(notice(SseFrame.DRAIN, json, retryMillis));
      outlet.end(CloseReason.DRAINED);
    } else {
      outlet.cut(CloseReason.STALLED);
    }
  }

  /** Stops delivery; called once. */
  void close() {
    closed = true;
    onClose.run();
  }

  private SseFrame notice(String type, String json) {
    return format == ResponseFormat.JSON_LINES
        ? HubNotice.line(type, json)
        : HubNotice.event(type, json);
  }

  private SseFrame notice(String type, String json, long retryMillis) {
    boolean withoutRetry = format == ResponseFormat.JSON_LINES || retryMillis <= 0;
    return withoutRetry ? notice(type, json) : HubNotice.event(type, json, retryMillis);
  }

  private void write(SseFrame frame) {
    lastWrite = monotonicMillis.getAsLong();
    Chunk chunk = Chunk.of(frame);
    outlet.write(chunk);
    chunk.release();
  }
}
