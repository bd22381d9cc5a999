package io.tidings.log.raft;

import io.tidings.log.SegmentSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.ratis.statemachine.SnapshotInfo;

/**
 * Answers nodes that fetch the log from this one, from files alone, on a thread of its own. At most
 * two of them at a time; each has a manifest, and the file of its state stays open until it has
 * asked for nothing for some time, since states are removed within seconds.
 */
final class FetchServer {
  private static final System.Logger LOG = System.getLogger(FetchServer.class.getName());
  private static final int MAX_FETCHERS = 2;
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(20);

  /** More is never asked for. */
  static final int MAX_CHUNK = 1 << 20;

  private final LeaderRoute route;
  private final SegmentSource source;
  private final RaftLog.Options options;
  private final FetchNotes notes;
  private final LongSupplier nanoTime;
  private final EngineThread thread = new EngineThread("tidings-raft-serve");

  /** By the address of the one who fetches. Confined to the thread. */
  private final Map<String, Session> sessions = new LinkedHashMap<>();

  /** One node that fetches, with the state of its last manifest. */
  private static final class Session {
    private FetchManifest.SavedState state;
    private FileChannel file;
    private long used;
    private byte[] manifest;

    /** Why there is no manifest; empty if there is, or will be. */
    private String failure = "";

    private void close() throws IOException {
      if (file != null) {
        file.close();
      }
    }
  }

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  FetchServer(
      LeaderRoute route,
      RaftLog.Options options,
      SegmentSource source,
      FetchNotes notes,
      LongSupplier nanoTime) {
    this.route = route;
    this.options = options;
    this.source = source;
    this.notes = notes;
    this.nanoTime = nanoTime;
  }

  /** Answers a request. Any thread; does not block. */
  Future<byte[]> answer(String text) {
    Promise<byte[]> answer = Promise.promise();
    boolean offered =
        thread.offer(
            () -> {
              try {
                answer.complete(
                    FetchRequest.decode(text).isPresent()
                        ? answer(FetchRequest.decode(text).get())
                        : new byte[0]); // of a later version
              } catch (IOException | RuntimeException e) {
                answer.fail(e);
              }
            });
    return offered ? answer.future() : Future.failedFuture("the node is being stopped");
  }

  private byte[] answer(FetchRequest request) throws IOException {
    EngineRun run =
        route.run().orElseThrow(() -> new IOException("the engine is being started again"));
    return switch (request.kind()) {
      case NOTE -> note(run, request.text());
      case MANIFEST -> manifest(run, request.asker());
      case STATE -> state(request);
      case SEGMENT -> segment(request);
    };
  }

  private byte[] note(EngineRun run, String text) throws IOException {
    FetchNote.decode(text).ifPresent(notes::add);
    SnapshotInfo state = run.storage().getLatestSnapshot();
    long index = state == null ? -1 : state.getIndex();
    return FetchAnswer.of(new FetchNote.Answer(first(run), run.node().leads(), index).encode());
  }

  /** The first index of the Raft log. What a log continues is in no Raft log: it is fetched. */
  private static long first(EngineRun run) throws IOException {
    long first = run.node().firstIndex();
    return run.replica().state().base() == 0 ? first : Math.max(first, 1);
  }

  /** The first request only begins: reading the segments' ends may take a moment. */
  private byte[] manifest(EngineRun run, String asker) throws IOException {
    closeIdle();
    Session session = sessions.get(asker);
    if (session != null && !session.failure.isEmpty()) {
      session.close();
      sessions.remove(asker);
      throw new IOException(session.failure);
    }
    if (session != null && session.manifest != null) {
      byte[] made = session.manifest;
      session.manifest = null;
      session.used = nanoTime.getAsLong();
      return FetchAnswer.of(FetchAnswer.Kind.TEXT, made);
    }
    if (session == null && sessions.size() >= MAX_FETCHERS) {
      return FetchAnswer.of(FetchAnswer.Kind.BUSY);
    }
    var begun = new Session();
    begun.used = nanoTime.getAsLong();
    replace(asker, begun);
    thread.execute(() -> make(run, begun));
    return FetchAnswer.of(FetchAnswer.Kind.WAIT);
  }

  private void replace(String asker, Session session) throws IOException {
    Session old = sessions.put(asker, session);
    if (old != null) {
      old.close();
    }
  }

  private void make(EngineRun run, Session session) {
    try {
      SnapshotInfo latest = run.storage().getLatestSnapshot();
      if (latest == null) {
        throw new IOException("no state is saved yet");
      }
      Path file = StateFile.in(states(), latest.getTerm(), latest.getIndex()).path();
      session.file = FileChannel.open(file, StandardOpenOption.READ);
      session.state =
          new FetchManifest.SavedState(
              latest.getTerm(),
              latest.getIndex(),
              session.file.size(),
              latest.getFiles().get(0).getFileDigest().toString());
      // after the state: it is of commands that were applied, and so are in the log
      var made = new FetchManifest(session.state, voters(), source.parts());
      session.manifest = made.encode().getBytes(StandardCharsets.UTF_8);
      session.used = nanoTime.getAsLong();
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "the log can't be fetched from this node", e);
      session.failure = String.valueOf(e.getMessage());
    }
  }

  private Path states() {
    return options.groupDirectory().resolve("sm");
  }

  private byte[] voters() throws IOException {
    Path file = StoredVoters.file(options.groupDirectory());
    boolean known =
        Files.exists(file) && StoredVoters.assumedIndex(options.groupDirectory()).isEmpty();
    return known ? Files.readAllBytes(file) : new byte[0];
  }

  private byte[] state(FetchRequest request) throws IOException {
    Session session = sessions.get(request.asker());
    long term = request.numbers().get(0);
    long index = request.numbers().get(1);
    if (session == null
        || session.state == null
        || session.state.term() != term
        || session.state.index() != index) {
      return FetchAnswer.of(FetchAnswer.Kind.GONE);
    }
    session.used = nanoTime.getAsLong();
    ByteBuffer bytes = ByteBuffer.allocate(length(request.numbers().get(3)));
    long at = request.numbers().get(2);
    while (bytes.hasRemaining()) {
      if (session.file.read(bytes, at + bytes.position()) < 0) {
        return FetchAnswer.of(FetchAnswer.Kind.GONE);
      }
    }
    return FetchAnswer.of(FetchAnswer.Kind.BYTES, bytes.array());
  }

  private byte[] segment(FetchRequest request) throws IOException {
    Session session = sessions.get(request.asker());
    if (session == null) {
      return FetchAnswer.of(FetchAnswer.Kind.GONE);
    }
    session.used = nanoTime.getAsLong();
    try {
      return FetchAnswer.of(
          FetchAnswer.Kind.BYTES,
          source.read(
              request.numbers().get(0),
              request.numbers().get(1),
              request.numbers().get(2),
              length(request.numbers().get(3))));
    } catch (NoSuchFileException e) {
      return FetchAnswer.of(FetchAnswer.Kind.GONE);
    }
  }

  private static int length(long asked) {
    if (asked <= 0 || asked > MAX_CHUNK) {
      throw new IllegalArgumentException("from 1 to " + MAX_CHUNK + " bytes are sent at a time");
    }
    return (int) asked;
  }

  private void closeIdle() throws IOException {
    for (var sessionsLeft = sessions.values().iterator(); sessionsLeft.hasNext(); ) {
      Session session = sessionsLeft.next();
      if (nanoTime.getAsLong() - session.used > IDLE_NANOS) {
        session.close();
        sessionsLeft.remove();
      }
    }
  }

  /** Ends it. */
  void close() {
    thread.execute(
        () -> {
          for (Session session : sessions.values()) {
            try {
              session.close();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        });
    thread.end();
  }
}
