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
 * The running jobs. Each reports on its topic {@code scenes.job.<id>}: events {@code progress},
 * then {@code done}, {@code failed} or {@code cancelled}. Confined to its verticle's event loop;
 * the work is done on worker threads.
 */
final class Jobs {
  /** The topic of requests, with the types {@code start} and {@code cancel}. */
  static final String TOPIC = "scenes.jobs";

  static final int MAX_CONCURRENT = 2;
  private static final System.Logger LOG = System.getLogger(Jobs.class.getName());
  private static final String TOPIC_PREFIX = "scenes.job.";
  private static final long MAX_MINUTES = 5;

  private final Context context;
  private final Publisher publisher;
  private final long bytes;
  private final WorkerExecutor workers;
  private final Map<String, Job> running = new HashMap<>();
  private final List<Future<?>> ends = new ArrayList<>();

  /**
   * @param bytes the size of the file that each job writes
   */
  Jobs(Vertx vertx, Publisher publisher, long bytes) {
    this.context = vertx.getOrCreateContext();
    this.publisher = publisher;
    this.bytes = bytes;
    this.workers =
        vertx.createSharedWorkerExecutor(
            "tidings-scenes", MAX_CONCURRENT, MAX_MINUTES, TimeUnit.MINUTES);
  }

  void start(String id) {
    if (running.containsKey(id)) {
      return; // a repeated request
    }
    var report = new TopicReporter(publisher, TOPIC_PREFIX + id);
    if (running.size() == MAX_CONCURRENT) {
      report
          .publish(
              "failed",
              reason("the hub runs " + MAX_CONCURRENT + " jobs already; try again in a minute"))
          .onFailure(Jobs::logFailure);
      return;
    }
    var job =
        new Job(
            bytes, progress -> context.runOnContext(ignored -> reportProgress(report, progress)));
    running.put(id, job);
    LOG.log(
        System.Logger.Level.INFO, "a job begins; {0} of {1} run", running.size(), MAX_CONCURRENT);
    reportProgress(report, new JsonObject().put("step", "waiting").put("percent", 0));
    Future<?> end =
        workers
            .executeBlocking(job::run, false)
            .transform(
                outcome -> {
                  running.remove(id);
                  return reportOutcome(report, outcome);
                });
    ends.removeIf(Future::isComplete);
    ends.add(end.onFailure(Jobs::logFailure));
  }

  void cancel(String id) {
    Job job = running.get(id);
    if (job != null) {
      job.cancel();
    }
  }

  /** Cancels all jobs; completes when they have ended and reported that. */
  Future<?> stop() {
    running.values().forEach(Job::cancel);
    return Future.join(ends).otherwiseEmpty().eventually(workers::close);
  }

  /** Skips a report while an earlier one is being published: the next one supersedes it. */
  private static void reportProgress(TopicReporter report, JsonObject progress) {
    if (report.idle()) {
      report.publish("progress", progress).onFailure(Jobs::logFailure);
    }
  }

  private static Future<?> reportOutcome(TopicReporter report, AsyncResult<JsonObject> outcome) {
    if (outcome.succeeded()) {
      double seconds = outcome.result().getDouble("seconds");
      LOG.log(System.Logger.Level.INFO, "a job is done, after {0} s", seconds);
      return report.publish("done", outcome.result());
    }
    if (outcome.cause() instanceof CancellationException) {
      LOG.log(System.Logger.Level.INFO, "a job is cancelled");
      return report.publish("cancelled", new JsonObject());
    }
    LOG.log(System.Logger.Level.ERROR, "a job failed", outcome.cause());
    return report.publish("failed", reason("the hub failed; the reason is in its log"));
  }

  private static JsonObject reason(String reason) {
    return new JsonObject().put("reason", reason);
  }

  private static void logFailure(Throwable failure) {
    LOG.log(
        System.Logger.Level.WARNING,
        "a job's report could not be published: {0}",
        failure.getMessage());
  }
}
