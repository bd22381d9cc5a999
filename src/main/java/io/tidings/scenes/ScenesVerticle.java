package io.tidings.scenes;

import io.tidings.bus.EntryBatch;
import io.tidings.bus.LiveFeed;
import io.tidings.bus.Publisher;
import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Topic;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.logging.Logger;

/**
 * Publishes the content of the scenes: jobs and answers on request, the log and the load of this
 * node while streams subscribe to them by name. Answers that were not complete when the hub ended
 * are continued. Confined to its event loop.
 */
public final class ScenesVerticle extends VerticleBase {
  private static final System.Logger LOG = System.getLogger(ScenesVerticle.class.getName());
  private static final String LOAD_TOPIC = "scenes.load";
  private static final long JOB_BYTES = 128L << 20;
  private static final long WORD_MILLIS = 60;
  private static final long LOG_MILLIS = 250;
  private static final long LOAD_MILLIS = 1_000;
  private static final long WARNING_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LiveFeed feed;
  private final Predicate<String> subscribed;
  private final BooleanSupplier leads;
  private final ProcessLoad processLoad;
  private final LongSupplier nanoTime;
  private final AnswerHistory history;

  /** Entries that concern answers and came while the history is read; null from then on. */
  private List<Entry> early = new ArrayList<>();

  /** What the history had and the live feed has not delivered. */
  private final Set<Position> inHistory = new HashSet<>();

  private final LogTail tail = new LogTail();
  private Jobs jobs;
  private Answers answers;
  private TopicReporter log;
  private TopicReporter load;
  private LiveFeed.Follower live;
  private long logTimer;
  private long loadTimer;
  private long warnedNanos;

  /**
   * @param node the name of this node
   * @param subscribed whether a stream of this node subscribes to a topic by its name; a stream of
   *     all topics does not count, since the log would then report its own delivery
   * @param leads whether this node acts for the whole cluster
   * @param log has the answers that were not complete when the hub ended
   */
  public ScenesVerticle(
      LiveFeed feed,
      EventLog log,
      String node,
      Predicate<String> subscribed,
      BooleanSupplier leads) {
    this(
        feed,
        log,
        new ProcessLoad(node, InstantSource.system()),
        subscribed,
        leads,
        System::nanoTime);
  }

  /**
   * @param nanoTime the clock that limits log lines, as {@link System#nanoTime}
   */
  ScenesVerticle(
      LiveFeed feed,
      EventLog log,
      ProcessLoad processLoad,
      Predicate<String> subscribed,
      BooleanSupplier leads,
      LongSupplier nanoTime) {
    this.feed = feed;
    this.processLoad = processLoad;
    this.subscribed = subscribed;
    this.leads = leads;
    this.history = new AnswerHistory(log);
    this.nanoTime = nanoTime;
    this.warnedNanos = nanoTime.getAsLong() - WARNING_NANOS;
  }

  @Override
  public Future<?> start() {
    var publisher = Publisher.toLocalHub(vertx);
    jobs = new Jobs(vertx, publisher, JOB_BYTES);
    answers = new Answers(vertx, publisher, Manual.fromJar(), WORD_MILLIS, leads);
    log = new TopicReporter(publisher, Topic.LOG);
    load = new TopicReporter(publisher, LOAD_TOPIC);
    Logger.getLogger("").addHandler(tail);
    logTimer = vertx.setPeriodic(LOG_MILLIS, tick -> publishLog());
    loadTimer = vertx.setPeriodic(LOAD_MILLIS, tick -> publishLoad());
    live = feed.follow(context, this::receive);
    history.read().onComplete(this::continueAnswers);
    return Future.succeededFuture();
  }

  /** Applies what the log has, then what came meanwhile, which may be among it. */
  private void continueAnswers(AsyncResult<List<Entry>> read) {
    if (early == null) {
      return; // it was undeployed meanwhile
    }
    if (read.failed()) {
      String reason = read.cause().getMessage();
      LOG.log(System.Logger.Level.WARNING, "earlier answers are not continued: {0}", reason);
    }
    List<Entry> earlier = read.succeeded() ? read.result() : List.of();
    List<Entry> meanwhile = early;
    early = null;
    earlier.forEach(
        entry -> {
          inHistory.add(entry.position());
          applyToAnswers(entry);
        });
    meanwhile.forEach(this::applyLive);
  }

  /** Ignores what the history had, which the log delivers later than it can be read. */
  private void applyLive(Entry entry) {
    if (!inHistory.remove(entry.position())) {
      applyToAnswers(entry);
    }
  }

  @Override
  public Future<?> stop() {
    Logger.getLogger("").removeHandler(tail);
    vertx.cancelTimer(logTimer);
    vertx.cancelTimer(loadTimer);
    live.stop();
    early = null;
    answers.stop();
    return jobs.stop();
  }

  private void receive(EntryBatch entries) {
    for (Entry entry : entries.list()) {
      String topic = entry.event().topic();
      if (Answers.concern(topic) && early != null) {
        early.add(entry);
      } else if (Answers.concern(topic)) {
        applyLive(entry);
      } else if (topic.equals(Jobs.TOPIC)) {
        execute(entry.event());
      }
    }
  }

  private void applyToAnswers(Entry entry) {
    try {
      answers.apply(entry);
    } catch (InvalidEvent e) {
      warn(Answers.TOPIC + ": " + e.getMessage());
    }
  }

  private void execute(Event event) {
    try {
      Command command = Command.of(event);
      switch (command.verb()) {
        case "start" -> ifLeading(() -> jobs.start(command.id()));
        // on the node that runs it: the leading node may have changed
        case "cancel" -> jobs.cancel(command.id());
        default -> throw new InvalidEvent("type", "is not a command of this topic");
      }
    } catch (InvalidEvent e) {
      warn(Jobs.TOPIC + ": " + e.getMessage());
    }
  }

  private void ifLeading(Runnable action) {
    if (leads.getAsBoolean()) {
      action.run();
    }
  }

  /** Logs a rejected request, at most once a second, since any client can send them. */
  private void warn(String reason) {
    long now = nanoTime.getAsLong();
    if (leads.getAsBoolean() && now - warnedNanos >= WARNING_NANOS) {
      warnedNanos = now;
      LOG.log(System.Logger.Level.WARNING, "refused, {0}", reason);
    }
  }

  private void publishLog() {
    if (log.idle() && subscribed.test(Topic.LOG)) {
      for (LogTail.Line line : tail.drain()) {
        log.publish(line.type(), line.data()).onFailure(ScenesVerticle::logFailure);
      }
    }
  }

  private void publishLoad() {
    if (load.idle() && subscribed.test(LOAD_TOPIC)) {
      load.publish("", processLoad.read()).onFailure(ScenesVerticle::logFailure);
    }
  }

  /** At DEBUG: a line of INFO or above would be published in turn. */
  private static void logFailure(Throwable failure) {
    LOG.log(System.Logger.Level.DEBUG, "not published: {0}", failure.getMessage());
  }
}
