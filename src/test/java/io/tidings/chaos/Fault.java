package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.chaos.Network.Direction;
import io.tidings.chaos.Network.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * What happens to a minority of the nodes, and sometimes to all of them. Each begins, holds and
 * ends.
 */
enum Fault {
  /** kill -9, and a new process. */
  KILL {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Node node = cluster.node(step.node());
      node.kill();
      step.pause();
      node.start();
    }
  },
  /** kill -9 of all nodes at once. */
  KILL_ALL {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      for (Node node : cluster.nodes()) {
        node.signal("KILL");
      }
      for (Node node : cluster.nodes()) {
        node.kill();
      }
      for (Node node : cluster.nodes()) {
        node.start();
      }
    }
  },
  /** kill -9 of all nodes while one receives what it has missed. */
  KILL_ALL_BEHIND {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Node node = cluster.node(step.node());
      node.kill();
      step.pause();
      node.start();
      Pacing.pause(Duration.ofMillis(new Random(step.seed()).nextInt(START_MILLIS)));
      KILL_ALL.run(cluster, step);
    }
  },
  /** SIGTERM, and a new process. */
  RESTART {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Node node = cluster.node(step.node());
      node.terminate();
      node.start();
    }
  },
  /** SIGSTOP: the process hangs, its sockets stay open. */
  HANG {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Node node = cluster.node(step.node());
      node.signal("STOP");
      try {
        step.pause();
      } finally {
        node.signal("CONT");
      }
    }
  },
  /** Cut off from the other nodes; clients still reach it. */
  CUT_FROM_NODES {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Network network = cluster.network();
      hold(cluster, step, Verdict.DROP, Direction.BOTH, network.others(step.node()));
    }
  },
  /** Cut off from everybody. */
  CUT_OFF {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      hold(cluster, step, Verdict.DROP, Direction.BOTH, cluster.network().everybody());
    }
  },
  /** Hears no other node; they hear it. */
  CUT_IN {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      hold(cluster, step, Verdict.DROP, Direction.IN, cluster.network().others(step.node()));
    }
  },
  /** Is heard by no other node; hears them. */
  CUT_OUT {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      hold(cluster, step, Verdict.DROP, Direction.OUT, cluster.network().others(step.node()));
    }
  },
  /** Two nodes do not reach each other; both reach all others. */
  CUT_LINK {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      hold(
          cluster,
          step,
          Verdict.DROP,
          Direction.BOTH,
          List.of(cluster.network().address(step.other())));
    }
  },
  /** A firewall answers for the other nodes with RST. */
  RESET {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      hold(cluster, step, Verdict.RESET, Direction.BOTH, cluster.network().others(step.node()));
    }
  },
  /** Cut off from the other nodes, and not, in turns. */
  FLAP {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Network network = cluster.network();
      var random = new Random(step.seed());
      long end = System.nanoTime() + step.hold().toNanos();
      while (System.nanoTime() - end < 0) {
        network.apply(Verdict.DROP, step.node(), Direction.BOTH, network.others(step.node()));
        Pacing.pause(Duration.ofMillis(100 + random.nextInt(800)));
        network.heal(step.node());
        Pacing.pause(Duration.ofMillis(100 + random.nextInt(800)));
      }
    }
  },
  /** One node is cut off, then another one instead. */
  SWAP {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Network network = cluster.network();
      network.apply(Verdict.DROP, step.node(), Direction.BOTH, network.others(step.node()));
      step.pause();
      network.heal(step.node());
      network.apply(Verdict.DROP, step.other(), Direction.BOTH, network.others(step.other()));
      step.pause();
      network.heal(step.other());
    }
  },
  /** One link after another is cut for a moment. */
  FLAP_LINKS {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Network network = cluster.network();
      var random = new Random(step.seed());
      int nodes = cluster.nodes().size();
      long end = System.nanoTime() + step.hold().toNanos();
      while (System.nanoTime() - end < 0) {
        int node = 1 + random.nextInt(nodes);
        int other = 1 + (node + random.nextInt(nodes - 1)) % nodes;
        network.apply(Verdict.DROP, node, Direction.BOTH, List.of(network.address(other)));
        Pacing.pause(Duration.ofMillis(100 + random.nextInt(1_500)));
        network.heal(node);
        Pacing.pause(Duration.ofMillis(random.nextInt(500)));
      }
    }
  },
  /** One packet of ten is lost. */
  LOSSES {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      hold(cluster, step, Verdict.LOSE, Direction.BOTH, cluster.network().everybody());
    }
  },
  /** Every packet takes longer, some longer than others. */
  SLOW_LINK {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      var random = new Random(step.seed());
      int millis = 5 + random.nextInt(200);
      cluster.network().slow(step.node(), millis, random.nextInt(millis));
      try {
        step.pause();
      } finally {
        cluster.network().hasten(step.node());
      }
    }
  },
  /** The clock is stepped, and back. */
  CLOCK {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      int seconds = STEPS[new Random(step.seed()).nextInt(STEPS.length)];
      cluster.node(step.node()).stepClock(seconds);
      step.pause();
      cluster.node(step.node()).stepClock(0);
    }
  },
  /** The disk is full. */
  DISK_FULL {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Disk disk = cluster.node(step.node()).disk();
      disk.fill();
      try {
        step.pause();
      } finally {
        disk.free();
      }
    }
  },
  /** The disk hangs. */
  DISK_HANGS {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Disk disk = cluster.node(step.node()).disk();
      disk.freeze();
      try {
        step.pause();
      } finally {
        disk.thaw();
      }
    }
  },
  /** The disk hangs for longer than any other fault lasts. */
  DISK_HANGS_LONG {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Disk disk = cluster.node(step.node()).disk();
      disk.freeze();
      try {
        Pacing.pause(LONG_HANG.plus(step.hold()));
      } finally {
        disk.thaw();
      }
    }
  },
  /** The disk fails, until the machine is started again. */
  DISK_FAILS {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Node node = cluster.node(step.node());
      node.disk().fail();
      step.pause();
      node.kill();
      node.disk().recover();
      node.start();
    }
  },
  /** The machine loses its power, and what its disk had not flushed. */
  POWER_CUT {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Node node = cluster.node(step.node());
      node.signal("STOP");
      node.disk().fail();
      node.kill();
      step.pause();
      node.disk().recover();
      node.start();
    }
  };

  private static final Duration LONG_HANG = Duration.ofSeconds(10);

  /** The longest time that a process has before all are killed. */
  private static final int START_MILLIS = 4_000;

  private static final int[] STEPS = {-3_600, -60, -2, 2, 60, 3_600};

  /** Begins, holds and ends the fault. */
  abstract void run(Cluster cluster, Step step) throws IOException;

  /** Whether it ends with a new process, which needs some seconds to start. */
  boolean restarts() {
    return switch (this) {
      case KILL, KILL_ALL, KILL_ALL_BEHIND, RESTART, DISK_FAILS, POWER_CUT -> true;
      default -> false;
    };
  }

  /** Whether it happens to two nodes. */
  boolean needsTwo() {
    return this == CUT_LINK || this == SWAP;
  }

  /** Whether it happens to all nodes. */
  boolean needsAll() {
    return this == KILL_ALL || this == KILL_ALL_BEHIND || this == FLAP_LINKS;
  }

  /** Whether a majority ends. */
  boolean endsMajority() {
    return this == KILL_ALL || this == KILL_ALL_BEHIND;
  }

  private static void hold(
      Cluster cluster, Step step, Verdict verdict, Direction direction, List<String> addresses)
      throws IOException {
    cluster.network().apply(verdict, step.node(), direction, addresses);
    try {
      step.pause();
    } finally {
      cluster.network().heal(step.node());
    }
  }
}
