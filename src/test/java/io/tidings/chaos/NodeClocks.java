package io.tidings.chaos;

import io.tidings.chaos.RightsHistory.Answered;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The clocks of all nodes, by what they answered. */
final class NodeClocks {
  private static final Duration ACKNOWLEDGEMENT = Duration.ofMillis(200);
  private static final Duration PULSE = Duration.ofMillis(250);

  private final Map<Integer, NodeClock> connected = new HashMap<>();
  private final Map<Integer, NodeClock> alive = new HashMap<>();
  private final History history;

  NodeClocks(History history) {
    this.history = history;
  }

  /**
   * Runs while a node stores events: it is connected to a majority, and has applied what was stored
   * before.
   */
  NodeClock connected(int node) {
    return connected.computeIfAbsent(
        node, one -> new NodeClock(acknowledgements(one), ACKNOWLEDGEMENT));
  }

  /** Runs while a node answers anything. */
  NodeClock alive(int node) {
    return alive.computeIfAbsent(node, one -> new NodeClock(history.rights().pulses(one), PULSE));
  }

  private List<Answered> acknowledgements(int node) {
    return history.publications().stream()
        .filter(publication -> publication.key().isEmpty()) // a key may be answered from memory
        .flatMap(publication -> publication.acknowledgements().stream())
        .filter(answer -> answer.node() == node)
        .map(answer -> new Answered(answer.sent(), answer.received()))
        .toList();
  }
}
