package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.chaos.RightsHistory.Answered;
import java.net.http.HttpClient;
import java.time.Duration;

/** Asks one node the simplest question again and again, to know when it answers. */
final class Pulse {
  private static final Duration PACE = Duration.ofMillis(100);

  private final Thread thread;
  private volatile boolean closed;

  Pulse(Node node, HttpClient http, RightsHistory history) {
    this.thread =
        new Thread(
            () -> {
              while (!closed) {
                long sent = System.nanoTime();
                if (node.live(http)) {
                  history.pulse(node.number(), new Answered(sent, System.nanoTime()));
                }
                Pacing.pause(PACE);
              }
            },
            "pulse-" + node.number());
    thread.start();
  }

  void close() throws InterruptedException {
    closed = true;
    thread.join();
  }
}
