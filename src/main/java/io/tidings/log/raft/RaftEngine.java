package io.tidings.log.raft;

import io.tidings.event.Position;
import io.tidings.log.Entry;
import io.tidings.log.Followers;
import io.tidings.log.LocalLog;
import io.tidings.log.LogUnavailable;
import io.tidings.log.raft.ReplicatedState.Applied;
import io.tidings.metrics.LogMetrics;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.ratis.util.ExitUtils;

/**
 * Runs the Raft engine of a node and what belongs to it: starts it, starts it again when it ends,
 * hands what it applies to the publishers and followers, saves the state from time to time, and
 * tells {@link RaftHealth} what it sees. That work is done on one thread of its own; commands are
 * applied, publishers answered and followers called on the engine's. Other methods may be called on
 * any thread.
 */
final class RaftEngine {
  private static final System.Logger LOG = System.getLogger(RaftEngine.class.getName());
  private static final long TICK_MILLIS = 50;

  /** After so many ticks without a leader, and then again and again, voters are connected anew. */
  private static final int RECONNECT_TICKS = 60;

  /** The state is saved after this many bytes of commands, or this time. */
  private static final long SAVE_BYTES = 16 << 20;

  private static final long SAVE_COMMANDS = 20_000;
  private static final long SAVE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final Duration RESTART_DELAY = Duration.ofMillis(500);
  private static final long RETRY_MILLIS = 100;

  /** After this time without a command, the leader makes one. */
  private static final long IDLE_NANOS =
      TimeUnit.MILLISECONDS.toNanos(ReplicatedState.MAX_STEP_MILLIS / 2);

  private final RaftLog.Options options;
  private final LocalLogOpener opener;
  private final InstantSource clock;
  private final RaftHealth health;
  private final Proposer proposer;
  private final VoterClient voters;
  private final LeaderWatch leaderWatch = new LeaderWatch(new Leadership(), System::nanoTime);
  private final Followers<List<Entry>> followers = new Followers<>();
  private final Promise<Void> opened = Promise.promise();
  private final ScheduledExecutorService thread = thread("tidings-raft");
  private final ScheduledExecutorService saverThread = thread("tidings-raft-saver");
  private volatile Function<String, String> answerer = request -> "";
  private volatile Run run;

  /** The node's own log, or the one of the last run while the engine is started again. */
  private volatile LocalLog local;

  private volatile boolean closing;

  /** The offset of the last entry that followers were given. One run applies at a time. */
  private volatile long delivered;

  /** Why the engine is not started again; empty if it is. On this class' thread. */
  private String ended = "";

  private String restartReason = "";
  private boolean configuring;

  /** When a command was applied last, by {@link System#nanoTime}. */
  private volatile long lastCommand = System.nanoTime();

  /** The ticks since there was a leader. */
  private int leaderless;

  /** One run of the engine. */
  private record Run(
      Applications applications,
      Replica replica,
      DiskRetry disk,
      RaftStateMachine machine,
      RaftNode node,
      StateSaver saver) {}

  /** When the state was saved. On the thread that applies, but for the flag. */
  private final class Saving {
    private final AtomicBoolean active = new AtomicBoolean();
    private long bytes;
    private long commands;
    private long since = System.nanoTime();

    /** Whether the state is to be saved after this command. */
    boolean due(int commandBytes, boolean now) {
      bytes += commandBytes;
      commands++;
      long nanos = System.nanoTime();
      boolean due =
          now || bytes >= SAVE_BYTES || commands >= SAVE_COMMANDS || nanos - since >= SAVE_NANOS;
      if (!due || !active.compareAndSet(false, true)) {
        return false;
      }
      bytes = 0;
      commands = 0;
      since = nanos;
      return true;
    }
  }

  RaftEngine(
      RaftLog.Options options, LocalLogOpener opener, InstantSource clock, LogMetrics metrics) {
    this.options = options;
    this.opener = opener;
    this.clock = clock;
    this.voters = new VoterClient(options.voters(), options.patience());
    this.health = new RaftHealth(options.isolated(), System::nanoTime);
    var random = new SecureRandom();
    this.proposer =
        new Proposer(
            new LeaderRouter(),
            options.limits(),
            () -> random.nextLong() | 1,
            System::nanoTime,
            metrics::appended);
  }

  private static ScheduledExecutorService thread(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        task -> {
          var thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Starts it; completes as {@link RaftLog#open}. */
  Future<Void> open() {
    ExitUtils.disableSystemExit(); // an engine that fails is started again
    thread.execute(this::begin);
    return opened.future();
  }

  // ---- on the thread of this class

  private void begin() {
    try {
      start();
    } catch (IOException | RuntimeException e) {
      closing = true;
      closeAll();
      opened.tryFail(e);
      return;
    }
    thread.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void start() throws IOException {
    var applications = new Applications();
    var disk = new DiskRetry();
    var replica = new Replica(this::openLog, disk);
    var machine = new RaftStateMachine(replica, options.base(), clock, applications);
    try {
      RaftNode node =
          RaftNode.start(options.voters(), options.raftDirectory(), machine, options.patience());
      var saver = new StateSaver(machine.storage(), options.raftDirectory(), options.keepBytes());
      run = new Run(applications, replica, disk, machine, node, saver);
    } catch (IOException | RuntimeException e) {
      applications.stopped = true;
      disk.stop();
      replica.close();
      throw e;
    }
    if (local != null) {
      opened.tryComplete();
    }
  }

  /** Opens the node's own log, before the first command or by it. */
  private LocalLog openLog(long epoch, long trustedUpTo) throws IOException {
    LocalLog log = opener.open(epoch, trustedUpTo);
    delivered = Math.max(delivered, log.last());
    log.follow(this::deliver);
    local = log;
    return log;
  }

  /** After the engine was started again, commands are applied again that followers know. */
  private void deliver(List<Entry> entries) {
    long known = delivered;
    List<Entry> fresh =
        entries.get(0).offset() > known
            ? entries
            : entries.stream().filter(entry -> entry.offset() > known).toList();
    if (!fresh.isEmpty()) {
      delivered = fresh.get(fresh.size() - 1).offset();
      followers.handle(fresh);
    }
  }

  private void tick() {
    try {
      Run now = run;
      if (closing) {
        return;
      }
      proposer.expire();
      if (!ended.isEmpty()) {
        health.leader(false);
        return;
      } else if (now == null || !now.node.alive()) {
        restart("the Raft engine has ended", null);
        return;
      }
      Optional<String> leader = now.node.leader();
      health.leader(leader.isPresent());
      proposer.send();
      applyRetention(now.replica);
      if (leader.isPresent()) {
        leaderless = 0;
        catchUp(now);
        configure(now, leader.get());
      } else if (++leaderless % RECONNECT_TICKS == 0) {
        now.node.reconnect();
      }
      watchFollowers(now, leader);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "the cluster's log could not be watched", e);
    }
  }

  private void watchFollowers(Run now, Optional<String> leader) {
    if (!leader.equals(Optional.of(options.voters().self()))) {
      leaderWatch.follow();
      return;
    }
    try {
      leaderWatch.lead(health.writes(), now.node.committed(), now.node.followers());
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the engine is being closed", e);
    }
  }

  private final class Leadership implements LeaderWatch.Leadership {
    @Override
    public void handOn(String successor) {
      LOG.log(System.Logger.Level.WARNING, "the leadership is handed on to {0}", successor);
      Run now = run;
      if (now != null) {
        now.node
            .handOn(successor)
            .exceptionally(
                failure -> {
                  LOG.log(System.Logger.Level.WARNING, "it could not be handed on", failure);
                  return null;
                });
      }
    }

    @Override
    public void restart(String reason) {
      RaftEngine.this.restart(reason, null);
    }
  }

  private void applyRetention(Replica replica) {
    try {
      replica.applyRetention(clock.millis());
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the retention could not be applied; retried", e);
    }
  }

  /** This node answers for the log when it has applied what was committed before. */
  private void catchUp(Run now) {
    if (health.mustCatchUp()) {
      now.node
          .caughtUp()
          .whenComplete((nothing, failure) -> health.caughtUp(failure == null && run == now));
    }
  }

  /**
   * The leader begins the log, changes the limits to its own settings, and lets time pass for
   * deduplication when nothing is published.
   */
  private void configure(Run now, String leader) {
    ReplicatedState state = now.replica.state();
    long onceMillis = options.once().toMillis();
    if (!leader.equals(options.voters().self())
        || configuring
        || state.configured()
            && state.hasLimits(onceMillis, options.onceBytes())
            && System.nanoTime() - lastCommand < IDLE_NANOS) {
      return;
    }
    configuring = true;
    long epoch = state.base() == 0 ? Position.newEpoch() : state.epoch();
    var command = new Command.Configure(0, epoch, state.base(), onceMillis, options.onceBytes());
    now.node
        .submit(command.encode())
        .whenComplete((nothing, failure) -> thread.execute(() -> configuring = false));
  }

  private void restart(String reason, Throwable cause) {
    if (closing) {
      return;
    }
    Run old = run;
    run = null;
    boolean news = !reason.equals(restartReason);
    restartReason = reason;
    LOG.log(
        news ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
        reason + "; the Raft engine is started again",
        cause);
    health.failed(cause == null ? reason : reason + ": " + cause.getMessage());
    try {
      if (old != null) {
        close(old);
        if (!news) {
          pause();
        }
      }
      start();
      health.recovered();
    } catch (IOException | RuntimeException e) {
      health.failed(String.valueOf(e.getMessage()));
      LOG.log(System.Logger.Level.DEBUG, "the Raft engine could not be started", e);
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(RESTART_DELAY.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends a run: what is committed from now on is left to the next one, and the log's files are
   * closed when nothing applies or forces any more.
   */
  private void close(Run old) throws IOException {
    old.applications.stopped = true;
    old.machine.end();
    old.disk.stop();
    try {
      old.node.close();
    } finally {
      awaitSaver();
      old.replica.close();
    }
  }

  /** The entries that a save forces may turn out not to be trusted. */
  private void awaitSaver() throws IOException {
    try {
      saverThread.submit(() -> {}).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the state is saved");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // not possible: the task does nothing
    }
  }

  /** What the engine tells. */
  private final class Applications implements RaftStateMachine.Listener {
    private final Saving saving = new Saving();
    private volatile boolean stopped;
    private volatile boolean leftBehind;

    @Override
    public void applied(long index, int bytes, Command command, Applied result) {
      Optional<Run> started = awaitRun();
      if (started.isEmpty()) {
        return; // applied again by the next run
      }
      Run now = started.get();
      if (local != null) {
        opened.tryComplete();
      }
      lastCommand = System.nanoTime();
      if (leftBehind) {
        leftBehind = false;
        health.progressed();
      }
      if (command instanceof Command.Publish publish) {
        proposer.applied(index, publish, result.results());
      }
      now.node.pushCommit(index);
      if (saving.due(bytes, command instanceof Command.Configure)) {
        save(now, now.replica.save());
      }
    }

    /** The engine applies before the call returns that starts it. Empty if the run is over. */
    private Optional<Run> awaitRun() {
      Run now = run;
      while (now == null || now.applications != this) {
        if (stopped) {
          return Optional.empty();
        }
        pauseBriefly();
        now = run;
      }
      return Optional.of(now);
    }

    private boolean current() {
      Run now = run;
      return !closing && now != null && now.applications == this;
    }

    @Override
    public void leaderChanged() {
      later(proposer::send);
    }

    @Override
    public void failed(String reason, Throwable cause) {
      later(
          () -> {
            if (current()) {
              failOpening(reason, cause);
              restart(reason, cause);
            }
          });
    }

    @Override
    public void ended(String reason, Throwable cause) {
      later(
          () -> {
            if (current()) {
              failOpening(reason, cause);
              ended = reason;
              health.stuck(reason);
            }
          });
    }

    /** The log can't be opened, if it is not yet; then it ends. */
    private void failOpening(String reason, Throwable cause) {
      if (!opened.future().isComplete()) {
        closing = true;
        closeAll();
        opened.tryFail(new IllegalStateException(reason, cause));
      }
    }

    @Override
    public void leftBehind() {
      leftBehind = true;
      health.stuck(
          "this node was away for so long that the others have no log for it any more; copy the directory of another voter (docs/cluster.md)");
    }

    @Override
    public String answer(String request) {
      return answerer.apply(request);
    }
  }

  private static void pauseBriefly() {
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void save(Run now, Replica.Saved saved) {
    saverThread.execute(
        () -> {
          try {
            if (force(now)) {
              now.saver.save(saved);
              now.saver.purge(now.node);
            }
          } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "the state could not be saved; tried again", e);
          } finally {
            now.applications.saving.active.set(false);
          }
        });
  }

  /** The log is open: {@link #close(Run)} waits for the thread that saves. */
  private boolean force(Run now) {
    try {
      now.replica.log().orElseThrow().force();
      return true;
    } catch (IOException e) {
      later(
          () -> {
            if (run == now) {
              restart("entries could not be forced to the disk", e);
            }
          });
      return false;
    }
  }

  /** On the thread of this class, unless it has ended. */
  private void later(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "the log is closed", e);
    }
  }

  /** While the disk refuses, nothing is applied. */
  private final class DiskRetry implements CommandApplier.WriteRetry {
    private volatile boolean stopped;

    @Override
    public void await(IOException cause) throws InterruptedException {
      health.failed(String.valueOf(cause.getMessage()));
      Thread.sleep(RETRY_MILLIS);
      if (stopped) {
        throw new InterruptedException("the log is being closed");
      }
    }

    void stop() {
      stopped = true;
    }

    @Override
    public void recovered() {
      health.recovered();
    }
  }

  /** The way to the leader. */
  private final class LeaderRouter implements Proposer.Router {
    @Override
    public Optional<String> leader() {
      return RaftEngine.this.leader();
    }

    @Override
    public CompletableFuture<Void> submit(String leader, byte[] command) {
      return RaftEngine.this.submit(leader, command);
    }
  }

  // ---- any thread

  RaftHealth health() {
    return health;
  }

  Proposer proposer() {
    return proposer;
  }

  /** The node's own log, once this is open. */
  LocalLog local() {
    return local;
  }

  /** Calls the handler with all entries from now on. */
  void follow(Handler<List<Entry>> entries) {
    followers.add(entries);
  }

  void answerWith(Function<String, String> answers) {
    answerer = answers;
  }

  /** The leader as this node knows it; this node only when it can take commands. */
  Optional<String> leader() {
    Run now = run;
    return now == null ? Optional.empty() : now.node.leader();
  }

  /** Whether this node leads, and has applied everything from before its term. */
  boolean leads() {
    return leader().equals(Optional.of(options.voters().self()));
  }

  Future<String> ask(String voter, String request) {
    return Future.fromCompletionStage(voters.ask(voter, request));
  }

  /** Submits a command that is no publication, at the leader. */
  Future<Void> submit(Command command) {
    return leader()
        .map(to -> Future.fromCompletionStage(submit(to, command.encode())))
        .orElseGet(() -> Future.failedFuture(notConnected(null)));
  }

  private CompletableFuture<Void> submit(String leader, byte[] command) {
    if (!leader.equals(options.voters().self())) {
      return voters.submit(leader, command);
    }
    Run now = run;
    return now == null
        ? CompletableFuture.failedFuture(new IllegalStateException("the engine has ended"))
        : now.node.submit(command);
  }

  private static LogUnavailable notConnected(Throwable cause) {
    return new LogUnavailable("no majority of the cluster's nodes can be reached", cause);
  }

  /**
   * Completes with the replica when it has applied everything that was committed before the call.
   */
  Future<Replica> caughtUp() {
    Run now = run;
    if (now == null) {
      return Future.failedFuture(
          new LogUnavailable("the Raft engine has ended and is started again", null));
    }
    return Future.fromCompletionStage(now.node.caughtUp().thenApply(nothing -> now.replica))
        .recover(failure -> Future.failedFuture(notConnected(failure)));
  }

  /** Ends it, and closes the node's log. */
  Future<Void> close() {
    closing = true;
    Promise<Void> closed = Promise.promise();
    try {
      thread.execute(() -> closeAll().ifPresentOrElse(closed::tryFail, () -> closed.tryComplete()));
    } catch (RejectedExecutionException e) {
      closed.tryComplete(); // closed before
    }
    return closed.future();
  }

  /** On the thread of this class, which it ends. Returns what has failed. */
  private Optional<Exception> closeAll() {
    Optional<Exception> failure = Optional.empty();
    proposer.close();
    Run last = run;
    try (voters) {
      if (last != null) {
        close(last);
      }
    } catch (IOException | RuntimeException e) {
      failure = Optional.of(e);
    }
    health.closed();
    saverThread.shutdown();
    thread.shutdown();
    return failure;
  }
}
