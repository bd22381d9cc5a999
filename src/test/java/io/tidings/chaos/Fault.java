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
      for (Node node : cluster.members().all()) {
        node.signal("KILL");
      }
      for (Node node : cluster.members().all()) {
        node.kill();
      }
      for (Node node : cluster.members().all()) {
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
      Members members = cluster.members();
      int nodes = members.all().size();
      long end = System.nanoTime() + step.hold().toNanos();
      while (System.nanoTime() - end < 0) {
        int place = 1 + random.nextInt(nodes);
        int node = members.at(place).number();
        int other = members.at(place + 1 + random.nextInt(nodes - 1)).number();
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
  },
  /** A spare node takes the place of a voter. */
  REPLACE(MemberFaults::replace),
  /** A spare node takes the place of a voter that was killed. */
  REPLACE_DEAD(MemberFaults::replaceDead),
  /** A spare node takes the place of a voter while another one hangs. */
  REPLACE_WHILE_PAUSED(MemberFaults::replaceWhilePaused),
  /** A spare node takes the place of a voter while the disk of another one hangs. */
  REPLACE_WHILE_DISK_HANGS(MemberFaults::replaceWhileDiskHangs),
  /** Three voters become five, or five three. */
  RESIZE(MemberFaults::resize),
  /** The leader is killed while a spare node takes the place of a voter. */
  CHANGE_INTERRUPTED(MemberFaults::interrupt),
  /** Changes of the voters that must be refused. */
  CHANGE_REFUSED(MemberFaults::refused),
  /** A voter comes back without what it had stored. */
  EMPTIED(MemberFaults::emptied),
  /** A node is started with a certificate that has expired. */
  CERTIFICATE_EXPIRED(CertificateFaults::expiredAtStart),
  /** The certificate of a node expires while it runs, and its connections break. */
  CERTIFICATE_EXPIRES(CertificateFaults::expires),
  /** All nodes get other certificates. */
  CERTIFICATES_RENEWED(CertificateFaults::renew),
  /** All nodes get certificates of another authority. */
  AUTHORITY_REPLACED(CertificateFaults::replaceAuthority),
  /** kill -9 of an edge, and a new process. */
  EDGE_KILLED(KILL),
  /** The process of an edge hangs. */
  EDGE_HANGS(HANG),
  /** An edge is cut off from the other nodes; clients still reach it. */
  EDGE_CUT_FROM_NODES(CUT_FROM_NODES),
  /** The machine of an edge loses its power. */
  EDGE_POWER_CUT(POWER_CUT),
  /** An edge is ended for a while; another one takes its place, or it comes back. */
  EDGE_SWAPPED {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Node edge = cluster.node(step.node());
      edge.terminate();
      step.pause();
      if (new Random(step.seed()).nextBoolean()) {
        edge.disk().empty();
      }
      cluster.follow(edge);
      edge.start();
    }
  },
  /** SIGTERM, and a new process of the other version, if there is one. */
  OTHER_VERSION {
    @Override
    void run(Cluster cluster, Step step) throws IOException {
      Node node = cluster.node(step.node());
      node.terminate();
      cluster.changeVersion(node);
      node.start();
    }
  };

  private static final Duration LONG_HANG = Duration.ofSeconds(10);

  /** The longest time that a process has before all are killed. */
  private static final int START_MILLIS = 4_000;

  private static final int[] STEPS = {-3_600, -60, -2, 2, 60, 3_600};

  private final Course course;

  Fault() {
    this((cluster, step) -> {}); // it overrides run
  }

  Fault(Course course) {
    this.course = course;
  }

  /**
   * @param atVoter the same at a voter
   */
  Fault(Fault atVoter) {
    this(atVoter::run);
  }

  /** What happens in a fault. */
  private interface Course {
    void run(Cluster cluster, Step step) throws IOException;
  }

  /** Begins, holds and ends the fault. */
  void run(Cluster cluster, Step step) throws IOException {
    course.run(cluster, step);
  }

  /** Whether it ends with a new process, which needs some seconds to start. */
  boolean restarts() {
    return switch (this) {
      case KILL, KILL_ALL, KILL_ALL_BEHIND, RESTART, DISK_FAILS, POWER_CUT -> true;
      case OTHER_VERSION, CERTIFICATE_EXPIRED -> true;
      case EDGE_KILLED, EDGE_POWER_CUT, EDGE_SWAPPED -> true;
      default -> changesVoters();
    };
  }

  /** Whether a spare node is started and added, or a voter removed. */
  boolean changesVoters() {
    return switch (this) {
      case REPLACE, REPLACE_DEAD, REPLACE_WHILE_PAUSED, REPLACE_WHILE_DISK_HANGS -> true;
      case RESIZE, CHANGE_INTERRUPTED, EMPTIED -> true;
      default -> false;
    };
  }

  /** Whether it happens to an edge. */
  boolean atEdge() {
    return switch (this) {
      case EDGE_KILLED, EDGE_HANGS, EDGE_CUT_FROM_NODES -> true;
      case EDGE_POWER_CUT, EDGE_SWAPPED -> true;
      default -> false;
    };
  }

  /** Whether it is about certificates. */
  boolean needsTls() {
    return switch (this) {
      case CERTIFICATE_EXPIRED, CERTIFICATE_EXPIRES -> true;
      case CERTIFICATES_RENEWED, AUTHORITY_REPLACED -> true;
      default -> false;
    };
  }

  /** Whether it happens to two nodes. */
  boolean needsTwo() {
    return switch (this) {
      case CUT_LINK, SWAP, REPLACE_WHILE_PAUSED, REPLACE_WHILE_DISK_HANGS -> true;
      default -> false;
    };
  }

  /** Whether it happens to all nodes. */
  boolean needsAll() {
    return this == KILL_ALL || this == KILL_ALL_BEHIND || this == FLAP_LINKS;
  }

  /**
   * Whether another fault can happen to another node meanwhile: what is expected stays the same.
   */
  boolean overlaps() {
    return switch (this) {
      case CHANGE_INTERRUPTED, CHANGE_REFUSED, EMPTIED -> false;
      case CERTIFICATE_EXPIRED, CERTIFICATE_EXPIRES, AUTHORITY_REPLACED -> false;
      default -> !needsTwo() && !needsAll();
    };
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
