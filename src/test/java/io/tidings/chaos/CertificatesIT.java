package io.tidings.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tidings.Pacing;
import io.tidings.TestAuthority;
import io.tidings.Wait;
import io.tidings.chaos.Network.Direction;
import io.tidings.chaos.Network.Verdict;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two hubs, as processes, whose connections break and are made anew: each new one checks both
 * certificates, though its TLS session could be resumed.
 */
@Timeout(300)
class CertificatesIT {
  private static final Path DIRECTORY = Path.of("target", "chaos", "tls").toAbsolutePath();

  /** Of a certificate that expires when the clocks are stepped. */
  private static final Duration LIFE = Duration.ofMinutes(2);

  /** Less than the 5 minutes for which OpenSSL would resume a session. */
  private static final Duration CLOCK_STEP = LIFE.plusMinutes(1);

  /** How often nothing may have changed, at the pace at which hubs ask each other. */
  private static final int LOOKS = 3;

  private static final Duration PACE = Duration.ofSeconds(1);

  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private static Cluster cluster;
  private static RunCertificates certificates;
  private static Node judge;
  private static Node other;

  @BeforeAll
  static void start() throws Exception {
    var plan = new Cluster.Plan(Cluster.Kind.CLUSTER, 2, 0, 0, true, Optional.empty(), List.of());
    cluster = Cluster.start(plan, DIRECTORY, HTTP, new History().voters());
    certificates = cluster.certificates().orElseThrow();
    judge = cluster.node(1);
    other = cluster.node(2);
  }

  @AfterAll
  static void stop() throws IOException {
    cluster.close();
  }

  @Test
  void aCertificateThatExpiresIsRefusedByTheNextConnections() throws Exception {
    String subject = certificates.install(other.number(), Instant.now().plus(LIFE));
    awaitTaken(other, subject);
    judge.skipOutput();
    for (Node node : cluster.nodes()) {
      node.stepClock((int) CLOCK_STEP.toSeconds());
    }
    assertRefused("CN=" + subject + " has expired on");
  }

  @Test
  void aCertificateWhoseAuthorityWasRemovedIsRefusedByTheNextConnections() throws Exception {
    String subject = certificates.install(other.number());
    awaitTaken(other, subject);
    TestAuthority old = certificates.replaceAuthority();
    certificates.trust(other.number(), old, certificates.authority());
    judge.skipOutput();
    certificates.trust(judge.number(), certificates.authority());
    awaitTaken(judge, certificates.install(judge.number()));
    assertRefused("CN=" + subject + " can't be verified");
  }

  /** The sessions of the connections before could be resumed, and nobody resumes them. */
  private static void assertRefused(String report) throws IOException {
    reconnect();
    Wait.until("it is refused", () -> judge.says(report));
    assertStaysRefused();
    awaitTaken(other, certificates.install(other.number()));
    for (Node node : cluster.nodes()) {
      Wait.until("it is connected", () -> cluster.isReady(node) && known(node) == 2);
    }
  }

  private static void awaitTaken(Node node, String subject) {
    Wait.until(
        "node " + node.number() + " uses " + subject,
        () -> node.says("new certificates are in use: CN=" + subject + ","));
  }

  /** Breaks all connections between the nodes, and lets them make others. */
  private static void reconnect() throws IOException {
    int number = other.number();
    cluster
        .network()
        .apply(
            Verdict.RESET,
            number,
            Direction.BOTH,
            List.of(cluster.network().address(judge.number())));
    Wait.until("the nodes have lost each other", CertificatesIT::apart);
    cluster.network().heal(number);
  }

  /** Neither has a majority, and no request of one is answered by the other. */
  private static boolean apart() throws IOException {
    for (Node node : cluster.nodes()) {
      if (cluster.isReady(node) || known(node) > 1) {
        return false;
      }
    }
    return true;
  }

  private static void assertStaysRefused() throws IOException {
    for (int i = 0; i < LOOKS; i++) {
      for (Node node : cluster.nodes()) {
        assertFalse(cluster.isReady(node), "Raft goes on");
        assertEquals(1, known(node), "node " + node.number() + " is answered");
      }
      Pacing.pause(PACE);
    }
  }

  /** How many hubs a node has reports of, itself included. */
  private static int known(Node node) throws IOException {
    return node.ask("cluster", HTTP)
        .map(answer -> new JsonObject(answer.body()).getJsonArray("nodes").size())
        .orElseThrow();
  }
}
