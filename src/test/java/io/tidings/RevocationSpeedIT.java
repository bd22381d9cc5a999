package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures how long after the answer to a revocation the last stream of its principal ends, at each
 * of three nodes, and prints that. Asserts only that all of them end. {@code -Drounds=20} measures
 * more than once.
 */
@Timeout(300)
class RevocationSpeedIT {
  private static final int STREAMS = 1_000;
  private static final int ROUNDS = Integer.getInteger("rounds", 1);

  @TempDir private Path directory;

  @Test
  void allStreamsOfAPrincipalEndAtAllNodesWhenItIsRevoked() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), RevocationIT.SECRET);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    var millis = new ArrayList<List<Double>>();
    try (Nodes nodes = Nodes.start(3, "auth.secret=" + secret)) {
      for (int node = 0; node < nodes.count(); node++) {
        millis.add(new ArrayList<>());
      }
      for (int round = 0; round < ROUNDS; round++) {
        measure(nodes, round, millis);
      }
    }
    for (int node = 0; node < millis.size(); node++) {
      List<Double> sorted = millis.get(node).stream().sorted().toList();
      System.out.printf(
          Locale.ROOT,
          "revocation: node %d: the last stream ended after the answer, in ms: p50 %.1f, max %.1f (%d rounds, %d streams in all)%n",
          node,
          sorted.get(sorted.size() / 2),
          sorted.get(sorted.size() - 1),
          ROUNDS,
          STREAMS);
    }
  }

  private static void measure(Nodes nodes, int round, List<List<Double>> millis) throws Exception {
    String subject = "subject " + round;
    String token = RevocationIT.reader(subject, "token " + round);
    var streams = new ArrayList<EndingStreams>();
    try {
      for (int node = 0; node < nodes.count(); node++) {
        int count = (STREAMS + node) / nodes.count();
        streams.add(new EndingStreams(nodes.port(node), count, "/events/news", token));
      }
      Wait.until(
          "all are open", () -> streams.stream().mapToInt(EndingStreams::opened).sum() == STREAMS);
      String body = "{\"issuer\":\"tidings\",\"subject\":\"" + subject + "\"}";
      int at = round % nodes.count();
      // as the machine itself, which needs no token
      assertEquals(201, Nodes.post(nodes.url(at).resolve("revocations"), body).statusCode());
      long answered = System.nanoTime();
      Wait.until(
          "all have ended", () -> streams.stream().mapToInt(EndingStreams::ended).sum() == STREAMS);
      for (int node = 0; node < streams.size(); node++) {
        long nanos = streams.get(node).lastEndNanos() - answered;
        millis.get(node).add(nanos / (double) TimeUnit.MILLISECONDS.toNanos(1));
      }
    } finally {
      for (EndingStreams each : streams) {
        each.close();
      }
    }
  }
}
