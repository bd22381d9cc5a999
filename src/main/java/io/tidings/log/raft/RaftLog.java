package io.tidings.log.raft;

import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.Bounds;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.ExpiringRecords;
import io.tidings.log.LocalRecords;
import io.tidings.log.LogSize;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Page;
import io.tidings.log.StreamStart;
import io.tidings.metrics.LogMetrics;
import io.tidings.tls.NodeCertificates;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The log of a cluster. Publications go to the leader as commands ({@link Proposer}); committed
 * commands are applied on every node to its own copy ({@link Replica}), from which it serves reads.
 * {@link RaftEngine} keeps that going.
 */
public final class RaftLog implements EventLog, Voters {
  private static final System.Logger LOG = System.getLogger(RaftLog.class.getName());

  private final Options options;
  private final InstantSource clock;
  private final RaftEngine engine;
  private final ClusterReads reads;
  private final RaftRecords records;
  private final LocalRecords copy;

  /**
   * @param tls for all that nodes send to each other; empty without TLS
   * @param directory of the log's files
   * @param isolated after which time without a leader the log is {@link LogState#ISOLATED}
   * @param settings that all nodes have in common
   * @param patience how long a publisher waits for its answer
   * @param keepBytes the maximum size of the Raft log on this node's disk
   * @param fetchRate the bytes a second that are fetched from another node
   * @param join whether this node is to be added to a cluster that has begun
   * @param forget after which time the leader forgets an edge that does not answer
   */
  public record Options(
      RaftVoters voters,
      Optional<NodeCertificates> tls,
      Path directory,
      Duration isolated,
      SettingsInForce settings,
      Duration patience,
      long keepBytes,
      long fetchRate,
      boolean join,
      Duration forget) {
    /** How many bytes of publications may wait for their answers. */
    private static final long PENDING_BYTES = 32L << 20;

    /**
     * With fewer pending, one command is unanswered at a time: measured with Nodes (make bench).
     */
    private static final long ONE_GROUP_BYTES = 64 << 10;

    /** The same in another generation of the cluster. */
    Options in(long generation) {
      return new Options(
          voters.in(generation),
          tls,
          directory,
          isolated,
          settings,
          patience,
          keepBytes,
          fetchRate,
          join,
          forget);
    }

    Path raftDirectory() {
      return base().getParent();
    }

    /** The directory in which Ratis keeps its files. */
    Path groupDirectory() {
      return raftDirectory().resolve(voters.groupId().getUuid().toString());
    }

    VoteFile vote() {
      return new VoteFile(groupDirectory().resolve("current"));
    }

    Path base() {
      return RaftLog.base(directory);
    }

    Proposer.Limits limits() {
      return new Proposer.Limits(
          patience.toNanos(), PENDING_BYTES, TimeUnit.MILLISECONDS.toNanos(20), ONE_GROUP_BYTES);
    }
  }

  private RaftLog(Options options, InstantSource clock, RaftEngine engine, LocalRecords copy) {
    this.copy = copy;
    this.options = options;
    this.clock = clock;
    this.engine = engine;
    this.reads =
        new ClusterReads(
            engine::local,
            () -> engine.caughtUp().map(replica -> replica.log().orElseThrow()),
            () -> engine.health().isolated().isPresent());
    this.records = new RaftRecords(engine, engine.records(), options.patience(), clock);
  }

  /** The file with the state with which the log in the directory begins. */
  static Path base(Path directory) {
    return directory.resolve("raft").resolve("base");
  }

  /**
   * Starts this node.
   *
   * @param files the node's own log
   * @param copy receives all expiring records; closed with the log
   * @return completes when the log can be read: at once if the directory has a part of the
   *     cluster's log, otherwise when the cluster has a leader for the first time; fails if the
   *     directory can't be used
   */
  public static Future<RaftLog> open(
      Options options,
      LocalFiles files,
      LocalRecords copy,
      InstantSource clock,
      LogMetrics metrics) {
    return Future.fromCompletionStage(GenerationCheck.start(options))
        .recover(e -> copy.close().transform(closed -> Future.failedFuture(e)))
        .compose(found -> openFound(found, files, copy, clock, metrics));
  }

  private static Future<RaftLog> openFound(
      Options options,
      LocalFiles files,
      LocalRecords copy,
      InstantSource clock,
      LogMetrics metrics) {
    NodeLife life;
    try {
      EdgeDirectory.check(options);
      life = NodeLife.of(options.raftDirectory(), options.groupDirectory());
    } catch (IOException e) {
      return copy.close().transform(closed -> Future.failedFuture(e));
    }
    var engine = new RaftEngine(options, life, files, clock, metrics);
    engine.records().followAll(record -> keepCopy(copy, record));
    return engine
        .open()
        .map(opened -> new RaftLog(options, clock, engine, copy))
        .recover(e -> copy.close().transform(closed -> Future.failedFuture(e)));
  }

  private static void keepCopy(LocalRecords copy, ExpiringRecord record) {
    copy.putIfAbsent(record)
        .onFailure(
            e ->
                LOG.log(
                    System.Logger.Level.WARNING,
                    "the copy of the expiring records, for backups, lacks one until the next start: {0}",
                    e.getMessage()));
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
    return nodes(engine.voters().all());
  }

  @Override
  public List<Voter> edges() {
    return nodes(engine.voters().edges());
  }

  private List<Voter> nodes(List<String> ids) {
    Optional<String> leader = engine.leader();
    return ids.stream()
        .map(
            voter ->
                new Voter(
                    voter,
                    voter.equals(options.voters().self()),
                    leader.equals(Optional.of(voter))))
        .toList();
  }

  @Override
  public Status status() {
    List<String> all =
        Stream.concat(engine.voters().all().stream(), engine.voters().edges().stream()).toList();
    List<String> target =
        engine.changingTo().orElseGet(() -> changing(engine.voters().configuration()));
    try {
      Optional<RaftNode> node = engine.node();
      if (node.isPresent()) {
        return new Status(
            node.get().term(), node.get().committed(), commits(node.get(), all), target);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the engine is being closed", e);
    }
    return new Status(-1, -1, Map.of(), target);
  }

  private static List<String> changing(VoterConfiguration now) {
    return now.changing() ? now.current() : List.of();
  }

  private static Map<String, Long> commits(RaftNode node, List<String> all) throws IOException {
    Map<String, Long> known = node.voters().commits();
    known.keySet().retainAll(all);
    return known;
  }

  @Override
  public Optional<String> outside() {
    return engine.voters().outside();
  }

  @Override
  public Optional<String> fetching() {
    return engine.fetching();
  }

  @Override
  public Future<Void> changeVoters(List<String> target) {
    return engine.changeVoters(target);
  }

  @Override
  public SettingsInForce settings() {
    return options.settings();
  }

  @Override
  public Future<Void> changeSettings(Map<String, ?> changes) {
    return engine.settings().change(changes);
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

  @Override
  public Future<StreamStart> find(ResumeRequest resume, Selection selection, Selection readable) {
    return reads.find(resume, selection, readable, clock.millis());
  }

  @Override
  public Future<Page> after(Position position, Selection selection, int maxBytes) {
    return reads.after(position, selection, maxBytes);
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
  public ExpiringRecords records() {
    return records;
  }

  @Override
  public Optional<Instant> isolatedSince() {
    return engine.health().isolated().map(clock.instant()::minus);
  }

  @Override
  public Runnable onState(Handler<LogState> state) {
    engine.health().watch(state);
    return () -> engine.health().forget(state);
  }

  @Override
  public String report() {
    return options.directory()
        + ": replicated by "
        + engine.voters().all().size()
        + (options.voters().isEdge() ? " voters, this one is the edge " : " voters, this one is ")
        + options.voters().self();
  }

  @Override
  public Future<Void> close() {
    return copy.close().eventually(engine::close);
  }
}
