package io.tidings.log.raft;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.log.Bounds;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Gap;
import io.tidings.log.LogSize;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Page;
import io.tidings.log.StreamStart;
import io.tidings.metrics.LogMetrics;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The log of a cluster. Publications go to the leader as commands ({@link Proposer}); committed
 * commands are applied on every node to its own copy ({@link Replica}), from which it serves reads.
 * {@link RaftEngine} keeps that going.
 */
public final class RaftLog implements EventLog, Voters {
  private final Options options;
  private final InstantSource clock;
  private final RaftEngine engine;

  /**
   * @param directory of the log's files
   * @param isolated after which time without a leader the log is {@link LogState#ISOLATED}
   * @param once how long repetitions are recognised; zero for never
   * @param onceBytes the maximum size of what they are recognised by
   * @param patience how long a publisher waits for its answer
   * @param keepBytes the maximum size of the Raft log on this node's disk
   */
  public record Options(
      RaftVoters voters,
      Path directory,
      Duration isolated,
      Duration once,
      long onceBytes,
      Duration patience,
      long keepBytes) {
    /** How many bytes of publications may wait for their answers. */
    private static final long PENDING_BYTES = 32L << 20;

    Path raftDirectory() {
      return base().getParent();
    }

    Path base() {
      return RaftLog.base(directory);
    }

    Proposer.Limits limits() {
      return new Proposer.Limits(
          patience.toNanos(), PENDING_BYTES, TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private RaftLog(Options options, InstantSource clock, RaftEngine engine) {
    this.options = options;
    this.clock = clock;
    this.engine = engine;
  }

  /** The file with the state with which the log in the directory begins. */
  static Path base(Path directory) {
    return directory.resolve("raft").resolve("base");
  }

  /**
   * Starts this node.
   *
   * @param opener opens the node's own log
   * @return completes when the log can be read: at once if the directory has a part of the
   *     cluster's log, otherwise when the cluster has a leader for the first time; fails if the
   *     directory can't be used
   */
  public static Future<RaftLog> open(
      Options options, LocalLogOpener opener, InstantSource clock, LogMetrics metrics) {
    var engine = new RaftEngine(options, opener, clock, metrics);
    return engine.open().map(opened -> new RaftLog(options, clock, engine));
  }

  // ---- the cluster

  @Override
  public boolean leads() {
    return engine.leads();
  }

  @Override
  public boolean connected() {
    return engine.leader().isPresent();
  }

  @Override
  public List<Voter> voters() {
    Optional<String> leader = engine.leader();
    return options.voters().all().stream()
        .map(
            voter ->
                new Voter(
                    voter,
                    voter.equals(options.voters().self()),
                    leader.equals(Optional.of(voter))))
        .toList();
  }

  @Override
  public Future<String> ask(String voter, String request) {
    return engine.ask(voter, request);
  }

  @Override
  public void answerWith(Function<String, Future<String>> answers) {
    engine.answerWith(answers);
  }

  @Override
  public Future<Optional<String>> checkpoint(String name) {
    return engine.caughtUp().map(replica -> replica.checkpoints().find(name));
  }

  @Override
  public Future<Void> setCheckpoint(String name, String id) {
    return engine
        .replica()
        .flatMap(replica -> replica.checkpoints().refusal(name, id))
        .map(refusal -> Future.<Void>failedFuture(new CheckpointRefused(refusal)))
        .orElseGet(() -> engine.submit(new Command.SetCheckpoint(0, name, id)));
  }

  // ---- the log

  @Override
  public Future<List<Entry>> append(Publication publication) {
    if (publication.events().isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    Optional<String> refusal = engine.health().refusal();
    return refusal.isPresent()
        ? Future.failedFuture(new LogUnavailable(refusal.get() + "; nothing was stored", null))
        : engine.proposer().append(publication);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A client may have received from another node what this one has not applied yet: then it
   * waits until it has. An isolated node can't know that; it answers for a publisher's id with what
   * it has, so that the client receives all of that after a gap. A position is not answered, since
   * it is likely to be known when the node has caught up.
   */
  @Override
  public Future<StreamStart> find(ResumeRequest resume, Filter filter, Filter readable) {
    return engine
        .local()
        .find(resume, filter, readable, clock.millis())
        .compose(
            start ->
                !isUnknown(start) || engine.health().isolated().isPresent() && !isPosition(resume)
                    ? Future.succeededFuture(start)
                    : engine
                        .caughtUp()
                        .compose(
                            level ->
                                engine.local().find(resume, filter, readable, clock.millis())));
  }

  private static boolean isPosition(ResumeRequest resume) {
    return resume instanceof ResumeRequest.After after && Position.parse(after.id()).isPresent();
  }

  private static boolean isUnknown(StreamStart start) {
    return start.gap().map(gap -> gap.reason() == Gap.Reason.UNKNOWN).orElse(false);
  }

  @Override
  public Future<Page> after(Position position, Filter filter, int maxBytes) {
    if (position.epoch() == bounds().epoch() && position.offset() > bounds().newest()) {
      return engine.caughtUp().compose(level -> engine.local().after(position, filter, maxBytes));
    }
    return engine.local().after(position, filter, maxBytes);
  }

  @Override
  public void follow(Handler<List<Entry>> entries) {
    engine.follow(entries);
  }

  @Override
  public Bounds bounds() {
    return engine.local().bounds();
  }

  @Override
  public LogSize size() {
    return engine.local().size();
  }

  @Override
  public long memoryBytes() {
    return engine.local().memoryBytes();
  }

  @Override
  public long behindMillis() {
    return engine.health().behindMillis();
  }

  @Override
  public boolean owns(Position id) {
    return engine.local().owns(id);
  }

  @Override
  public Optional<Instant> isolatedSince() {
    return engine.health().isolated().map(clock.instant()::minus);
  }

  @Override
  public void onState(Handler<LogState> state) {
    engine.health().watch(state);
  }

  @Override
  public String report() {
    return options.directory()
        + ": replicated by "
        + options.voters().all().size()
        + " voters, this one is "
        + options.voters().self();
  }

  @Override
  public Future<Void> close() {
    return engine.close();
  }
}
