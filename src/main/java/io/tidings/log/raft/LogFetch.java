package io.tidings.log.raft;

import io.tidings.log.FetchedLog;
import io.tidings.log.FetchedState;
import io.tidings.log.LogParts;
import io.tidings.log.SegmentPart;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Fetches what a node lacks: another node's newest saved state, and the segments that belong to it,
 * in rounds, until what follows is in the leader's Raft log. Goes on for as long as it takes,
 * whatever fails, at this node or at another one. One thread, which it blocks.
 */
final class LogFetch {
  private static final System.Logger LOG = System.getLogger(LogFetch.class.getName());

  /** The free space that is left to others who write to the disk. */
  static final long RESERVE_BYTES = 128L << 20;

  /** After a round with fewer bytes, what is left is the Raft log's. */
  private static final long ROUND_BYTES = 64L << 20;

  private static final long RETRY_MILLIS = 1_000;
  private static final long NOTE_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final FetchPeers peers;
  private final FetchedLog files;
  private final OwnLog own;
  private final FetchProgress progress;
  private final FetchThrottle throttle;
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** How often a node failed since a round succeeded with it. */
  private final Map<String, Integer> failures = new HashMap<>();

  private long index = -1;
  private long lastRound = Long.MAX_VALUE;
  private long noted = System.nanoTime() - NOTE_NANOS;
  private long logged = System.nanoTime();
  private String lastReason = "";

  /** The log that this node has. */
  interface OwnLog {
    /** This node's address. */
    String self();

    /** The index below which no state is of use: this node may have acknowledged up to it. */
    long acknowledged();

    /** The newest saved state; that with which the log begins if there is none. */
    Optional<ReplicatedState> saved() throws IOException;
  }

  LogFetch(
      FetchPeers peers,
      FetchedLog files,
      OwnLog own,
      FetchProgress progress,
      FetchThrottle throttle) {
    this.peers = peers;
    this.files = files;
    this.own = own;
    this.progress = progress;
    this.throttle = throttle;
  }

  /** Ends it soon. Any thread. */
  void stop() {
    stopped.countDown();
  }

  /** Returns what was fetched; empty if it was stopped. */
  Optional<FetchedState> run() throws InterruptedException {
    while (stopped.getCount() > 0) {
      try {
        Optional<FetchedState> fetched = round();
        if (fetched.isPresent()) {
          return fetched;
        }
      } catch (PeerFailed e) {
        pause(e.getMessage(), e);
      } catch (RuntimeException | Error e) {
        LOG.log(System.Logger.Level.ERROR, "the log can't be fetched", e);
        pause("an error in this program: " + e, new IOException(e));
      } catch (IOException e) {
        failures.clear(); // no peer's fault: what was received of it can be continued
        pause("this node's disk: " + e.getMessage(), e);
      }
    }
    return Optional.empty();
  }

  private void pause(String reason, IOException cause) throws InterruptedException {
    if (stopped.getCount() == 0) {
      return;
    }
    progress.waits(reason);
    boolean news = !reason.equals(lastReason);
    lastReason = reason;
    LOG.log(
        news ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
        "the log can''t be fetched at present, and is tried again: {0}",
        reason);
    LOG.log(System.Logger.Level.DEBUG, "the cause", cause);
    stopped.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private Optional<FetchedState> round() throws IOException, InterruptedException {
    Map<String, FetchNote.Answer> known = tell();
    String peer = choose(known);
    failures.merge(peer, 1, Integer::sum); // until it has succeeded
    FetchManifest manifest = peers.manifest(peer);
    if (manifest.state().index() < needed(known)) {
      throw new PeerFailed(peer + ": its newest saved state is too old", null);
    }
    ReplicatedState state = state(peer, manifest.state());
    long trusted = trusted(state);
    long upTo = state.next() - 1;
    List<SegmentPart> parts = plan(peer, manifest.log(), trusted, upTo);
    index = manifest.state().index();
    long bytes = receiveAll(peer, parts);
    failures.put(peer, 0);
    boolean purged = first(tell()) > index + 1;
    if (purged || bytes > ROUND_BYTES && bytes < lastRound / 2) {
      lastRound = bytes;
      return Optional.empty();
    }
    var log = new LogParts(manifest.log().epoch(), manifest.log().ancestors(), List.of());
    long keep = files.kept(trusted, upTo);
    return Optional.of(
        new FetchedState(log, keep, manifest.state().term(), index, manifest.voters()));
  }

  private List<SegmentPart> plan(String peer, LogParts log, long trusted, long upTo)
      throws IOException {
    if (log.last() < upTo) {
      throw new PeerFailed(peer + ": its log lacks entries of its state", null);
    }
    return files.plan(log, trusted, upTo);
  }

  // ---- the other nodes

  private Map<String, FetchNote.Answer> tell() {
    noted = System.nanoTime();
    return peers.tell(new FetchNote(own.self(), index, progress.text()));
  }

  /** The first index of the leader's Raft log; without a leader the highest one. */
  static long first(Map<String, FetchNote.Answer> known) {
    return known.values().stream()
        .filter(FetchNote.Answer::leads)
        .mapToLong(FetchNote.Answer::first)
        .findFirst()
        .orElseGet(
            () -> known.values().stream().mapToLong(FetchNote.Answer::first).max().orElse(0));
  }

  private long needed(Map<String, FetchNote.Answer> known) {
    return Math.max(own.acknowledged(), first(known) - 1);
  }

  /** One that has what is needed: who failed least, and rather not the leader. */
  private String choose(Map<String, FetchNote.Answer> known) throws PeerFailed {
    if (known.isEmpty()) {
      throw new PeerFailed("no other node answers, or they are of an earlier version", null);
    }
    return known.keySet().stream()
        .filter(node -> known.get(node).state() >= needed(known))
        .min(
            Comparator.<String>comparingInt(node -> failures.getOrDefault(node, 0))
                .thenComparing(node -> known.get(node).leads()))
        .orElseThrow(
            () -> new PeerFailed("no other node has saved a state yet that is new enough", null));
  }

  // ---- the state

  private ReplicatedState state(String peer, FetchManifest.SavedState saved)
      throws IOException, InterruptedException {
    progress.round(peer, saved.size(), 0);
    byte[] bytes = new byte[(int) saved.size()];
    for (int at = 0; at < bytes.length; ) {
      int length = await(bytes.length - at);
      System.arraycopy(peers.state(peer, saved, at, length), 0, bytes, at, length);
      at += length;
      progress.add(length);
    }
    requireRoom(bytes.length);
    if (!md5(bytes).equals(saved.md5())) {
      throw new PeerFailed(peer + ": its saved state has a wrong checksum", null);
    }
    ReplicatedState state = decoded(peer, bytes);
    files.storeState(bytes);
    return state;
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  private static ReplicatedState decoded(String peer, byte[] bytes) throws PeerFailed {
    try {
      return ReplicatedState.decode(bytes);
    } catch (IOException e) {
      throw new PeerFailed(peer + ": its saved state can't be read: " + e.getMessage(), e);
    }
  }

  /** The offset up to which the node's own records are the cluster's, and on the disk. */
  private long trusted(ReplicatedState state) throws IOException {
    Optional<ReplicatedState> saved = own.saved();
    if (saved.isPresent() && saved.get().epoch() != state.epoch()) {
      throw new PeerFailed(
          "the other nodes have another log, with the epoch %d; this one's is %d"
              .formatted(state.epoch(), saved.get().epoch()),
          null);
    }
    return saved.map(one -> one.next() - 1).orElse(0L);
  }

  // ---- the segments

  private long receiveAll(String peer, List<SegmentPart> parts)
      throws IOException, InterruptedException {
    long total = 0;
    long have = 0;
    for (SegmentPart part : parts) {
      total += part.length();
      have += files.received(part);
    }
    progress.round(peer, total, have);
    if (lastRound == Long.MAX_VALUE) {
      LOG.log(System.Logger.Level.INFO, "the log is fetched: {0}", progress.text());
    }
    for (SegmentPart part : parts) {
      receive(peer, part);
    }
    return total - have;
  }

  private void receive(String peer, SegmentPart part) throws IOException, InterruptedException {
    long at = files.received(part);
    while (at < part.length()) {
      int length = await(part.length() - at);
      requireRoom(length);
      files.write(part, ByteBuffer.wrap(peers.segment(peer, part, at, length)));
      at += length;
      progress.add(length);
      report();
    }
    try {
      files.complete(part);
    } catch (FetchedLog.DamagedPart e) {
      throw new PeerFailed(peer + ": " + e.getMessage(), e);
    }
  }

  /** Waits until the rate allows a further request; returns its size. */
  private int await(long left) throws PeerFailed, InterruptedException {
    int length = throttle.chunk(left);
    if (stopped.await(throttle.delay(length), TimeUnit.NANOSECONDS)) {
      throw new PeerFailed("the node is being stopped", null);
    }
    return length;
  }

  /** The votes, the Raft log and the own log are on the same disk, and must not find it full. */
  private void requireRoom(long bytes) throws IOException {
    long usable = files.usableBytes();
    if (usable < bytes + RESERVE_BYTES) {
      throw new IOException(
          "it has %d MB left, of which %d are not used for what is fetched"
              .formatted(usable >> 20, RESERVE_BYTES >> 20));
    }
  }

  private void report() {
    long now = System.nanoTime();
    if (now - noted > NOTE_NANOS) {
      tell();
    }
    if (now - logged > LOG_NANOS) {
      logged = now;
      LOG.log(System.Logger.Level.INFO, "the log is fetched: {0}", progress.text());
    }
  }
}
