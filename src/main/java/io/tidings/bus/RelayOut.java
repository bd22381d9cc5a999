package io.tidings.bus;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Page;
import io.tidings.settings.BusSettings.Relay;
import io.tidings.settings.InvalidSetting;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.util.function.BooleanSupplier;

/**
 * Publishes the entries of a filter to an address of the event bus, for all nodes: the one that
 * leads reads the log and keeps a checkpoint, from which another goes on when it ends. So nothing
 * is left out, and what was published in the moment before a node was killed may come again, with
 * the same id.
 */
public final class RelayOut extends VerticleBase {
  private static final System.Logger LOG = System.getLogger(RelayOut.class.getName());
  private static final int PAGE_BYTES = 64 * 1024;
  private static final long LOOK_MILLIS = 250;

  private final Relay relay;
  private final Filter filter;
  private final EventLog log;
  private final Checkpoints checkpoints;
  private final BooleanSupplier leads;
  private MessageConsumer<EntryBatch> live;
  private Position cursor;
  private boolean busy;
  private boolean again;
  private long timer;

  /**
   * @param leads whether this node does what is done once for all
   * @throws InvalidSetting where the topic is none
   */
  public RelayOut(Relay relay, EventLog log, Checkpoints checkpoints, BooleanSupplier leads) {
    this.relay = relay;
    this.filter = filter(relay);
    this.log = log;
    this.checkpoints = checkpoints;
    this.leads = leads;
  }

  private static Filter filter(Relay relay) {
    try {
      return Filter.of(relay.topic());
    } catch (InvalidEvent e) {
      throw InvalidSetting.of("bus.out.topic", relay.topic(), e.rule());
    }
  }

  @Override
  public Future<?> start() {
    timer = vertx.setPeriodic(LOOK_MILLIS, look -> go());
    return Live.subscribe(vertx, entries -> go()).onSuccess(consumer -> live = consumer);
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    return live.unregister();
  }

  private void go() {
    if (!leads.getAsBoolean()) {
      cursor = null; // who leads now is further
    } else if (busy) {
      again = true;
    } else {
      busy = true;
      (cursor == null ? begin() : Future.succeededFuture())
          .compose(begun -> relay())
          .onComplete(
              done -> {
                busy = false;
                if (done.failed()) {
                  LOG.log(System.Logger.Level.DEBUG, "{0} waits: {1}", name(), done.cause());
                } else if (again) {
                  again = false;
                  go();
                }
              });
    }
  }

  /** Finds out how far the one was who led before. */
  private Future<Void> begin() {
    return ContextFutures.of(checkpoints.read(name()))
        .compose(
            id ->
                ContextFutures.of(
                    log.find(
                        id.<ResumeRequest>map(ResumeRequest.After::new)
                            .orElseGet(ResumeRequest.Live::new),
                        filter)))
        .compose(
            start -> {
              cursor = start.after();
              start.gap().ifPresent(gap -> missed(gap.reason().word()));
              return ContextFutures.of(checkpoints.write(name(), cursor.toString()));
            });
  }

  private Future<Void> relay() {
    if (cursor.epoch() == log.bounds().epoch() && cursor.offset() >= log.bounds().newest()) {
      return Future.succeededFuture();
    }
    return ContextFutures.of(log.after(cursor, filter, PAGE_BYTES)).compose(this::publish);
  }

  private Future<Void> publish(Page page) {
    page.gap().ifPresent(gap -> missed(gap.reason().word()));
    for (Entry entry : page.entries()) {
      vertx.eventBus().publish(relay.address(), message(entry));
    }
    boolean on = page.end().offset() > cursor.offset() || page.end().epoch() != cursor.epoch();
    cursor = page.end();
    if (page.entries().isEmpty()) {
      return on ? relay() : Future.succeededFuture();
    }
    Entry last = page.entries().get(page.entries().size() - 1);
    return ContextFutures.of(checkpoints.write(name(), last.position().toString()))
        .compose(kept -> relay());
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
    return message.put("data", event.data());
  }

  private void missed(String why) {
    LOG.log(System.Logger.Level.WARNING, "{0}: some entries were left out: {1}", name(), why);
  }

  private String name() {
    return relay.topic() + " to " + relay.address();
  }
}
