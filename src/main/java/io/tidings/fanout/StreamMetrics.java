package io.tidings.fanout;

import io.tidings.metrics.LoopMetrics;
import io.tidings.metrics.Metrics;
import java.util.Locale;

/**
 * Counts the streams of one event loop and what is written to them. The streams of dashboards, and
 * the ticks of the hub's own clock to whomever they go, are counted as internal too. Confined to
 * the loop.
 */
final class StreamMetrics {
  private final Metrics metrics;
  private final LoopMetrics loop;

  StreamMetrics(Metrics metrics, LoopMetrics loop) {
    this.metrics = metrics;
    this.loop = loop;
  }

  void opened(Traffic traffic) {
    if (traffic == Traffic.DASHBOARD) {
      metrics.internalStreams(1);
    }
  }

  void closed(Traffic traffic, CloseReason why) {
    if (traffic == Traffic.DASHBOARD) {
      metrics.internalStreams(-1);
    }
    metrics.closed(why.name().toLowerCase(Locale.ROOT));
  }

  /**
   * Counts a chunk written to sockets.
   *
   * @param events the number of events in the chunk
   * @param ticks how many of the events are ticks of the hub's own clock
   * @param sockets the number of sockets that the chunk was written to
   */
  void written(Traffic traffic, Chunk chunk, int events, int ticks, int sockets) {
    loop.delivered(events, chunk.size(), sockets);
    if (traffic == Traffic.DASHBOARD) {
      loop.deliveredInternal(events, chunk.size(), sockets);
    } else if (ticks > 0) {
      loop.deliveredInternal(ticks, (int) ((long) chunk.size() * ticks / events), sockets);
    }
  }

  /**
   * Records the latency of a delivery that ends now.
   *
   * @param since when the oldest of its events was received, by {@link System#nanoTime}
   */
  void latency(long since) {
    metrics.delivered(System.nanoTime() - since);
  }

  /** Counts a gap reported to a stream; that of a dashboard is no client's loss. */
  void gap(Traffic traffic) {
    if (traffic != Traffic.DASHBOARD) {
      metrics.gap();
    }
  }
}
