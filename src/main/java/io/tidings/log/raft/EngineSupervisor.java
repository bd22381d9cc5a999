package io.tidings.log.raft;

import io.tidings.log.FetchedState;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.util.ExitUtils;

/**
 * Starts the Raft engine of a node, and starts it again when it ends; {@link EngineTicks} does what
 * is due while it runs. All that is done on one thread, which may block on the disk.
 */
final class EngineSupervisor implements EngineRun.Owner {
  private static final System.Logger LOG = System.getLogger(EngineSupervisor.class.getName());
  private static final Duration RESTART_DELAY = Duration.ofMillis(500);
  private static final long NO_TERM = -1;

  /** How often a node that waits to be added says what it has. */
  private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final EngineParts parts;
  private final LeaderRoute route;
  private final EngineTicks ticks;
  private final UnheardChange unheard;
  private final GenerationWatch generations;
  private final Promise<Void> opened = Promise.promise();
  private final EngineThread thread = new EngineThread("tidings-raft");
  private final EngineThread saver = new EngineThread("tidings-raft-saver");
  private final EngineThread reads = new EngineThread("tidings-raft-reads");
  private volatile boolean closing;

  /**
   * Whether no engine runs until the log was fetched, and the index below which no state is of use
   * then. On this class' thread.
   */
  private boolean fetchesFirst;

  private long acknowledged;

  private long told = System.nanoTime();

  /** Why the engine is not started again; empty if it is. On this class' thread. */
  private String ended = "";

  private String restartReason = "";

  /** Why the engine could not be started the last time. */
  private String startFailure = "";

  /** The latest term of the runs that were closed, in which this node may have voted. */
  private long lastTerm = NO_TERM;

  /**
   * @param route is told the current run
   */
  EngineSupervisor(EngineParts parts, LeaderRoute route) {
    this.parts = parts;
    this.route = route;
    this.unheard =
        new UnheardChange(
            parts.options().groupDirectory(),
            parts.voters(),
            route,
            reason -> restart(reason, null));
    this.ticks =
        new EngineTicks(
            parts, route, thread, saver, unheard, reason -> restart(reason, null), this::endHere);
    this.generations =
        new GenerationWatch(
            parts.options(), parts.voters(), reason -> thread.execute(() -> endRefused(reason)));
  }

  /** Starts it; completes as {@link RaftLog#open}. */
  Future<Void> open() {
    ExitUtils.disableSystemExit(); // an engine that fails is started again
    thread.execute(this::begin);
    return opened.future();
  }

  private void begin() {
    try {
      start();
    } catch (IOException | RuntimeException | Error e) {
      failOpening(e);
      if (closing) {
        return;
      }
      failStart(String.valueOf(e.getMessage()), e); // of a log that is open already
    }
    thread.repeat(this::tick, EngineTicks.MILLIS);
  }

  private void start() throws IOException {
    unheard.prepare();
    if (parts.fetch().installDecided()) {
      parts.health().progressed();
      parts.proposer().fetched();
    }
    StartCheck.Known known = parts.check().ask();
    List<String> initial = parts.check().initial(known, parts.life());
    if (initial.isEmpty() && parts.life().emptied()) {
      parts.voters().join();
    }
    boolean begins = initial.isEmpty() || parts.voters().isEdge();
    if (begins && parts.fetch().lacks()) {
      fetchFirst(-1);
      return;
    }
    restoreVote();
    EngineRun run = started(known, initial);
    route.use(run); // whoever ends finds it, whatever fails from now on
    parts.voters().set(run.node().voters().configuration());
    applied();
    if (opened.future().isComplete()) {
      return;
    }
    parts.voters().outside().ifPresent(reason -> LOG.log(System.Logger.Level.INFO, reason));
  }

  /** An edge that was forgotten meanwhile begins its Raft log anew. */
  private EngineRun started(StartCheck.Known known, List<String> initial) throws IOException {
    var run = new EngineRun(parts, known, saver, reads, this);
    try {
      run.start(initial);
      return run;
    } catch (EdgeDirectory.Outside e) {
      EdgeDirectory.forgetRaftLog(parts.options());
      var next = new EngineRun(parts, known, saver, reads, this);
      next.start(initial);
      return next;
    }
  }

  /**
   * A node that lost its vote would vote twice in a term. Since an earlier run of this process the
   * latest term is known; an earlier process took that knowledge with it.
   */
  private void restoreVote() throws IOException {
    RaftLog.Options options = parts.options();
    if (options.voters().isEdge()) {
      EdgeDirectory.forgetUnusable(options);
      return;
    } else if (!options.vote().lost()) {
      return;
    }
    if (lastTerm == NO_TERM) {
      throw new IOException(
          "this node's vote was lost when its disk was full, and without it the node could vote twice; replace the directory by a copy of another voter's (docs/cluster.md)");
    }
    options.vote().writeOwn(lastTerm, options.voters().self());
  }

  private void tick() {
    try {
      if (closing) {
        return;
      }
      parts.proposer().expire();
      Optional<EngineRun> run = route.run();
      if (!ended.isEmpty()) {
        parts.health().leader(false);
        return;
      }
      generations.tick();
      if (fetchesFirst) {
        parts.fetch().begin(acknowledged, this::fetched); // does nothing unless one was ended
      } else if (!startFailure.isEmpty() || run.filter(now -> now.node().alive()).isEmpty()) {
        restartOrEnd();
      } else {
        ticks.tick(run.get());
        fetchWhatLacks(run.get());
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "the cluster's log could not be watched", e);
    }
  }

  /** Ratis has ended: it does so, among others, on a node that the others have removed. */
  private void restartOrEnd() {
    Optional<String> removed = parts.check().removed(parts.voters().configuration());
    if (removed.isPresent()) {
      endHere(removed.get());
    } else {
      restart("the Raft engine has ended", null);
    }
  }

  private void end(String reason) {
    ended = reason;
    parts.voters().end(reason);
    parts.health().stuck(reason);
  }

  private void endRefused(String reason) {
    if (!closing && ended.isEmpty()) {
      LOG.log(System.Logger.Level.ERROR, reason);
      endHere(reason);
    }
  }

  /** For a reason that is known only while the engine runs. */
  private void endHere(String reason) {
    Optional<EngineRun> run = route.run();
    end(reason);
    try {
      if (run.isPresent()) {
        route.useNone();
        close(run.get());
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "the Raft engine could not be closed", e);
    }
  }

  private void restart(String reason, Throwable cause) {
    if (closing) {
      return;
    }
    Optional<EngineRun> old = route.run();
    route.useNone();
    boolean news = !reason.equals(restartReason);
    restartReason = reason;
    LOG.log(
        news ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
        reason + "; the Raft engine is started again",
        cause);
    parts.health().failed(cause == null ? reason : reason + ": " + cause.getMessage());
    try {
      if (old.isPresent()) {
        close(old.get());
        if (!news) {
          pause();
        }
      }
      start();
      startFailure = "";
      parts.health().recovered();
    } catch (NodeRefused e) {
      end(e.getMessage());
    } catch (IOException | RuntimeException | Error e) {
      failStart(String.valueOf(e.getMessage()), e);
      pause();
    }
  }

  /** Logs each reason once, however often the engine is started for it. */
  private void failStart(String reason, Throwable e) {
    parts.health().failed(reason);
    boolean news = !reason.equals(startFailure);
    startFailure = reason;
    LOG.log(
        news ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
        "the Raft engine could not be started, and is started again: " + reason,
        e);
  }

  private void close(EngineRun run) throws IOException {
    try {
      run.close();
    } finally {
      lastTerm = Math.max(lastTerm, run.node().term());
    }
  }

  private static void pause() {
    try {
      Thread.sleep(RESTART_DELAY.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void applied() {
    boolean waits = parts.voters().joins() && parts.voters().outside().isPresent();
    if (parts.feed().log().isPresent() && !waits) {
      opened.tryComplete();
    }
  }

  @Override
  public void leaderChanged() {
    thread.execute(parts.proposer()::send);
  }

  @Override
  public void failed(EngineRun run, String reason, Throwable cause) {
    thread.execute(
        () -> {
          if (isCurrent(run)) {
            failOpening(new IllegalStateException(reason, cause));
            restart(reason, cause);
          }
        });
  }

  @Override
  public void ended(EngineRun run, String reason, Throwable cause) {
    thread.execute(
        () -> {
          if (isCurrent(run)) {
            failOpening(new IllegalStateException(reason, cause));
            endHere(reason);
          }
        });
  }

  @Override
  public void leftBehind(EngineRun run) {
    thread.execute(() -> fetch(run));
  }

  /**
   * A voter answers and votes meanwhile. With an engine that answers, a leader would wait for a
   * node that is to be added for ever.
   */
  private void fetch(EngineRun run) {
    if (!isCurrent(run) || !ended.isEmpty() || parts.fetch().busy()) {
      return;
    }
    if (parts.voters().outside().isEmpty()) {
      parts.fetch().begin(run.node().flushed(), this::fetched);
      return;
    }
    route.useNone();
    try {
      close(run);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "the Raft engine could not be closed", e);
    }
    fetchFirst(run.node().flushed());
  }

  private void fetchFirst(long flushed) {
    fetchesFirst = true;
    acknowledged = flushed;
    LOG.log(
        System.Logger.Level.INFO,
        "this node lacks what the others have removed from their Raft logs: it fetches the log from one of them, and can be added when it has it");
    parts.fetch().begin(acknowledged, this::fetched);
  }

  /** On the thread that fetches. */
  private void fetched(FetchedState state) {
    thread.execute(() -> use(state));
  }

  /** Between two runs, what was fetched replaces what this node lacks. */
  private void use(FetchedState state) {
    Optional<EngineRun> run = route.run();
    if (closing || !ended.isEmpty() || run.filter(now -> !now.isLeftBehind()).isPresent()) {
      parts.fetch().end();
      return;
    }
    fetchesFirst = false;
    route.useNone();
    try {
      if (run.isPresent()) {
        close(run.get());
      }
      parts.fetch().decide(state, run.map(one -> one.node().flushed()).orElse(-1L));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "what was fetched can't be used yet", e);
    } finally {
      parts.fetch().end();
    }
    restart("the log was fetched", null);
  }

  /** What is due now and then while the engine runs. */
  private void fetchWhatLacks(EngineRun run) {
    applied(); // a node that has fetched the log is opened when it is added
    if (parts.health().behindMillis() == 0) {
      parts.fetch().clearLeftovers();
    }
    boolean waits = parts.voters().joins() && parts.voters().outside().isPresent();
    if (waits && System.nanoTime() - told > TELL_NANOS) {
      told = System.nanoTime();
      parts.fetch().waitToBeAdded(run, () -> leftBehind(run));
    }
  }

  private boolean isCurrent(EngineRun run) {
    return !closing && route.uses(run);
  }

  /** The log can't be opened, if it is not yet; then it ends. */
  private void failOpening(Throwable cause) {
    if (!opened.future().isComplete()) {
      closing = true;
      closeAll();
      opened.tryFail(cause);
    }
  }

  /** Ends it, and closes the node's log. */
  Future<Void> close() {
    closing = true;
    Promise<Void> closed = Promise.promise();
    if (!thread.offer(() -> closeAll().ifPresentOrElse(closed::tryFail, closed::tryComplete))) {
      closed.tryComplete(); // closed before
    }
    return closed.future();
  }

  /** On the thread of this class, which it ends. Returns what has failed. */
  private Optional<Throwable> closeAll() {
    Optional<Throwable> failure = Optional.empty();
    parts.proposer().close();
    try {
      parts.fetch().close();
    } catch (IOException | RuntimeException | Error e) {
      failure = Optional.of(e);
    }
    try (route) {
      Optional<EngineRun> last = route.run();
      if (last.isPresent()) {
        last.get().close();
      }
    } catch (IOException | RuntimeException | Error e) {
      failure = Optional.of(e);
    }
    parts.health().closed();
    generations.end();
    saver.end();
    reads.end();
    thread.end();
    return failure;
  }
}
