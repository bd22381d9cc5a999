package io.tidings.log.raft;

import io.tidings.log.ExpiringRecord;
import io.tidings.log.raft.ReplicatedState.Applied;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.statemachine.StateMachineStorage;

/**
 * One run of the Raft engine, with the state and the files that it has open. Started and closed on
 * the supervisor's thread; told by the engine on its own threads what happens; other methods may be
 * called on any thread.
 */
final class EngineRun implements RaftStateMachine.Listener {
  private static final String AWAY =
      "this node was away for so long that the others have removed what it needs from their Raft logs: it fetches the log from one of them";

  /** Up to this size the Raft log is kept whole: a new node fetches nothing. */
  private static final long WHOLE_BYTES = 32 << 20;

  private final EngineParts parts;
  private final EngineThread saver;
  private final EngineThread reads;
  private final Owner owner;
  private final DiskRetry disk;
  private final Replica replica;
  private final RaftStateMachine machine;
  private final StartCheck.Known known;

  /** Why the start was refused; empty if it was not. */
  private volatile Optional<NodeRefused> refused = Optional.empty();

  /** Ends when the run has started, or is over. */
  private final CountDownLatch begun = new CountDownLatch(1);

  private volatile RaftNode node;
  private volatile StateSaving saving;
  private volatile SharedCatchUp catchUp;
  private volatile boolean leftBehind;

  /** When a command was applied last, by {@link System#nanoTime}. */
  private volatile long lastCommand = System.nanoTime();

  /** Who starts runs. Called on any thread; must not block. */
  interface Owner {
    /** A command was applied. On the thread that applies. */
    void applied();

    /** A leader was found, or lost. */
    void leaderChanged();

    /** The run can't go on; another one may. */
    void failed(EngineRun run, String reason, Throwable cause);

    /** The others' Raft logs have no more what this node needs next. Called again and again. */
    void leftBehind(EngineRun run);

    /** No run can go on. */
    void ended(EngineRun run, String reason, Throwable cause);
  }

  /**
   * @param known what the other nodes know of this one
   * @param saver the thread that saves states
   * @param reads the thread that begins and ends reads
   */
  EngineRun(
      EngineParts parts,
      StartCheck.Known known,
      EngineThread saver,
      EngineThread reads,
      Owner owner) {
    this.parts = parts;
    this.known = known;
    this.saver = saver;
    this.reads = reads;
    this.owner = owner;
    this.disk = new DiskRetry(parts.health());
    this.replica = new Replica(parts.feed(), disk);
    this.machine = new RaftStateMachine(replica, parts.options().base(), parts.clock(), this);
  }

  /**
   * Starts the engine, once. Blocks; when it fails, everything is closed.
   *
   * @param initial the voters, if none are in the directory
   * @throws NodeRefused if this node must not take part with what is in its directory
   */
  void start(List<String> initial) throws IOException {
    RaftNode started = null;
    try {
      started = RaftNode.start(parts.options(), initial, machine);
      begin(started);
    } catch (IOException | RuntimeException | Error e) {
      try (replica;
          RaftNode first = started) {
        stop();
      } catch (IOException closing) {
        e.addSuppressed(closing);
      }
      if (refused.isPresent()) {
        throw refused.get(); // Ratis wraps it
      }
      throw e;
    }
  }

  private void begin(RaftNode started) throws IOException {
    parts.check().checkEnd(known, parts.life(), started.lastIndex());
    saving = new StateSaving(store(started), saver, this::forceFailed, System::nanoTime);
    catchUp = new SharedCatchUp(() -> inTime(started.caughtUp()), reads);
    replica.state().records().all().forEach(parts.records()::offer);
    parts.options().settings().use(replica.state());
    node = started;
    begun.countDown();
  }

  /** Before Ratis has heard of others. */
  @Override
  public void loading(ReplicatedState state) throws IOException {
    try {
      parts.check().checkEpoch(known, state);
    } catch (NodeRefused e) {
      refused = Optional.of(e);
      throw e;
    }
  }

  private CompletableFuture<Void> inTime(CompletableFuture<Void> read) {
    return read.orTimeout(parts.options().patience().toMillis(), TimeUnit.MILLISECONDS);
  }

  private StateSaving.Store store(RaftNode started) {
    RaftLog.Options options = parts.options();
    var files =
        new StateSaver(
            machine.storage(),
            options.raftDirectory(),
            options.keepBytes(),
            Math.min(WHOLE_BYTES, options.keepBytes()),
            parts.fetch().notes()::lowestIndex);
    return new RunStore(replica, files, started);
  }

  private void forceFailed(IOException cause) {
    owner.failed(this, "entries could not be forced to the disk", cause);
  }

  // ---- on the engine's threads

  @Override
  public void applied(long index, int bytes, Command command, Applied result) {
    if (!awaitBegin()) {
      return; // applied again by the next run
    }
    owner.applied();
    lastCommand = System.nanoTime();
    if (leftBehind) {
      leftBehind = false;
      parts.health().progressed();
    }
    if (command instanceof Command.Publish publish) {
      parts.proposer().applied(index, publish, result.results());
    }
    if (command instanceof Command.PutRecord put) {
      offer(put.record());
    } else if (command instanceof Command.ReportClock) {
      replica.state().recordsEndBefore().ifPresent(parts.records()::prune);
    } else if (command instanceof Command.Configure || command instanceof Command.ChangeSettings) {
      parts.options().settings().use(replica.state());
    }
    node.pushCommit(index);
    saving.applied(bytes, command instanceof Command.Configure, replica::save);
  }

  /** Tells followers which record is stored under the key. */
  private void offer(ExpiringRecord record) {
    replica.state().records().find(record.kind(), record.key()).ifPresent(parts.records()::offer);
  }

  /** The engine applies before the call returns that starts it. False if the run is over. */
  private boolean awaitBegin() {
    try {
      begun.await();
      return node != null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void leaderChanged() {
    owner.leaderChanged();
  }

  @Override
  public void failed(String reason, Throwable cause) {
    owner.failed(this, reason, cause);
  }

  @Override
  public void ended(String reason, Throwable cause) {
    owner.ended(this, reason, cause);
  }

  @Override
  public void leftBehind() {
    leftBehind = true;
    if (parts.voters().outside().isEmpty()) {
      parts.health().fetches(AWAY);
    }
    owner.leftBehind(this);
  }

  /** Whether it was, and has applied nothing since. */
  boolean isLeftBehind() {
    return leftBehind;
  }

  @Override
  public Future<String> answer(String request) {
    return parts.answers().apply(request);
  }

  @Override
  public Future<byte[]> serve(String request) {
    return parts.fetch().serve(request);
  }

  // ---- any thread, once it has started

  RaftNode node() {
    return node;
  }

  Replica replica() {
    return replica;
  }

  /** The states that it has saved. */
  StateMachineStorage storage() {
    return machine.getStateMachineStorage();
  }

  /** As {@link RaftNode#caughtUp}. */
  CompletableFuture<Void> caughtUp() {
    return catchUp.caughtUp();
  }

  /** For how many nanoseconds no command was applied. */
  long idleNanos() {
    return System.nanoTime() - lastCommand;
  }

  // ---- on the supervisor's thread

  /**
   * Ends it: what is committed from now on is left to the next one, and the log's files are closed
   * when nothing applies or forces any more.
   */
  void close() throws IOException {
    stop();
    try {
      node.close();
    } finally {
      saver.awaitIdle(); // the entries that a save forces may turn out not to be trusted
      replica.close();
    }
  }

  private void stop() {
    machine.end();
    disk.stop();
    begun.countDown();
  }
}
