package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.log.FetchedLog;
import io.tidings.log.FetchedState;
import io.tidings.log.LocalLog;
import io.tidings.log.LogParts;
import io.tidings.log.Retention;
import io.tidings.log.SegmentPart;
import io.tidings.log.SegmentSource;
import io.tidings.log.disk.DiskFetch;
import io.tidings.log.disk.DiskLog;
import io.tidings.metrics.Metrics;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node fetches the log from peers that fail in all the ways that the code names. */
@Timeout(60)
class LogFetchTest {
  private static final long EPOCH = 7;
  private static final String ONE = "10.0.0.1:7700";
  private static final String TWO = "10.0.0.2:7700";

  @TempDir Path directory;

  private final FetchProgress progress = new FetchProgress();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final AtomicInteger answered = new AtomicInteger();
  private final List<LocalLog> open = new ArrayList<>();
  private Peer peer;
  private FetchedLog files;
  private volatile long usable = Long.MAX_VALUE;
  private volatile long stateIndex = 50;
  private volatile long ownEpoch;

  /** Decides about an answer; null for none. */
  private BiFunction<String, FetchRequest, byte[]> fault = (node, request) -> null;

  private static LogSettings settings(Path path) {
    return Settings.of(Map.of("log.dir", path.toString(), "log.keep.bytes", "64KiB")).log();
  }

  /** The log and the state of the nodes that are fetched from. */
  private record Peer(SegmentSource source, byte[] state, long next) {
    static Peer of(Path path, List<LocalLog> open) throws Exception {
      LogSettings settings = settings(path);
      LocalLog log =
          DiskLog.openReplica(
              settings, EPOCH, OptionalLong.empty(), InstantSource.system(), new Metrics());
      open.add(log);
      ReplicatedState state = ReplicatedState.empty(EPOCH, 0, 1 << 20);
      var applier =
          new CommandApplier(
              log, state, new DiskRetry(new RaftHealth(Duration.ofSeconds(1), () -> 0)));
      for (int i = 0; i < 60; i++) {
        Publication one = Publication.of(List.of(Event.of("a", i + " ".repeat(300))));
        applier.apply(i, new Command.Publish(i, List.of(one)));
      }
      return new Peer(DiskFetch.source(settings), state.encode(), state.next());
    }

    byte[] answer(FetchRequest request, long index) throws Exception {
      List<Long> numbers = request.numbers();
      return switch (request.kind()) {
        case NOTE -> FetchAnswer.of(new FetchNote.Answer(40, false, index).encode());
        case MANIFEST -> {
          String md5 = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(state));
          var saved = new FetchManifest.SavedState(3, index, state.length, md5);
          yield FetchAnswer.of(new FetchManifest(saved, new byte[] {1}, source.parts()).encode());
        }
        case STATE ->
            FetchAnswer.of(
                FetchAnswer.Kind.BYTES,
                Arrays.copyOfRange(
                    state, numbers.get(2).intValue(), (int) (numbers.get(2) + numbers.get(3))));
        case SEGMENT ->
            FetchAnswer.of(
                FetchAnswer.Kind.BYTES,
                source.read(
                    numbers.get(0), numbers.get(1), numbers.get(2), numbers.get(3).intValue()));
      };
    }
  }

  @BeforeEach
  void prepare() throws Exception {
    peer = Peer.of(directory.resolve("peer"), open);
    files = new Limited(DiskFetch.target(settings(directory), Retention.unlimited()));
  }

  @AfterEach
  void close() throws IOException {
    for (LocalLog log : open) {
      log.close();
    }
  }

  private final class Nodes implements FetchPeers.Transport {
    @Override
    public List<String> nodes() {
      return List.of(ONE, TWO);
    }

    @Override
    public CompletableFuture<byte[]> fetch(String node, FetchRequest request) {
      if (request.kind() != FetchRequest.Kind.NOTE) {
        asked.add(node + " " + request.kind());
      }
      try {
        FetchRequest received = FetchRequest.decode(request.encode()).orElseThrow();
        byte[] wrong = fault.apply(node, received);
        return CompletableFuture.completedFuture(
            wrong != null ? wrong : peer.answer(received, stateIndex));
      } catch (Exception e) {
        return CompletableFuture.failedFuture(e);
      }
    }
  }

  private final class Own implements LogFetch.OwnLog {
    @Override
    public String self() {
      return "10.0.0.3:7700";
    }

    @Override
    public long acknowledged() {
      return 45;
    }

    @Override
    public Optional<ReplicatedState> saved() {
      return ownEpoch == 0
          ? Optional.empty()
          : Optional.of(ReplicatedState.empty(ownEpoch, 0, 1 << 20));
    }
  }

  private CompletableFuture<Optional<FetchedState>> start(List<LogFetch> started) {
    var peers = new FetchPeers("10.0.0.3:7700", new Nodes());
    var throttle = new FetchThrottle(1L << 40, System::nanoTime);
    var fetch = new LogFetch(peers, files, new Own(), progress, throttle);
    started.add(fetch);
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return fetch.run();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private FetchedState fetched() throws Exception {
    return start(new ArrayList<>()).get(30, TimeUnit.SECONDS).orElseThrow();
  }

  private void checkInstalled(FetchedState state) throws Exception {
    assertEquals(stateIndex, state.index());
    files.decide(state);
    files.install(files.decided().orElseThrow());
    assertArrayEquals(peer.state(), files.state());
    files.clear();
    LocalLog log =
        DiskLog.openReplica(
            settings(directory),
            EPOCH,
            OptionalLong.of(peer.next() - 1),
            InstantSource.system(),
            new Metrics());
    open.add(log);
    assertEquals(peer.next() - 1, log.last());
    assertEquals(0, log.bounds().begin().offset());
  }

  /** Waits until the fetch says why it waits, and stops it. */
  private void awaitReason(String reason) throws Exception {
    var started = new ArrayList<LogFetch>();
    CompletableFuture<Optional<FetchedState>> run = start(started);
    Wait.until(reason, () -> progress.text().contains(reason));
    started.get(0).stop();
    assertEquals(Optional.empty(), run.get(20, TimeUnit.SECONDS));
  }

  private boolean first(FetchRequest request, FetchRequest.Kind kind) {
    return request.kind() == kind && answered.incrementAndGet() == 1;
  }

  @Test
  void everythingIsFetchedFromOneWhoHasIt() throws Exception {
    checkInstalled(fetched());
  }

  @Test
  void aChunkWithAWrongChecksumIsFetchedAgainFromAnotherOne() throws Exception {
    fault =
        (node, request) -> {
          if (!first(request, FetchRequest.Kind.SEGMENT)) {
            return null;
          }
          byte[] wrong = FetchAnswer.of(FetchAnswer.Kind.BYTES, new byte[1_000]);
          wrong[500] ^= 1;
          return wrong;
        };
    checkInstalled(fetched());
    assertTrue(
        asked.contains(ONE + " SEGMENT") && asked.contains(TWO + " SEGMENT"), asked::toString);
  }

  @Test
  void aStateWithAWrongChecksumIsNotUsed() throws Exception {
    fault =
        (node, request) ->
            first(request, FetchRequest.Kind.STATE)
                ? FetchAnswer.of(
                    FetchAnswer.Kind.BYTES, new byte[request.numbers().get(3).intValue()])
                : null;
    checkInstalled(fetched());
  }

  @Test
  void anotherPeerIsUsedWhenOneEndsInTheMiddle() throws Exception {
    fault =
        (node, request) -> {
          boolean segment = request.kind() == FetchRequest.Kind.SEGMENT;
          if (node.equals(ONE) && (segment ? answered.incrementAndGet() : answered.get()) > 1) {
            throw new IllegalStateException("the connection was closed");
          }
          return null;
        };
    checkInstalled(fetched());
    assertTrue(asked.contains(TWO + " SEGMENT"), asked::toString);
  }

  @Test
  void aSegmentThatIsGoneBeginsANewManifest() throws Exception {
    fault =
        (node, request) ->
            first(request, FetchRequest.Kind.SEGMENT)
                ? FetchAnswer.of(FetchAnswer.Kind.GONE)
                : null;
    checkInstalled(fetched());
    assertEquals(2, asked.stream().filter(one -> one.endsWith("MANIFEST")).count());
  }

  @Test
  void aPeerOfAnEarlierVersionIsNotAsked() throws Exception {
    fault = (node, request) -> node.equals(ONE) ? new byte[0] : null;
    checkInstalled(fetched());
    assertTrue(asked.stream().allMatch(one -> one.startsWith(TWO)), asked::toString);
    asked.clear();
    fault = (node, request) -> new byte[0];
    awaitReason("earlier version");
  }

  @Test
  void aPeerThatIsBusyIsAskedLater() throws Exception {
    fault =
        (node, request) ->
            first(request, FetchRequest.Kind.MANIFEST)
                ? FetchAnswer.of(FetchAnswer.Kind.BUSY)
                : null;
    checkInstalled(fetched());
  }

  @Test
  void aStateThatIsOlderThanWhatWasAcknowledgedIsAwaited() throws Exception {
    stateIndex = 44;
    awaitReason("no other node has saved a state yet");
    stateIndex = 45;
    checkInstalled(fetched());
  }

  @Test
  void theLogOfAnotherClusterIsNotFetched() throws Exception {
    ownEpoch = 8;
    awaitReason("the other nodes have another log");
  }

  /** Others on the disk have their room, and what was received is continued when there is more. */
  @Test
  void aDiskThatIsNearlyFullIsAwaited() throws Exception {
    usable = LogFetch.RESERVE_BYTES;
    awaitReason("this node's disk: it has 128 MB left");
    usable = Long.MAX_VALUE;
    checkInstalled(fetched());
  }

  private final class Limited implements FetchedLog {
    private final FetchedLog real;

    Limited(FetchedLog real) {
      this.real = real;
    }

    @Override
    public List<SegmentPart> plan(LogParts log, long own, long upTo) throws IOException {
      return real.plan(log, own, upTo);
    }

    @Override
    public long received(SegmentPart part) throws IOException {
      return real.received(part);
    }

    @Override
    public void write(SegmentPart part, ByteBuffer bytes) throws IOException {
      real.write(part, bytes);
    }

    @Override
    public void complete(SegmentPart part) throws IOException {
      real.complete(part);
    }

    @Override
    public void storeState(byte[] state) throws IOException {
      real.storeState(state);
    }

    @Override
    public byte[] state() throws IOException {
      return real.state();
    }

    @Override
    public long kept(long own, long upTo) throws IOException {
      return real.kept(own, upTo);
    }

    @Override
    public void decide(FetchedState state) throws IOException {
      real.decide(state);
    }

    @Override
    public Optional<FetchedState> decided() throws IOException {
      return real.decided();
    }

    @Override
    public void install(FetchedState state) throws IOException {
      real.install(state);
    }

    @Override
    public void clear() throws IOException {
      real.clear();
    }

    @Override
    public long usableBytes() {
      return usable;
    }
  }
}
