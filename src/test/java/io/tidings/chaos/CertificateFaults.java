package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.TestAuthority;
import io.tidings.Wait;
import io.tidings.chaos.Network.Direction;
import io.tidings.chaos.Network.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** What happens to the certificates of nodes. */
final class CertificateFaults {
  private static final Duration LIFE = Duration.ofSeconds(6);
  private static final Duration RECONNECT = Duration.ofSeconds(4);

  /** After which all nodes have taken their new files, on a machine that others use. */
  private static final Duration TAKEN = RunCertificates.RELOAD.multipliedBy(4);

  private CertificateFaults() {}

  /** A node is started with a certificate that has expired, and refuses; then with a good one. */
  static void expiredAtStart(Cluster cluster, Step step) throws IOException {
    RunCertificates certificates = cluster.certificates().orElseThrow();
    Node node = cluster.node(step.node());
    certificates.install(node.number(), Instant.now().minus(Duration.ofHours(1)));
    node.kill();
    node.start();
    Wait.until("a node with an expired certificate ends", () -> !node.runs());
    if (!node.says("has expired on")) {
      throw new AssertionError("it does not say that its certificate has expired");
    }
    step.pause();
    certificates.install(node.number());
    node.start();
  }

  /**
   * A certificate expires while its node runs. When the node's connections break, it is cut off,
   * until it has a good one.
   */
  static void expires(Cluster cluster, Step step) throws IOException {
    RunCertificates certificates = cluster.certificates().orElseThrow();
    Node node = cluster.node(step.node());
    node.skipOutput();
    try {
      String subject = installBrief(certificates, node);
      Wait.until(
          "the node knows that it has expired",
          () -> node.says("in use has expired: CN=" + subject + ","));
      breakConnections(cluster, node);
      step.pause();
      if (cluster.isReady(node)) {
        throw new AssertionError("a node with an expired certificate is connected again");
      }
    } finally {
      certificates.install(node.number());
    }
  }

  /**
   * Gives a node a certificate that is valid until the node has taken it, and for some seconds
   * more; returns its subject.
   */
  private static String installBrief(RunCertificates certificates, Node node) throws IOException {
    for (Duration life = LIFE; ; life = life.multipliedBy(2)) { // a loaded machine takes long
      Instant expires = Instant.now().plus(life);
      String subject = certificates.install(node.number(), expires);
      String taken = "new certificates are in use: CN=" + subject + ",";
      Wait.until(
          "the node has read its certificate",
          () -> node.says(taken) || Instant.now().isAfter(expires));
      if (node.says(taken)) {
        return subject;
      }
    }
  }

  private static void breakConnections(Cluster cluster, Node node) throws IOException {
    Network network = cluster.network();
    int number = node.number();
    network.apply(Verdict.RESET, number, Direction.BOTH, network.others(number));
    try {
      Pacing.pause(RECONNECT);
    } finally {
      network.heal(number);
    }
    Pacing.pause(RECONNECT);
  }

  /** All nodes get other certificates of the same authority, one after the other. */
  static void renew(Cluster cluster, Step step) throws IOException {
    var random = new Random(step.seed());
    var nodes = new ArrayList<>(cluster.serving());
    Collections.shuffle(nodes, random);
    for (Node node : nodes) {
      cluster.certificates().orElseThrow().install(node.number());
      Pacing.pause(step.hold().dividedBy(nodes.size()));
    }
  }

  /** All nodes get certificates of another authority, in the three steps of docs/cluster.md. */
  static void replaceAuthority(Cluster cluster, Step step) throws IOException {
    RunCertificates certificates = cluster.certificates().orElseThrow();
    TestAuthority old = certificates.replaceAuthority();
    TestAuthority now = certificates.authority();
    List<Node> nodes = cluster.serving();
    for (Node node : nodes) {
      certificates.trust(node.number(), old, now);
    }
    Pacing.pause(TAKEN);
    for (Node node : nodes) {
      certificates.install(node.number());
    }
    Pacing.pause(TAKEN);
    for (Node node : nodes) {
      certificates.trust(node.number(), now);
    }
    Pacing.pause(TAKEN);
    breakConnections(cluster, cluster.node(step.node()));
  }
}
