package io.tidings.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A network of nodes 1 to n, each in a Linux network namespace of its own with the address {@link
 * #address}; this process reaches all of them over a bridge, whose name is the network's. Rules of
 * nftables within a namespace cut, reject or lose packets.
 *
 * <p>The bridge carries the id of this process as its alias. A network whose process has ended is
 * removed when the next one is created.
 */
final class Network implements AutoCloseable {
  /** Which packets of a node are concerned. */
  enum Direction {
    IN,
    OUT,
    BOTH
  }

  /** What becomes of them. */
  enum Verdict {
    DROP("drop"),
    /** A firewall that answers for the peer. */
    RESET("tcp flags & rst == 0 reject with tcp reset"), // its own RST has to pass
    /** One of ten is lost. */
    LOSE("numgen random mod 10 0 drop");

    private final String rule;

    Verdict(String rule) {
      this.rule = rule;
    }
  }

  private static final Pattern BRIDGE = Pattern.compile("(?m)^\\d+: (tidings\\d+): ");
  private static final Pattern ALIAS = Pattern.compile("alias chaos (\\d+)");
  private static final int NETWORKS = 200;
  private static final int VOTER_PORT = 7700;

  private final int number;
  private final int nodes;
  private final Process[] slowLinks;

  private Network(int number, int nodes) {
    this.number = number;
    this.nodes = nodes;
    this.slowLinks = new Process[nodes + 1];
  }

  /**
   * @throws IOException that says what is missing if this machine or user can't have namespaces
   */
  static Network create(int nodes) throws IOException {
    removeAbandoned();
    Network network = new Network(freeNumber(), nodes);
    try {
      network.createAll();
    } catch (IOException e) {
      network.close();
      throw e;
    }
    return network;
  }

  private static int freeNumber() throws IOException {
    int first = new Random().nextInt(NETWORKS);
    for (int i = 0; ; i++) {
      int number = (first + i) % NETWORKS;
      try {
        Shell.run("ip", "link", "add", "tidings" + number, "type", "bridge");
        return number;
      } catch (IOException e) {
        if (i == NETWORKS - 1 || !e.getMessage().contains("File exists")) {
          throw new IOException(
              "needs root (CAP_NET_ADMIN and CAP_SYS_ADMIN), network namespaces, and the programs of"
                  + " make chaos-tools: "
                  + e.getMessage(),
              e);
        }
      }
    }
  }

  private void createAll() throws IOException {
    String bridge = name();
    Shell.run("ip", "link", "set", bridge, "alias", "chaos " + ProcessHandle.current().pid());
    Shell.run("ip", "address", "add", "10.77." + number + ".254/24", "dev", bridge);
    Shell.run("ip", "link", "set", bridge, "up");
    for (int node = 1; node <= nodes; node++) {
      String space = namespace(node);
      Shell.run("ip", "netns", "add", space);
      Shell.run(
          "ip", "link", "add", port(node), "type", "veth", "peer", "name", "eth0", "netns", space);
      // while it is not part of the bridge, this machine must not answer there for the bridge
      Shell.run("sysctl", "-qw", "net.ipv4.conf." + port(node) + ".arp_ignore=8");
      Shell.run("ip", "link", "set", port(node), "master", bridge, "up");
      Shell.run("ip", "-n", space, "address", "add", address(node) + "/24", "dev", "eth0");
      Shell.run("ip", "-n", space, "link", "set", "eth0", "up");
      Shell.run("ip", "-n", space, "link", "set", "lo", "up");
      heal(node);
    }
  }

  String name() {
    return "tidings" + number;
  }

  String address(int node) {
    return "10.77." + number + "." + node;
  }

  private String namespace(int node) {
    return name() + "n" + node;
  }

  private String port(int node) {
    return name() + "p" + node;
  }

  /** The beginning of a command that runs a program on a node. */
  List<String> prefix(int node) {
    // not ip netns exec, which gives a process mounts of its own: a disk could not be unmounted
    return List.of("nsenter", "--net=/run/netns/" + namespace(node));
  }

  /** The addresses of all nodes but one. */
  List<String> others(int node) {
    var addresses = new ArrayList<String>();
    for (int other = 1; other <= nodes; other++) {
      if (other != node) {
        addresses.add(address(other));
      }
    }
    return addresses;
  }

  /** The address of a node for the other nodes. */
  String voter(int node) {
    return address(node) + ":" + VOTER_PORT;
  }

  /** All addresses, of nodes and of clients. */
  List<String> everybody() {
    return List.of("10.77." + number + ".0/24");
  }

  /** Applies a verdict to the packets of a node from or to these addresses. */
  void apply(Verdict verdict, int node, Direction direction, Collection<String> addresses)
      throws IOException {
    String set = addresses.stream().collect(Collectors.joining(", ", "{ ", " }"));
    var rules = new StringBuilder();
    if (direction != Direction.OUT) {
      rules.append("add rule inet chaos in ip saddr %s %s\n".formatted(set, verdict.rule));
    }
    if (direction != Direction.IN) {
      rules.append("add rule inet chaos out ip daddr %s %s\n".formatted(set, verdict.rule));
    }
    nft(node, rules.toString());
  }

  /** Lets all packets of a node pass. */
  void heal(int node) throws IOException {
    nft(
        node,
        """
        add table inet chaos
        delete table inet chaos
        add table inet chaos
        add chain inet chaos in { type filter hook input priority 0; }
        add chain inet chaos out { type filter hook output priority 0; }
        """);
  }

  private void nft(int node, String rules) throws IOException {
    var command = new ArrayList<>(prefix(node));
    command.addAll(List.of("nft", "-f", "-"));
    Shell.runWith(rules, command.toArray(String[]::new));
  }

  /**
   * Delays each packet of a node, by a program between its port and the bridge: many kernels come
   * without tc's netem.
   */
  void slow(int node, int millis, int jitterMillis) throws IOException {
    Shell.run("ip", "link", "add", port(node) + "a", "type", "veth", "peer", port(node) + "b");
    Shell.run("sysctl", "-qw", "net.ipv4.conf." + port(node) + "b.arp_ignore=8");
    Shell.run("ip", "link", "set", port(node), "nomaster");
    Shell.run("ip", "link", "set", port(node) + "a", "master", name(), "up");
    Shell.run("ip", "link", "set", port(node) + "b", "up");
    slowLinks[node] =
        new ProcessBuilder(
                "python3",
                resource("slow_link.py"),
                port(node),
                port(node) + "b",
                "" + millis,
                "" + jitterMillis)
            .inheritIO()
            .start();
  }

  /** Ends the delay. */
  void hasten(int node) throws IOException {
    slowLinks[node].destroyForcibly().onExit().join();
    Shell.run("ip", "link", "delete", port(node) + "a");
    Shell.run("ip", "link", "set", port(node), "master", name());
  }

  /** The path of a program of these tests. */
  static String resource(String name) {
    try {
      return Path.of(Network.class.getResource("/chaos/" + name).toURI()).toString();
    } catch (java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Removes the networks, and unmounts the disks, of processes that have ended. */
  static void removeAbandoned() throws IOException {
    Matcher bridges = BRIDGE.matcher(Shell.run("ip", "-o", "link"));
    while (bridges.find()) {
      Matcher alias = ALIAS.matcher(Shell.run("ip", "link", "show", bridges.group(1)));
      if (alias.find()
          && ProcessHandle.of(Long.parseLong(alias.group(1)))
              .filter(ProcessHandle::isAlive)
              .isEmpty()) {
        remove(bridges.group(1));
      }
    }
  }

  private static void remove(String bridge) throws IOException {
    var commands = new ArrayList<String[]>();
    for (String line : Shell.run("ip", "netns", "list").lines().toList()) {
      String space = line.split(" ")[0];
      if (space.startsWith(bridge + "n")) {
        for (String pid : Shell.run("ip", "netns", "pids", space).lines().toList()) {
          commands.add(new String[] {"kill", "-KILL", pid});
        }
        commands.add(new String[] {"ip", "netns", "delete", space});
      }
    }
    commands.addAll(Disk.removal(bridge));
    Matcher ports =
        Pattern.compile("(?m)^\\d+: (" + bridge + "p\\d+a?)@")
            .matcher(Shell.run("ip", "-o", "link"));
    while (ports.find()) {
      commands.add(new String[] {"ip", "link", "delete", ports.group(1)});
    }
    commands.add(new String[] {"ip", "link", "delete", bridge});
    Shell.tryAll(commands);
  }

  @Override
  public void close() throws IOException {
    for (Process process : slowLinks) {
      if (process != null) {
        process.destroyForcibly();
      }
    }
    remove(name());
  }
}
