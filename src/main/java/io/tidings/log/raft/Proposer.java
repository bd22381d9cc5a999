package io.tidings.log.raft;

import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.log.Entry;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.tidings.log.raft.ReplicatedState.Result;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * The publications of this node on their way to the leader and back. A group is sent as soon as no
 * other is unanswered, with everything that has accumulated meanwhile, up to a size (group commit):
 * a lone publication never waits, and under load they share the cost of a command. While much is
 * pending, a second group is sent meanwhile.
 *
 * <p>A publisher's answer is what this node's {@link Replica} computes when it applies the command.
 * That, or the leader's answer, says that the next group may be sent; without either, or if the
 * leader has failed, this one is sent again. Publications are numbered in the order in which they
 * are sent, so what is sent again to the same or another leader is applied once ({@link
 * OriginTable}). Thread-safe.
 */
final class Proposer {
  private static final System.Logger LOG = System.getLogger(Proposer.class.getName());
  private static final int MAX_GROUP_BYTES = 256 << 10;

  /** The most bytes of one publication: a command must fit into an entry of the Raft log. */
  static final int MAX_PUBLICATION_BYTES = RatisProperties.MAX_ENTRY_BYTES - (64 << 10);

  /** What a pending publication costs beside its bytes. */
  private static final int PENDING_BYTES = 256;

  private static final String LATE = "the cluster has not answered in time";
  private static final String FETCHED = "this node has fetched the log from another one";

  private static final byte[] NOTHING = Command.Publish.encode(Publication.of(List.of()));

  private final Router router;
  private final Limits limits;
  private final LongSupplier newOrigin;
  private final LongSupplier nanoTime;
  private final LongConsumer appendedNanos;

  // guarded by this
  private final Deque<Pending> unsent = new ArrayDeque<>();
  private final Deque<Pending> sent = new ArrayDeque<>();
  private Route route;
  private long origin;
  private long lastNumber;
  private long bytes;
  private boolean sending;
  private long retryAt;
  private long appliedIndex = Long.MIN_VALUE;
  private Optional<LogUnavailable> closed = Optional.empty();

  /** Finds the leader, and the way to it. */
  interface Router {
    /** The leader, if there is one that takes commands. */
    Optional<String> leader();

    /** Submits a command there. */
    CompletableFuture<Void> submit(String leader, byte[] command);
  }

  /**
   * The bounds.
   *
   * @param patienceNanos how long a publisher waits for its answer
   * @param bytes how many bytes may wait or be unanswered
   * @param retryNanos when something is sent again after a failure, if the leader stays the same
   * @param oneGroupBytes with fewer bytes pending there is one group at a time: fewer commands cost
   *     less, and between two of them the followers are told at once what is committed ({@link
   *     PushingGrpc})
   */
  record Limits(long patienceNanos, long bytes, long retryNanos, long oneGroupBytes) {}

  /**
   * A leader, and the groups that it has not answered and this node has not applied: when each was
   * sent, by the number of its last publication.
   */
  private static final class Route {
    final String leader;
    final Map<Long, Long> unanswered = new HashMap<>();

    Route(String leader) {
      this.leader = leader;
    }
  }

  private static final class Pending {
    byte[] publication;
    final int cost;
    final long enqueuedNanos;
    final Promise<List<Entry>> result = Promise.promise();

    /** Its number among those of the origin; 0 until it is sent for the first time. */
    long number;

    Pending(byte[] publication, long enqueuedNanos) {
      this.publication = publication;
      this.cost = publication.length + PENDING_BYTES;
      this.enqueuedNanos = enqueuedNanos;
    }
  }

  /**
   * @param newOrigin makes the id of an origin, never 0 and different in each life of each node
   * @param nanoTime as {@link System#nanoTime}
   * @param appendedNanos receives how long an append took
   */
  Proposer(
      Router router,
      Limits limits,
      LongSupplier newOrigin,
      LongSupplier nanoTime,
      LongConsumer appendedNanos) {
    this.router = router;
    this.limits = limits;
    this.newOrigin = newOrigin;
    this.nanoTime = nanoTime;
    this.appendedNanos = appendedNanos;
    this.origin = newOrigin.getAsLong();
    this.retryAt = nanoTime.getAsLong();
  }

  /**
   * Adds a publication.
   *
   * @return as of {@link io.tidings.log.EventLog#append(Publication)}
   */
  Future<List<Entry>> append(Publication publication) {
    byte[] encoded = Command.Publish.encode(publication);
    if (encoded.length > MAX_PUBLICATION_BYTES) {
      return Future.failedFuture(
          new InvalidEvent(
              "events",
              "of one publication must not exceed "
                  + MAX_PUBLICATION_BYTES
                  + " bytes in a cluster"));
    }
    var pending = new Pending(encoded, nanoTime.getAsLong());
    synchronized (this) {
      if (closed.isPresent()) {
        return Future.failedFuture(closed.get());
      }
      if (bytes > 0 && bytes + pending.cost > limits.bytes) {
        return Future.failedFuture(
            new LogUnavailable("too much waits for the cluster; nothing was stored", null));
      }
      bytes += pending.cost;
      unsent.add(pending);
    }
    send();
    return pending.result.future();
  }

  /** Sends what can be sent: called when the leader may have changed, and now and then. */
  void send() {
    while (true) {
      Route to;
      byte[] group;
      long last;
      synchronized (this) {
        if (sending || !findRoute() || route.unanswered.size() >= inFlight() || unsent.isEmpty()) {
          return;
        }
        to = route;
        try {
          group = nextGroup();
          last = sent.getLast().number;
          to.unanswered.put(last, nanoTime.getAsLong());
        } catch (OutOfMemoryError e) {
          sendLater();
          return;
        }
        sending = true;
      }
      CompletableFuture<Void> answer;
      try {
        answer = router.submit(to.leader, group);
      } catch (RuntimeException | Error e) { // such as OutOfMemoryError; it is sent again
        answer = CompletableFuture.failedFuture(e);
      }
      synchronized (this) {
        sending = false;
      }
      answer.whenComplete((nothing, failure) -> answered(to, last, failure));
    }
  }

  /** How many groups may be unanswered. */
  private int inFlight() {
    return bytes < limits.oneGroupBytes ? 1 : 2;
  }

  /** Whether there is a leader to send to; what another one was sent is sent again. */
  private boolean findRoute() {
    Optional<String> leader = router.leader();
    if (route != null && !leader.equals(Optional.of(route.leader))) {
      sendAgain();
    }
    if (route == null && leader.isPresent() && nanoTime.getAsLong() - retryAt >= 0) {
      route = new Route(leader.get());
    }
    return route != null;
  }

  private byte[] nextGroup() {
    var group = new ArrayList<byte[]>();
    long size = 0;
    long first = 0;
    while (!unsent.isEmpty()) {
      Pending next = unsent.peek();
      if (!group.isEmpty() && size + next.publication.length > MAX_GROUP_BYTES) {
        break;
      }
      if (next.number == 0) {
        next.number = ++lastNumber;
      }
      first = group.isEmpty() ? next.number : first;
      group.add(next.publication);
      size += next.publication.length;
      sent.add(next);
      unsent.remove();
    }
    return Command.Publish.join(origin, first, group);
  }

  private void answered(Route from, long last, Throwable failure) {
    synchronized (this) {
      boolean waited = from.unanswered.remove(last) != null;
      if (failure != null && waited && from == route) {
        sendLater();
      }
    }
    send();
  }

  private void sendLater() {
    sendAgain();
    retryAt = nanoTime.getAsLong() + limits.retryNanos;
  }

  /** What was sent is unsent again, in the same order and with the same numbers. */
  private void sendAgain() {
    route = null;
    while (!sent.isEmpty()) {
      unsent.addFirst(sent.removeLast());
    }
  }

  /**
   * A command of any node was applied here. On the thread that applies.
   *
   * @param index of the command in the Raft log. After the engine was started again, commands are
   *     applied again; what they said then has no meaning for what is pending now
   */
  void applied(long index, Command.Publish command, List<Result> results) {
    List<Runnable> completions = new ArrayList<>();
    synchronized (this) {
      if (index <= appliedIndex) {
        return;
      }
      appliedIndex = index;
      if (command.origin() != origin) {
        return;
      }
      long number = command.first();
      for (Result result : results) {
        applied(number++, result, completions);
      }
      if (route != null) { // whether the leader answers or not
        long upTo = number - 1;
        route.unanswered.keySet().removeIf(last -> last <= upTo);
      }
    }
    completions.forEach(Proposer::call);
    send();
  }

  /** Publishers' handlers are called by this; what they throw is not the log's failure. */
  private static void call(Runnable completion) {
    try {
      completion.run();
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "a publisher failed with its answer", e);
    }
  }

  private void applied(long number, Result result, List<Runnable> completions) {
    if (result instanceof Result.OutOfSequence missing) {
      if (missing.expected() == 1 && number > 1 && firstNumber() > 1) {
        beginAnew();
      } else if (wasSent(number)) {
        sendAgain();
      }
      return;
    }
    removeFetched(result instanceof Result.Repeated ? number : number - 1, completions);
    Pending pending = head().peek();
    if (pending != null && pending.number == number) {
      removeHead();
      completions.add(() -> complete(pending, result));
    }
  }

  /** What is pending up to this number was applied, but not here: see {@link #fetched}. */
  private void removeFetched(long number, List<Runnable> completions) {
    Pending pending = head().peek();
    while (pending != null && pending.number != 0 && pending.number <= number) {
      removeHead();
      completions.add(giveUp(pending, FETCHED));
      pending = head().peek();
    }
  }

  /** What was sent again is at the head of those that are unsent. */
  private Deque<Pending> head() {
    return !sent.isEmpty() ? sent : unsent;
  }

  private void removeHead() {
    bytes -= head().remove().cost;
  }

  private boolean wasSent(long number) {
    return !sent.isEmpty() && sent.peekFirst().number <= number && number <= sent.peekLast().number;
  }

  private long firstNumber() {
    Pending first = head().peek();
    return first == null ? 0 : first.number;
  }

  /** The cluster has forgotten this origin, so nothing that is pending was applied. */
  private void beginAnew() {
    sendAgain();
    origin = newOrigin.getAsLong();
    lastNumber = 0;
    unsent.forEach(pending -> pending.number = 0);
  }

  private void complete(Pending pending, Result result) {
    if (result instanceof Result.Stored stored) {
      if (pending.result.tryComplete(stored.entries())) {
        appendedNanos.accept(nanoTime.getAsLong() - pending.enqueuedNanos);
      }
    } else if (result instanceof Result.KeyReused) {
      pending.result.tryFail(
          new InvalidEvent(Publication.KEY, "was used before with other events"));
    } else {
      pending.result.tryFail(
          new LogUnavailable(
              "there is no room for what repetitions are recognised by (log.raft.dedup); nothing was stored",
              null));
    }
  }

  /**
   * Fails the publications whose publishers have waited too long. What was sent may be stored, and
   * keeps its number: something empty is sent in its place. A group without an answer for as long
   * is sent again.
   */
  void expire() {
    List<Runnable> completions = new ArrayList<>();
    synchronized (this) {
      long now = nanoTime.getAsLong();
      for (Iterator<Pending> all = unsent.iterator(); all.hasNext(); ) {
        Pending pending = all.next();
        if (now - pending.enqueuedNanos >= limits.patienceNanos) {
          if (pending.number == 0) {
            all.remove();
            bytes -= pending.cost;
            completions.add(() -> pending.result.tryFail(notSent()));
          } else {
            completions.add(giveUp(pending, LATE));
          }
        }
      }
      for (Pending pending : sent) {
        if (now - pending.enqueuedNanos >= limits.patienceNanos) {
          completions.add(giveUp(pending, LATE));
        }
      }
      if (route != null
          && route.unanswered.values().stream()
              .anyMatch(since -> now - since >= limits.patienceNanos)) {
        sendAgain();
      }
    }
    completions.forEach(Proposer::call);
  }

  private static LogUnavailable notSent() {
    return new LogUnavailable(
        "no majority of the cluster's nodes can be reached; nothing was stored", null);
  }

  /**
   * This node has fetched the log from another one, before it applies more: what was sent may be in
   * it, and then its answer will never be known here.
   */
  void fetched() {
    List<Runnable> completions = new ArrayList<>();
    synchronized (this) {
      sendAgain();
      for (Pending pending : unsent) {
        if (pending.number != 0) {
          completions.add(giveUp(pending, FETCHED));
        }
      }
    }
    completions.forEach(Proposer::call);
  }

  private static Runnable giveUp(Pending pending, String reason) {
    pending.publication = NOTHING;
    return () -> pending.result.tryFail(new OutcomeUnknown(reason, null));
  }

  /** Fails everything that is pending and everything that is added from now on. */
  void close() {
    List<Pending> all = new ArrayList<>();
    var failure = new LogUnavailable("the log is closed; nothing was stored", null);
    synchronized (this) {
      closed = Optional.of(failure);
      sendAgain();
      all.addAll(unsent);
      unsent.clear();
    }
    for (Pending pending : all) {
      boolean sentBefore = pending.number != 0;
      Throwable answer = sentBefore ? new OutcomeUnknown("the log is closed", null) : failure;
      call(() -> pending.result.tryFail(answer));
    }
  }
}
