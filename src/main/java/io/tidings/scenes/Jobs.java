package io.tidings.scenes;

import io.tidings.bus.Publisher;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/**
 * The jobs that run: each tells how it goes on {@code scenes.job.} and its id, by {@code progress}
 * and then {@code done}, {@code failed} or {@code cancelled}. Confined to its verticle's event
 * loop; the work is done on threads of its own.
 */
final class Jobs {
  /** Where pages ask, by {@code start} and {@code cancel}. */
  static final String TOPIC = "scenes.jobs";

  static final int MOST = 2;
  private static final System.Logger LOG = System.getLogger(Jobs.class.getName());
  private static final String TOPIC_OF_ONE = "scenes.job.";
  private static final long LONGEST_MINUTES = 5;

  private final Context context;
  private final Publisher publisher;
  private final long bytes;
  private final WorkerExecutor workers;
  private final Map<String, Job> running = new HashMap<>();
  private final List<Future<?>> ends = new ArrayList<>();

  /**
   * @param bytes of the file that each job makes
   */
  Jobs(Vertx vertx, Publisher publisher, long bytes) {
    this.context = vertx.getOrCreateContext();
    this.publisher = publisher;
    this.bytes = bytes;
    this.workers =
        vertx.createSharedWorkerExecutor("tidings-scenes", MOST, LONGEST_MINUTES, TimeUnit.MINUTES);
  }

  void start(String id) {
    if (running.containsKey(id)) {
      return; // asked for twice
    }
    var report = new TopicReporter(publisher, TOPIC_OF_ONE + id);
    if (running.size() == MOST) {
      report
          .say("failed", because("the hub runs " + MOST + " jobs already; try again in a minute"))
          .onFailure(Jobs::untold);
      return;
    }
    var job = new Job(bytes, progress -> context.runOnContext(hop -> tell(report, progress)));
    running.put(id, job);
    LOG.log(System.Logger.Level.INFO, "a job begins; {0} of {1} run", running.size(), MOST);
    tell(report, new JsonObject().put("step", "waiting").put("percent", 0));
    Future<?> end =
        workers
            .executeBlocking(job::run, false)
            .transform(
                outcome -> {
                  running.remove(id);
                  return tell(report, outcome);
                });
    ends.removeIf(Future::isComplete);
    ends.add(end.onFailure(Jobs::untold));
  }

  void cancel(String id) {
    Job job = running.get(id);
    if (job != null) {
      job.cancel();
    }
  }

  /** Cancels all; completes when they have ended, and told so. */
  Future<?> stop() {
    running.values().forEach(Job::cancel);
    return Future.join(ends).otherwiseEmpty().eventually(workers::close);
  }

  /** The next one tells more: what can't be published yet need not be. */
  private static void tell(TopicReporter report, JsonObject progress) {
    if (report.quiet()) {
      report.say("progress", progress).onFailure(Jobs::untold);
    }
  }

  private static Future<?> tell(TopicReporter report, AsyncResult<JsonObject> outcome) {
    if (outcome.succeeded()) {
      double seconds = outcome.result().getDouble("seconds");
      LOG.log(System.Logger.Level.INFO, "a job is done, after {0} s", seconds);
      return report.say("done", outcome.result());
    }
    if (outcome.cause() instanceof CancellationException) {
      LOG.log(System.Logger.Level.INFO, "a job is cancelled");
      return report.say("cancelled", new JsonObject());
    }
    LOG.log(System.Logger.Level.ERROR, "a job failed", outcome.cause());
    return report.say("failed", because("the hub could not do it; its log says why"));
  }

  private static JsonObject because(String reason) {
    return new JsonObject().put("reason", reason);
  }

  private static void untold(Throwable failure) {
    LOG.log(System.Logger.Level.WARNING, "a job could not be told of: {0}", failure.getMessage());
  }
}
