package io.tidings.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An endless sequence of faults, made from a seed: each kind once, in another order each time. */
final class Schedule {
  /** The kinds to choose from: -Dchaos.faults=DISK_FULL,KILL; all without it. */
  private static final List<Fault> FAULTS =
      Pattern.compile(",")
          .splitAsStream(System.getProperty("chaos.faults", ""))
          .filter(name -> !name.isEmpty())
          .map(Fault::valueOf)
          .collect(
              Collectors.collectingAndThen(
                  Collectors.toList(), few -> few.isEmpty() ? List.of(Fault.values()) : few));

  private static final int SHORTEST_MILLIS = 500;
  private static final int TYPICAL_MILLIS = 4_500;
  private static final int LONGEST_MILLIS = 15_000;
  private static final int LONG_ONE_OF = 6;
  private static final int REST_MILLIS = 1_500;

  private final Random random;
  private final int nodes;
  private final List<Fault> round = new ArrayList<>();
  private int number;

  Schedule(long seed, int nodes) {
    this.random = new Random(seed);
    this.nodes = nodes;
  }

  Step next() {
    if (round.isEmpty()) {
      round.addAll(FAULTS);
      Collections.shuffle(round, random);
    }
    int node = 1 + random.nextInt(nodes);
    int other = 1 + (node + random.nextInt(nodes - 1)) % nodes;
    int most = random.nextInt(LONG_ONE_OF) == 0 ? LONGEST_MILLIS : TYPICAL_MILLIS;
    return new Step(
        ++number,
        round.remove(round.size() - 1),
        node,
        other,
        Duration.ofMillis(SHORTEST_MILLIS + random.nextInt(most - SHORTEST_MILLIS)),
        Duration.ofMillis(random.nextInt(REST_MILLIS)),
        random.nextLong());
  }
}
