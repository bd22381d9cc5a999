package raft;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Two Raft engines side by side, each as three processes on this machine: speed, faults, memory. Run by make bench-raft. Arguments: an
 * engine (ratis, jgroups) and a part (speed, faults, memory, disk, restart, purge); none is all. Prints Markdown.
 */
public final class RaftBench {
  private static final Path ROOT = Path.of("target/bench/raft");
  private static final int NODES = 3;
  private static final int SECONDS = Integer.getInteger("seconds", 8);
  private static final int EVENT_BYTES = 300;
  private static final int BATCH = 100;
  private static final int WINDOW = 64;

  private final String engine;
  private final List<Member> members = new ArrayList<>();

  /** Of the processes to start. */
  private List<String> options = List.of();

  /** One that does not come back, or null. */
  private Member lost;

  private RaftBench(String engine) {
    this.engine = engine;
  }

  public static void main(String[] arguments) throws Exception {
    List<String> engines = arguments.length > 0 ? List.of(arguments[0]) : List.of("ratis", "jgroups");
    List<String> parts = arguments.length > 1 ? List.of(arguments[1]) : List.of("speed", "faults", "memory", "disk", "restart", "purge");
    for (String part : parts) {
      for (String engine : engines) {
        var bench = new RaftBench(engine);
        Runtime.getRuntime().addShutdownHook(new Thread(bench::kill));
        try {
          bench.start();
          switch (part) {
            case "speed" -> bench.speed();
            case "faults" -> bench.faults();
            case "memory" -> bench.memory();
            case "disk" -> bench.disk();
            case "restart" -> bench.restart();
            case "purge" -> bench.purge();
            default -> throw new IllegalArgumentException(part);
          }
          bench.awaitLevel();
          bench.check();
        } finally {
          bench.kill();
        }
      }
    }
  }

  private void print(String measure, String figures) {
    System.out.println("| " + engine + " | " + measure + " | " + figures + " |");
  }

  // parts

  private void speed() throws Exception {
    Member leader = leader();
    Member follower = others(leader).get(0);
    Member third = others(leader).get(1);
    leader.ask(load(SECONDS + 2));
    follower.ask(load(SECONDS));
    print("batches of 100 x 300 B from the leader, events/s on the slowest", throughput(leader));
    print("the same from a follower", throughput(follower));
    new ProcessBuilder("sync").start().waitFor(30, TimeUnit.SECONDS); // what the batches left unwritten is not the single events' cost
    follower.ask("open 4 1000 " + EVENT_BYTES);
    leader.ask("open 4 1000 " + EVENT_BYTES);
    latencies("1,000/s at a follower", follower, third, "open " + SECONDS + " 1000 " + EVENT_BYTES);
    latencies("1,000/s at the leader", leader, third, "open " + SECONDS + " 1000 " + EVENT_BYTES);
    latencies("a lone event every 200 ms at a follower", follower, third, "open 20 5 " + EVENT_BYTES);
    latencies("a lone event every 200 ms at the leader", leader, third, "open 20 5 " + EVENT_BYTES);
  }

  private static String load(int seconds) {
    return "batches " + seconds + " " + WINDOW + " " + BATCH + " " + EVENT_BYTES;
  }

  private String throughput(Member publisher) throws Exception {
    publisher.ask("reset");
    long begin = System.nanoTime();
    var counts = new ArrayList<Long>();
    for (Member member : members) {
      counts.add(Long.parseLong(member.ask("count")));
    }
    publisher.ask(load(SECONDS));
    long slowest = Long.MAX_VALUE;
    for (int i = 0; i < NODES; i++) {
      slowest = Math.min(slowest, Long.parseLong(members.get(i).ask("count")) - counts.get(i));
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    return "%,.0f | %s".formatted(slowest / seconds, publisher.ask("stats"));
  }

  private void latencies(String measure, Member publisher, Member receiver, String load) throws Exception {
    for (Member member : members) {
      member.ask("reset");
    }
    publisher.ask(load);
    Thread.sleep(1_000); // what is still on its way
    print(measure, "publisher: " + publisher.ask("stats") + " | third node: " + receiver.ask("stats"));
  }

  private void faults() throws Exception {
    for (Member member : members) {
      member.ask("flow 8 10 " + EVENT_BYTES);
    }
    Thread.sleep(6_000);
    for (int round = 0; round < Integer.getInteger("rounds", 2); round++) {
      Member killed = leader();
      resetAllBut(killed);
      killed.kill();
      Thread.sleep(6_000);
      print("kill -9 of the leader", silences(killed));
      killed.start();
      killed.ask("flow 8 10 " + EVENT_BYTES);
      Thread.sleep(4_000);
      Member stopped = leader();
      resetAllBut(stopped);
      stopped.signal("STOP");
      Thread.sleep(8_000);
      stopped.signal("CONT");
      Thread.sleep(4_000);
      print("SIGSTOP of the leader, 8 s", silences(stopped));
    }
    for (Member member : members) {
      member.ask("stop");
    }
  }

  private void resetAllBut(Member one) throws Exception {
    for (Member member : others(one)) {
      member.ask("reset");
    }
  }

  private String silences(Member fault) throws Exception {
    var figures = new StringBuilder();
    for (Member member : others(fault)) {
      figures.append(" n").append(member.number).append(": ").append(member.ask("stats"));
    }
    return figures.toString();
  }

  private void memory() throws Exception {
    Member leader = leader();
    Member follower = others(leader).get(0);
    leader.ask("batches 4 4 1 " + (1 << 20));
    for (Member member : members) {
      member.ask("reset");
    }
    follower.signal("STOP");
    long before = Long.parseLong(leader.ask("count"));
    leader.ask("batches 15 16 1 " + (1 << 20));
    long after = Long.parseLong(leader.ask("count"));
    follower.signal("CONT");
    for (Member member : members) {
      print("1 MiB at full speed, 15 s, a follower stopped: n" + member.number + (member == leader ? " (leader)" : member == follower ? " (stopped)" : ""), (after - before) / 15 + "/s | " + member.ask("stats"));
    }
  }

  /** Both followers can't write any more; then the leader's machine is lost. What was acknowledged must be on the two. */
  private void disk() throws Exception {
    kill();
    delete(ROOT.resolve("data"));
    options = List.of("-Dstore.off=true");
    for (Member member : members) {
      member.start();
    }
    Member leader = leader();
    leader.ask("batches 1 8 10 " + EVENT_BYTES);
    for (Member member : others(leader)) {
      new ProcessBuilder("prlimit", "--pid", "" + member.process.pid(), "--fsize=7000000").inheritIO().start().waitFor();
    }
    leader.ask("reset");
    leader.ask("batches 12 8 10 " + EVENT_BYTES);
    print("files of both followers limited to 7 MB: at the leader", leader.ask("stats"));
    kill();
    options = List.of();
    lost = leader;
    for (Member member : others(leader)) {
      member.start();
    }
    leader();
  }

  /** All nodes are killed at once and started again, repeatedly. */
  private void restart() throws Exception {
    for (int round = 0; round < 3; round++) {
      for (Member member : members) {
        member.ask("flow 8 1 " + EVENT_BYTES);
      }
      Thread.sleep(3_000);
      kill();
      for (Member member : members) {
        member.start();
      }
      leader();
      for (Member member : members) {
        member.ask("reset");
        member.ask("flow 8 1 " + EVENT_BYTES);
      }
      Thread.sleep(2_000);
      for (Member member : members) {
        member.ask("stop");
        print("all killed and started again: n" + member.number, member.ask("stats"));
      }
    }
  }

  /** The leader ends when all have all; then the others go on, and forget what it has; it must get the rest. */
  private void purge() throws Exception {
    options = List.of("-Dratis.snapshot=100", "-Dratis.purge=100");
    kill();
    delete(ROOT.resolve("data"));
    for (Member member : members) {
      member.start();
    }
    Member killed = leader();
    killed.ask("batches 4 4 1 " + EVENT_BYTES);
    Thread.sleep(2_000);
    killed.kill();
    Thread.sleep(2_000);
    others(killed).get(0).ask("batches 6 4 1 " + EVENT_BYTES);
    killed.start();
  }

  private void awaitLevel() throws Exception {
    long begin = System.nanoTime();
    long limit = begin + TimeUnit.SECONDS.toNanos(40);
    List<Long> sizes = List.of();
    int still = 0;
    while (System.nanoTime() < limit && still < 4) {
      Thread.sleep(250);
      var now = new ArrayList<Long>();
      for (Member member : others(lost)) {
        now.add(Files.size(member.directory().resolve("applied")));
      }
      still = now.stream().distinct().count() == 1 && now.equals(sizes) ? still + 1 : 0;
      sizes = now;
    }
    print("level", still >= 4 ? "after %.1f s".formatted((System.nanoTime() - begin) / 1e9 - 1) : "NOT within 40 s: bytes applied " + sizes);
  }

  private void check() throws IOException {
    for (Member member : others(lost)) {
      if (!member.process.isAlive()) {
        print("n" + member.number, "HAS ENDED: exit " + member.process.exitValue());
      }
      member.kill();
    }
    print("history", History.check(others(lost).stream().map(Member::directory).toList(), members.stream().map(Member::directory).toList()));
  }

  // the cluster

  private void start() throws Exception {
    for (int number = 0; number < NODES; number++) {
      members.add(new Member(number));
    }
    delete(ROOT.resolve("data"));
    for (Member member : members) {
      member.start();
    }
    leader();
  }

  private Member leader() throws Exception {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (System.nanoTime() < limit) {
      var answers = new ArrayList<String>();
      for (Member member : others(lost)) {
        answers.add(member.ask("leader"));
      }
      for (int number = 0; number < NODES; number++) {
        if (Collections.frequency(answers, "n" + number) > NODES / 2) {
          return members.get(number);
        }
      }
      Thread.sleep(50);
    }
    throw new IllegalStateException("no leader");
  }

  private List<Member> others(Member one) {
    return members.stream().filter(member -> member != one).toList();
  }

  private void kill() {
    members.forEach(Member::kill);
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (var files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** A process, and the lines that it answers with. */
  private final class Member {
    private static final int BASE_PORT = Integer.getInteger("port", 19_310);

    private final int number;
    private int life;
    private Process process;
    private PrintStream in;
    private BlockingQueue<String> answers;

    private Member(int number) {
      this.number = number;
    }

    private Path directory() {
      return ROOT.resolve("data").resolve("n" + number);
    }

    private void start() throws Exception {
      var command = new ArrayList<>(List.of("java", "-XX:+UseSerialGC", "-Xmn32m", "-Xmx" + System.getProperty("xmx", "300m"), "-XX:+ExitOnOutOfMemoryError", "-Djava.net.preferIPv4Stack=true"));
      command.addAll(List.of("-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-Dorg.slf4j.simpleLogger.showDateTime=true"));
      command.addAll(options);
      command.addAll(List.of(System.getProperty("node", "-Dnode=").split(" ")));
      command.addAll(List.of("-cp", ROOT.resolve("classes") + ":" + ROOT.resolve(engine) + "/*", Node.class.getName()));
      command.addAll(List.of(engine, "" + number, "" + life++, "" + BASE_PORT, directory().toString()));
      Files.createDirectories(directory());
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(ROOT.resolve(engine + "-n" + number + ".log").toFile())).start();
      in = new PrintStream(process.getOutputStream(), true);
      answers = new LinkedBlockingQueue<>();
      var lines = new BufferedReader(new InputStreamReader(process.getInputStream()));
      var queue = answers;
      var reader = new Thread(() -> lines.lines().filter(line -> line.startsWith("@")).forEach(queue::add));
      reader.setDaemon(true);
      reader.start();
      await("start", 30);
    }

    private String ask(String line) throws Exception {
      in.println(line);
      return await(line, 60);
    }

    private String await(String line, int seconds) throws InterruptedException {
      String answer = answers.poll(seconds, TimeUnit.SECONDS);
      if (answer == null) {
        throw new IllegalStateException("n" + number + " does not answer: " + line + (process.isAlive() ? "" : "; it has ended with " + process.exitValue()));
      }
      return answer.substring(1);
    }

    private void signal(String name) throws Exception {
      new ProcessBuilder("kill", "-" + name, "" + process.pid()).inheritIO().start().waitFor();
    }

    private void kill() {
      if (process != null) {
        process.destroyForcibly();
        try {
          process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}
