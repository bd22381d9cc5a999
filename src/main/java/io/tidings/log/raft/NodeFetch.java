package io.tidings.log.raft;

import io.tidings.log.FetchedLog;
import io.tidings.log.FetchedState;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * How this node takes part when nodes fetch the log of each other: it fetches what it lacks, on a
 * thread of its own, and installs that between two runs of the engine; it answers others. The
 * supervisor's thread begins and installs.
 */
final class NodeFetch {
  private static final System.Logger LOG = System.getLogger(NodeFetch.class.getName());

  private final RaftLog.Options options;
  private final FetchedLog files;
  private final FetchPeers peers;
  private final FetchNotes notes;
  private final FetchServer server;
  private final FetchProgress progress = new FetchProgress();
  private final EngineThread thread = new EngineThread("tidings-raft-fetch");
  private final SingleFlight telling = new SingleFlight(thread);

  /** Of a node that is to be added; on the thread that fetches. */
  private final LongWait wait = new LongWait(System::nanoTime);

  /** Null if nothing is fetched. */
  private volatile LogFetch running;

  /** Whether files of a fetch may be in the directory. On the supervisor's thread. */
  private boolean leftovers = true;

  NodeFetch(
      RaftLog.Options options,
      FetchedLog files,
      FetchPeers peers,
      FetchNotes notes,
      FetchServer server) {
    this.options = options;
    this.files = files;
    this.peers = peers;
    this.notes = notes;
    this.server = server;
  }

  /** The other nodes, by way of a client, as far as this node knows them. */
  static FetchPeers.Transport transport(CurrentVoters voters, VoterClient client) {
    return new FetchPeers.Transport() {
      @Override
      public List<String> nodes() {
        return voters.askable();
      }

      @Override
      public CompletableFuture<byte[]> fetch(String node, FetchRequest request) {
        return client.fetch(node, request);
      }
    };
  }

  // ---- for others; any thread

  /** What others that fetch have told. */
  FetchNotes notes() {
    return notes;
  }

  /** Answers another node's request. */
  Future<byte[]> serve(String request) {
    return server.answer(request);
  }

  // ---- what this node lacks; any thread

  /** How far it is; empty if this node fetches nothing. */
  Optional<String> text() {
    return running == null ? Optional.empty() : Optional.of(progress.text());
  }

  FetchProgress progress() {
    return progress;
  }

  // ---- the supervisor's thread

  /** From {@link #begin} until {@link #end}. */
  boolean busy() {
    return running != null;
  }

  /**
   * Whether a node that is to be added, and has no Raft log, lacks what the others have removed
   * from theirs. Asks them, for a second at most.
   */
  boolean lacks() throws IOException {
    if (hasEntries()) {
      return false; // it is told when it is added
    }
    long saved =
        StateFile.newestFirst(states()).stream().findFirst().map(StateFile::index).orElse(-1L);
    return LogFetch.first(tell(saved)) > saved + 1;
  }

  private boolean hasEntries() throws IOException {
    Path current = options.groupDirectory().resolve("current");
    if (!Files.isDirectory(current)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(current)) {
      return entries.anyMatch(StateInstall::isEntries);
    }
  }

  private Path states() {
    return options.groupDirectory().resolve("sm");
  }

  private Map<String, FetchNote.Answer> tell(long index) {
    return peers.tell(new FetchNote(options.voters().self(), index, ""));
  }

  /**
   * Begins to fetch, unless that is being done.
   *
   * @param acknowledged the index below which no state is of use
   * @param done called on the thread that fetches, when everything was received
   */
  void begin(long acknowledged, Consumer<FetchedState> done) {
    if (busy()) {
      return;
    }
    leftovers = true;
    var throttle = new FetchThrottle(options.fetchRate(), System::nanoTime);
    var fetch = new LogFetch(peers, files, new Own(acknowledged), progress, throttle);
    running = fetch;
    try {
      thread.execute(() -> run(fetch, done));
    } catch (Error e) { // such as OutOfMemoryError; the caller tries again
      end();
      throw e;
    }
  }

  private void run(LogFetch fetch, Consumer<FetchedState> done) {
    try {
      fetch.run().ifPresentOrElse(done, this::end);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end();
    } catch (RuntimeException | Error e) {
      end();
      throw e;
    }
  }

  /** What was received was used, or is of no use. */
  void end() {
    running = null;
  }

  /**
   * Decides that what was fetched is installed by the next {@link #installDecided}. No engine runs.
   *
   * @param acknowledged the last index that this node may have acknowledged; what was fetched is
   *     dropped if it has less
   */
  void decide(FetchedState state, long acknowledged) throws IOException {
    if (state.index() >= acknowledged) {
      files.decide(state);
    }
  }

  /**
   * Installs what was decided, here or in an earlier process; before an engine runs.
   *
   * @return whether something was
   */
  boolean installDecided() throws IOException {
    Optional<FetchedState> state = StateInstall.installDecided(options.groupDirectory(), files);
    state.ifPresent(
        installed ->
            LOG.log(
                System.Logger.Level.INFO,
                "the log was fetched, up to command {0} of the cluster",
                Long.toString(installed.index())));
    return state.isPresent();
  }

  /** The node is level: what an earlier fetch left is of no use. */
  void clearLeftovers() {
    if (!leftovers || busy()) {
      return;
    }
    leftovers = false;
    thread.execute(this::clear);
  }

  private void clear() {
    try {
      if (files.decided().isEmpty()) {
        files.clear();
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "what was fetched before could not be removed", e);
    }
  }

  /**
   * A node that waits to be added tells the others what it has, so that they keep what follows; in
   * the background.
   *
   * @param run of the engine
   * @param lacks called if the leader's Raft log does not have that any more
   */
  void waitToBeAdded(EngineRun run, Runnable lacks) {
    if (!busy()) {
      telling.begin(() -> tellAndLook(run, lacks));
    }
  }

  private void tellAndLook(EngineRun run, Runnable lacks) {
    try {
      long last = run.node().lastIndex();
      Map<String, FetchNote.Answer> answers = tell(last);
      report(answers.isEmpty());
      if (LogFetch.first(answers) > last + 1) {
        lacks.run();
      }
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "the engine is being closed", e);
    }
  }

  /** On the thread that fetches. */
  private void report(boolean silent) {
    if (!silent) {
      wait.answered();
      return;
    }
    wait.silent()
        .ifPresent(
            minutes -> LOG.log(System.Logger.Level.WARNING, LongWait.text(peers.nodes(), minutes)));
  }

  /** Ends it. Blocks for some seconds at most. */
  void close() throws InterruptedIOException {
    LogFetch last = running;
    if (last != null) {
      last.stop();
      thread.awaitIdle();
    }
    thread.end();
    server.close();
  }

  private final class Own implements LogFetch.OwnLog {
    private final long acknowledged;

    private Own(long acknowledged) {
      this.acknowledged = acknowledged;
    }

    @Override
    public String self() {
      return options.voters().self();
    }

    @Override
    public long acknowledged() {
      return acknowledged;
    }

    @Override
    public Optional<ReplicatedState> saved() throws IOException {
      Optional<SavedState> newest = SavedState.newest(states());
      if (newest.isPresent()) {
        return newest.map(SavedState::state);
      }
      return ClusterBase.read(options.base());
    }
  }
}
