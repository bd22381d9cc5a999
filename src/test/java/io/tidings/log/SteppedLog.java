package io.tidings.log;

import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.metrics.Metrics;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A single node's log whose committer and clock are driven by the test. */
public final class SteppedLog {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final LocalLog log;
  private final Committer committer;
  private final LogHealth health = new LogHealth();
  private final InstantSource clock;
  private final AtomicLong nanos = new AtomicLong();

  public SteppedLog(StandaloneLog.Opened opened, Duration once, InstantSource clock) {
    this.log = opened.log();
    this.clock = clock;
    this.committer =
        new Committer(
            opened,
            CommitLimits.of(once, PATIENCE),
            health,
            clock,
            nanos::get,
            new Metrics().log());
  }

  public Future<List<Entry>> append(Publication publication) {
    return committer.append(publication);
  }

  /** Runs one cycle of the committer. */
  public void step() throws InterruptedException {
    committer.cycle(0);
  }

  /** Advances the clock by the patience of publishers and lets publications expire. */
  public void losePatience() {
    nanos.addAndGet(PATIENCE.toNanos());
    committer.expire();
  }

  public void end() throws IOException {
    committer.end();
  }

  public boolean writable() {
    return health.writable();
  }

  public Bounds bounds() {
    return log.bounds();
  }

  public Future<StreamStart> find(ResumeRequest resume, Selection what) {
    return log.find(resume, what, Selection.EVERYTHING, clock.millis());
  }

  public Future<Page> after(Position position, Selection what, int maxBytes) {
    return log.after(position, what, maxBytes);
  }
}
