package io.tidings.log.raft;

import io.tidings.log.Entry;
import io.tidings.log.LocalLog;
import io.tidings.log.RecordFeed;
import io.tidings.metrics.LogMetrics;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * The Raft engine of a node, as {@link RaftLog} uses it: made of its runs, which an {@link
 * EngineSupervisor} starts, the way to the leader, and what all runs share. Thread-safe.
 */
final class RaftEngine implements RaftRecords.Cluster {
  private final LeaderRoute route;
  private final VoterClient others;
  private final LocalFeed feed;
  private final RecordFeed records = new RecordFeed();
  private final RaftHealth health;
  private final Proposer proposer;
  private final EngineSupervisor supervisor;
  private final CurrentVoters voters;
  private final VoterChanges changes;
  private final SettingsChange settings;
  private final NodeFetch fetch;
  private volatile Function<String, Future<String>> answerer =
      request -> Future.succeededFuture("");

  RaftEngine(
      RaftLog.Options options,
      NodeLife life,
      LocalFiles files,
      InstantSource clock,
      LogMetrics metrics) {
    this.others = new VoterClient(options);
    this.route = new LeaderRoute(options.voters(), others);
    this.feed = new LocalFeed(files.opener());
    this.health = new RaftHealth(options.isolated(), System::nanoTime);
    var random = new SecureRandom();
    this.proposer =
        new Proposer(
            route,
            options.limits(),
            () -> random.nextLong() | 1,
            System::nanoTime,
            metrics::appended);
    this.voters = new CurrentVoters(options.voters(), options.join());
    var notes = new FetchNotes(System::nanoTime);
    var server = new FetchServer(route, options, files.source(), notes, System::nanoTime);
    var peers = new FetchPeers(options.voters().self(), NodeFetch.transport(voters, others));
    this.fetch = new NodeFetch(options, files.fetched(), peers, notes, server);
    metrics.registerFetch(fetch.progress()::moved, fetch.progress()::remaining);
    var configuring = new ReentrantLock(true);
    this.changes = new VoterChanges(route, others, configuring, notes);
    var silence =
        new EdgeSilence(
            options.forget().toNanos(), edge -> notes.progress(edge).isPresent(), System::nanoTime);
    var edges = new EdgeChanges(route, others, configuring, silence, System::nanoTime);
    this.settings =
        new SettingsChange(
            route,
            new KindGate(route, others),
            options.settings(),
            health::refusal,
            options.patience());
    var members = new MemberRequests(route, changes, edges);
    Function<String, Future<String>> answers =
        request -> members.answer(request).orElseGet(() -> answerer.apply(request));
    var check = new StartCheck(options, voters, others);
    var parts =
        new EngineParts(
            options, life, voters, edges, check, clock, health, proposer, feed, records, fetch,
            answers, settings);
    this.supervisor = new EngineSupervisor(parts, route);
  }

  /** Starts it; completes as {@link RaftLog#open}. */
  Future<Void> open() {
    return supervisor.open();
  }

  RaftHealth health() {
    return health;
  }

  /** How far this node is that fetches the log; empty if it does not. */
  Optional<String> fetching() {
    return fetch.text().map("this node fetches the log from the others: "::concat);
  }

  Proposer proposer() {
    return proposer;
  }

  /** The node's own log, once this is open. */
  LocalLog local() {
    return feed.log().orElseThrow();
  }

  /** The state, as far as it was applied; empty while the engine is started again. */
  Optional<Replica> replica() {
    return route.run().map(EngineRun::replica);
  }

  /** Calls the handler with all entries from now on. */
  void follow(Handler<List<Entry>> entries) {
    feed.follow(entries);
  }

  /** The expiring records that this node has applied. */
  RecordFeed records() {
    return records;
  }

  void answerWith(Function<String, Future<String>> answers) {
    answerer = answers;
  }

  @Override
  public Optional<String> refusal() {
    return health.refusal();
  }

  /** The leader as this node knows it; this node only when it can take commands. */
  @Override
  public Optional<String> leader() {
    return route.leader();
  }

  /** Whether this node leads, and has applied everything from before its term. */
  boolean leads() {
    return route.isSelf(route.leader());
  }

  /** The voters as this node knows them. */
  CurrentVoters voters() {
    return voters;
  }

  /** As {@link RaftLog#changeVoters}. */
  Future<Void> changeVoters(List<String> target) {
    return new VoterChangeRequest(route, others, changes, target).start();
  }

  SettingsChange settings() {
    return settings;
  }

  /** The target of the change that this node makes, if it makes one. */
  Optional<List<String>> changingTo() {
    return changes.running();
  }

  /** The term, and how far each voter is, while the engine runs. */
  Optional<RaftNode> node() {
    return route.run().map(EngineRun::node);
  }

  Future<String> ask(String voter, String request) {
    return Future.fromCompletionStage(others.ask(voter, request));
  }

  /** As {@link LeaderRoute#submit(Command)}. */
  Future<Void> submit(Command command) {
    return route.submit(command);
  }

  @Override
  public Future<Void> submit(String leader, Command command) {
    return Future.fromCompletionStage(route.submit(leader, command.encode()));
  }

  /** As {@link LeaderRoute#caughtUp}. */
  @Override
  public Future<Replica> caughtUp() {
    return route.caughtUp();
  }

  /** Ends it, and closes the node's log. */
  Future<Void> close() {
    return supervisor.close();
  }
}
