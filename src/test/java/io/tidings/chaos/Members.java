package io.tidings.chaos;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The nodes that clients know and use: the voters, as far as the last change is known, in an order
 * in which a new one takes the place of the one that it replaces. Thread-safe.
 */
final class Members {
  private volatile List<Node> nodes = List.of();

  void set(List<Node> now) {
    nodes = List.copyOf(now);
  }

  List<Node> all() {
    return nodes;
  }

  Node any(Random random) {
    List<Node> now = nodes;
    return now.get(random.nextInt(now.size()));
  }

  /** The node at a place, from 1; places beyond the last one begin again. */
  Node at(int place) {
    List<Node> now = nodes;
    return now.get((place - 1) % now.size());
  }

  /** The place of the node with this number; empty if it is no member. */
  Optional<Integer> place(int number) {
    List<Node> now = nodes;
    return IntStream.range(0, now.size())
        .filter(i -> now.get(i).number() == number)
        .mapToObj(i -> i + 1)
        .findFirst();
  }
}
