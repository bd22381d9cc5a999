package io.tidings.bus;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Page;
import io.tidings.settings.BusSettings.Relay;
import io.tidings.settings.InvalidSetting;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Publishes the entries of a filter to an event-bus address, once for all nodes: the leader reads
 * the log and writes a checkpoint after each page, from which the next leader resumes. No entry is
 * left out; entries that were published just before a node was killed may be published again, with
 * the same id. A verticle on one event loop.
 */
public final class RelayOut extends VerticleBase {
  private static final System.Logger LOG = System.getLogger(RelayOut.class.getName());
  private static final int PAGE_BYTES = 64 * 1024;
  private static final long POLL_MILLIS = 250;

  /** For how long the start waits to know where it begins; it goes on to find out after that. */
  private static final long BEGIN_MILLIS = 2_000;

  private final Relay relay;
  private final Selection selection;
  private final EventLog log;
  private final LiveFeed feed;
  private final Checkpoints checkpoints;
  private final BooleanSupplier leader;
  private LiveFeed.Follower live;
  private Position cursor;
  private boolean running;

  /** Whether entries were appended while it was running. */
  private boolean rerun;

  private String lastFailure = "";
  private long timer;

  /**
   * @param leader whether this node does the work that is done once for all nodes
   * @throws InvalidSetting if the relay's topic pattern is invalid
   */
  public RelayOut(
      Relay relay, EventLog log, LiveFeed feed, Checkpoints checkpoints, BooleanSupplier leader) {
    this.relay = relay;
    this.selection = selection(relay);
    this.log = log;
    this.feed = feed;
    this.checkpoints = checkpoints;
    this.leader = leader;
  }

  /** Its topics, with their private events: the settings grant them to it. */
  private static Selection selection(Relay relay) {
    try {
      return Selection.all(relay.topic());
    } catch (InvalidEvent e) {
      throw InvalidSetting.of("bus.out.topic", relay.topic(), e.rule());
    }
  }

  /** What is appended after the start is relayed, if this node does that. */
  @Override
  public Future<?> start() {
    timer = vertx.setPeriodic(POLL_MILLIS, tick -> run());
    live = feed.signal(context, this::run);
    return leader.getAsBoolean() ? begin() : Future.succeededFuture();
  }

  private Future<Void> begin() {
    running = true;
    Future<Void> begun =
        resume()
            .onComplete(
                done -> {
                  running = false;
                  if (done.failed()) {
                    log(done.cause());
                  }
                });
    return begun.timeout(BEGIN_MILLIS, TimeUnit.MILLISECONDS).otherwiseEmpty();
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    live.stop();
    return Future.succeededFuture();
  }

  private void run() {
    if (!leader.getAsBoolean()) {
      cursor = null; // the new leader continues from the checkpoint
    } else if (running) {
      rerun = true;
    } else {
      running = true;
      (cursor == null ? resume() : Future.succeededFuture())
          .compose(resumed -> relayPages())
          .onComplete(
              result -> {
                running = false;
                if (result.failed()) {
                  log(result.cause());
                } else if (rerun) {
                  rerun = false;
                  run();
                }
              });
    }
  }

  /** An outage is said by others; what is not one is said here, once. */
  private void log(Throwable failure) {
    String text = String.valueOf(failure.getMessage());
    boolean news = !(failure instanceof LogUnavailable) && !text.equals(lastFailure);
    lastFailure = text;
    LOG.log(
        news ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
        name() + ": retried later: " + text,
        failure);
  }

  /** Sets the cursor to the checkpoint; to the head of the log if there is none. */
  private Future<Void> resume() {
    return ContextFutures.of(checkpoints.read(name()))
        .compose(
            id ->
                ContextFutures.of(
                    log.find(
                        id.<ResumeRequest>map(ResumeRequest.After::new)
                            .orElseGet(ResumeRequest.Live::new),
                        selection,
                        selection)))
        .compose(
            start -> {
              cursor = start.after();
              start.gap().ifPresent(gap -> warnOfGap(gap.reason().word()));
              return ContextFutures.of(checkpoints.write(name(), cursor.toString()));
            });
  }

  /** Publishes page after page up to the head. */
  private Future<Void> relayPages() {
    if (cursor.epoch() == log.bounds().epoch() && cursor.offset() >= log.bounds().newest()) {
      return Future.succeededFuture();
    }
    return ContextFutures.of(log.after(cursor, selection, PAGE_BYTES)).compose(this::publish);
  }

  private Future<Void> publish(Page page) {
    page.gap().ifPresent(gap -> warnOfGap(gap.reason().word()));
    for (Entry entry : page.entries()) {
      vertx.eventBus().publish(relay.address(), message(entry));
    }
    boolean advanced =
        page.end().offset() > cursor.offset() || page.end().epoch() != cursor.epoch();
    cursor = page.end();
    if (page.entries().isEmpty()) {
      return advanced ? relayPages() : Future.succeededFuture();
    }
    Entry last = page.entries().get(page.entries().size() - 1);
    return ContextFutures.of(checkpoints.write(name(), last.position().toString()))
        .compose(written -> relayPages());
  }

  private static JsonObject message(Entry entry) {
    Event event = entry.event();
    var message = new JsonObject().put("id", entry.id()).put("topic", event.topic());
    if (!entry.replacedId().isEmpty()) {
      message.put("publisher_id", entry.replacedId());
    }
    if (!event.type().isEmpty()) {
      message.put("type", event.type());
    }
    if (event.isPrivate()) {
      message.put("private", true);
    }
    return message.put("data", event.data());
  }

  private void warnOfGap(String reason) {
    LOG.log(System.Logger.Level.WARNING, "{0}: entries are missing: {1}", name(), reason);
  }

  private String name() {
    return relay.topic() + " to " + relay.address();
  }
}
