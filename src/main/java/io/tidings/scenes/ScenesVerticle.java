package io.tidings.scenes;

import io.tidings.bus.EntryBatch;
import io.tidings.bus.Live;
import io.tidings.bus.Publisher;
import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.log.Entry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.logging.Logger;

/**
 * Makes what the scenes show: jobs and answers for who asks, its log and its load for who hears
 * them by name.
 */
public final class ScenesVerticle extends VerticleBase {
  private static final System.Logger LOG = System.getLogger(ScenesVerticle.class.getName());
  private static final String LOG_TOPIC = "scenes.log";
  private static final String LOAD_TOPIC = "scenes.load";
  private static final long JOB_BYTES = 128L << 20;
  private static final long WORD_MILLIS = 60;
  private static final long LOG_MILLIS = 250;
  private static final long LOAD_MILLIS = 1_000;
  private static final long COMPLAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Predicate<String> heard;
  private final BooleanSupplier leads;
  private final ProcessLoad gauge;
  private final LogTail tail = new LogTail();
  private Jobs jobs;
  private Answers answers;
  private TopicReporter log;
  private TopicReporter load;
  private MessageConsumer<EntryBatch> live;
  private long logTimer;
  private long loadTimer;
  private long complained = System.nanoTime() - COMPLAIN_NANOS;

  /**
   * @param node what this node is called
   * @param heard whether a stream of this node hears a topic by its name; one that hears everything
   *     shall not be told of what it makes itself
   * @param leads whether this node does what is done once for all
   */
  public ScenesVerticle(String node, Predicate<String> heard, BooleanSupplier leads) {
    this.gauge = new ProcessLoad(node);
    this.heard = heard;
    this.leads = leads;
  }

  @Override
  public Future<?> start() {
    var publisher = new Publisher(vertx);
    jobs = new Jobs(vertx, publisher, JOB_BYTES);
    answers = new Answers(vertx, publisher, Manual.ofTheJar(), WORD_MILLIS);
    log = new TopicReporter(publisher, LOG_TOPIC);
    load = new TopicReporter(publisher, LOAD_TOPIC);
    Logger.getLogger("").addHandler(tail);
    logTimer = vertx.setPeriodic(LOG_MILLIS, tick -> tellLog());
    loadTimer = vertx.setPeriodic(LOAD_MILLIS, tick -> tellLoad());
    return Live.subscribe(vertx, this::hear).onSuccess(consumer -> live = consumer);
  }

  @Override
  public Future<?> stop() {
    Logger.getLogger("").removeHandler(tail);
    vertx.cancelTimer(logTimer);
    vertx.cancelTimer(loadTimer);
    return live.unregister().eventually(() -> Future.join(jobs.stop(), answers.stop()).mapEmpty());
  }

  private void hear(EntryBatch entries) {
    for (Entry entry : entries.list()) {
      String topic = entry.event().topic();
      if (topic.equals(Jobs.TOPIC) || topic.equals(Answers.TOPIC)) {
        carryOut(entry.event());
      }
    }
  }

  private void carryOut(Event event) {
    try {
      carryOut(event.topic(), Command.of(event));
    } catch (InvalidEvent e) {
      complain(event.topic() + ": " + e.getMessage());
    }
  }

  private void carryOut(String topic, Command command) {
    String id = command.id();
    switch (topic + " " + command.verb()) {
      case Jobs.TOPIC + " start" -> onceForAll(() -> jobs.start(id));
      case Answers.TOPIC + " ask" -> onceForAll(() -> answers.ask(id, command.question()));
      // by whoever has it: another node may lead by now
      case Jobs.TOPIC + " cancel" -> jobs.cancel(id);
      case Answers.TOPIC + " stop" -> answers.stop(id);
      default -> complain(topic + ": type: is nothing that can be asked for there");
    }
  }

  private void onceForAll(Runnable what) {
    if (leads.getAsBoolean()) {
      what.run();
    }
  }

  /** Once a second at most, for anybody may be wrong as often as he likes. */
  private void complain(String what) {
    long now = System.nanoTime();
    if (leads.getAsBoolean() && now - complained >= COMPLAIN_NANOS) {
      complained = now;
      LOG.log(System.Logger.Level.WARNING, "refused, {0}", what);
    }
  }

  private void tellLog() {
    if (log.quiet() && heard.test(LOG_TOPIC)) {
      for (LogTail.Line line : tail.take()) {
        log.say(line.type(), line.data()).onFailure(ScenesVerticle::untold);
      }
    }
  }

  private void tellLoad() {
    if (load.quiet() && heard.test(LOAD_TOPIC)) {
      load.say("", gauge.read()).onFailure(ScenesVerticle::untold);
    }
  }

  /** Not above DEBUG, or it would be told of in turn. */
  private static void untold(Throwable failure) {
    LOG.log(System.Logger.Level.DEBUG, "not published: {0}", failure.getMessage());
  }
}
