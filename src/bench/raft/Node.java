package raft;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * One node of the trial, a process: an engine, group commit in front of it, the way to the leader, and publishers. Obeys lines on its
 * standard input and answers each with one line; ends when the input ends.
 */
public final class Node {
  private static final int NODES = 3;
  private static final int IN_FLIGHT = Integer.getInteger("flight", 2);
  private static final long MAX_BYTES = 16 << 20;

  private final Consensus consensus;
  private final int number;
  private final String id;
  private final int basePort;

  /** Differs in each life of the node. */
  private final int publisher;

  private final Store store;
  private final FileChannel acknowledged;
  private final AtomicLong lastEvent = new AtomicLong();
  private final GroupCommit commits = new GroupCommit(this::submit, IN_FLIGHT, MAX_BYTES);
  private final GroupCommit forwards = new GroupCommit(this::forward, IN_FLIGHT, MAX_BYTES);
  private final Latencies applied = new Latencies();
  private final Latencies answered = new Latencies();
  private final AtomicLong failures = new AtomicLong();
  private final AtomicLong acks = new AtomicLong();
  private volatile boolean measuring;
  private volatile boolean flowing;
  private volatile long highestHeap;

  /** Guarded by this. */
  private long lastAck;

  private long longestSilence;
  private Forwarding.Client leaderLink;
  private String linked;

  private Node(String engine, int number, int life, int basePort, Path directory) throws Exception {
    this.number = number;
    this.basePort = basePort;
    id = "n" + number;
    publisher = life * NODES + number;
    Files.createDirectories(directory.resolve("engine"));
    store = new Store(directory.resolve("applied"), this::applied);
    acknowledged = FileChannel.open(directory.resolve("acknowledged-" + publisher), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    consensus = engine.equals("ratis") ? new RatisConsensus() : new JGroupsConsensus();
    var peers = new ArrayList<Consensus.Peer>();
    for (int i = 0; i < NODES; i++) {
      peers.add(new Consensus.Peer("n" + i, "127.0.0.1", basePort + i));
    }
    Forwarding.serve(basePort + 10 + number, this::acceptForwarded);
    consensus.start(id, peers, directory.resolve("engine"), store);
    var watch = new Thread(this::watch, "watch");
    watch.setDaemon(true);
    watch.start();
  }

  public static void main(String[] arguments) throws Exception {
    try {
      var node = new Node(arguments[0], Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]), Path.of(arguments[4]));
      System.out.println("@started");
      var in = new BufferedReader(new InputStreamReader(System.in));
      for (String line = in.readLine(); line != null && !line.equals("exit"); line = in.readLine()) {
        node.obey(line.split(" "));
      }
    } catch (Throwable e) {
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
    Runtime.getRuntime().halt(0); // what closing costs is not measured, and a process that was killed must do as well
  }

  private void obey(String[] words) throws InterruptedException {
    switch (words[0]) {
      case "leader" -> System.out.println("@" + consensus.leader().orElse("none"));
      case "count" -> System.out.println("@" + store.events());
      case "reset" -> {
        reset();
        System.out.println("@reset");
      }
      case "stats" -> System.out.println("@" + stats());
      case "batches" -> {
        batches(seconds(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]), Integer.parseInt(words[4]), false);
        System.out.println("@done");
      }
      case "open" -> {
        openLoop(seconds(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
        System.out.println("@done");
      }
      case "flow" -> {
        flowing = true;
        int window = Integer.parseInt(words[1]);
        int events = Integer.parseInt(words[2]);
        int size = Integer.parseInt(words[3]);
        new Thread(() -> batches(TimeUnit.MINUTES.toNanos(4), window, events, size, true), "flow").start();
        System.out.println("@flowing");
      }
      case "stop" -> {
        flowing = false;
        System.out.println("@stopped");
      }
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private static long seconds(String number) {
    return TimeUnit.SECONDS.toNanos(Long.parseLong(number));
  }

  // publishing

  private boolean publish(int events, int size, long nanos, CompletableFuture<Void> answer) {
    long first = lastEvent.getAndAdd(events) + 1;
    byte[] publication = Event.write(publisher, first, events, nanos, size);
    answer.whenComplete((nothing, failure) -> {
      if (failure == null) {
        answered(first, events, nanos);
      } else {
        failures.addAndGet(events);
      }
    });
    String leader = consensus.leader().orElse(null);
    if (leader == null) {
      answer.completeExceptionally(new IllegalStateException("no leader"));
      return true;
    }
    return (leader.equals(id) ? commits : forwards).add(publication, answer);
  }

  private void answered(long first, int events, long nanos) {
    long now = System.nanoTime();
    if (measuring) {
      answered.add(now - nanos);
    }
    acks.addAndGet(events);
    var record = ByteBuffer.allocate(2 * Long.BYTES).putLong(first).putLong(events).flip();
    try {
      acknowledged.write(record);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    synchronized (this) {
      longestSilence = Math.max(longestSilence, now - lastAck);
      lastAck = now;
    }
  }

  private CompletableFuture<Void> submit(byte[] group) {
    return consensus.submit(group);
  }

  private CompletableFuture<Void> acceptForwarded(byte[] group) {
    var answer = new CompletableFuture<Void>();
    if (!consensus.leader().filter(id::equals).isPresent()) {
      answer.completeExceptionally(new IllegalStateException("not the leader"));
    } else if (!commits.add(group, answer)) {
      answer.completeExceptionally(new IllegalStateException("busy"));
    }
    return answer;
  }

  private CompletableFuture<Void> forward(byte[] group) {
    try {
      return link().send(group);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private synchronized Forwarding.Client link() throws IOException {
    if (leaderLink == null || leaderLink.isClosed()) {
      String leader = consensus.leader().orElseThrow(() -> new IOException("no leader"));
      leaderLink = new Forwarding.Client(basePort + 10 + Integer.parseInt(leader.substring(1)));
      linked = leader;
    }
    return leaderLink;
  }

  /** A link to one who no longer leads would keep its groups unanswered for as long as that process hangs. */
  private void watch() {
    while (true) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      Forwarding.Client stale = null;
      String leader = consensus.leader().orElse(null);
      synchronized (this) {
        if (leaderLink != null && leader != null && !leader.equals(linked)) {
          stale = leaderLink;
          leaderLink = null;
        }
      }
      if (stale != null) {
        stale.close();
      }
      Runtime runtime = Runtime.getRuntime();
      highestHeap = Math.max(highestHeap, runtime.totalMemory() - runtime.freeMemory());
    }
  }

  // loads

  private void batches(long nanos, int window, int events, int size, boolean untilStopped) {
    var free = new Semaphore(window);
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end && (!untilStopped || flowing)) {
      try {
        if (!free.tryAcquire(100, TimeUnit.MILLISECONDS)) {
          continue;
        }
      } catch (InterruptedException e) {
        return;
      }
      var answer = new CompletableFuture<Void>();
      answer.whenComplete((nothing, failure) -> free.release());
      boolean taken = publish(events, size, System.nanoTime(), answer);
      if (!taken) {
        answer.completeExceptionally(new IllegalStateException("busy"));
      }
      if (answer.isCompletedExceptionally()) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
    }
  }

  /** Publishes at a fixed rate, late or not; an event's time is the one at which it was due. */
  private void openLoop(long nanos, int rate, int size) {
    long interval = TimeUnit.SECONDS.toNanos(1) / rate;
    long begin = System.nanoTime();
    for (long due = begin; due < begin + nanos; due += interval) {
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      publish(1, size, due, new CompletableFuture<>());
    }
  }

  // figures

  private void applied(Event event) {
    if (measuring) {
      applied.add(System.nanoTime() - event.nanos());
    }
  }

  private synchronized void reset() {
    applied.clear();
    answered.clear();
    failures.set(0);
    acks.set(0);
    longestSilence = 0;
    lastAck = System.nanoTime();
    highestHeap = 0;
    measuring = true;
  }

  private synchronized String stats() {
    double[] receipt = applied.quantiles();
    double[] answer = answered.quantiles();
    measuring = false;
    double silence = Math.max(longestSilence, System.nanoTime() - lastAck) / 1e6;
    return String.format(
        Locale.ROOT,
        "receipt=%.2f/%.2f/%.1f answer=%.2f/%.2f/%.1f acks=%d failures=%d silence=%.0f heap=%d rss=%d threads=%d cpu=%d",
        receipt[0], receipt[1], receipt[2], answer[0], answer[1], answer[2], acks.get(), failures.get(), silence, highestHeap >> 20, rss(), Thread.activeCount(),
        ProcessHandle.current().info().totalCpuDuration().map(java.time.Duration::toMillis).orElse(0L));
  }

  private static long rss() {
    try {
      List<String> lines = Files.readAllLines(Path.of("/proc/self/status"));
      return lines.stream().filter(line -> line.startsWith("VmHWM")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10).findAny().orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
