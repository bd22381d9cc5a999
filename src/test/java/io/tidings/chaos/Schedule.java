package io.tidings.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An endless sequence of faults, made from a seed: each kind once, in another order each time. Some
 * are aimed at the node that leads then, and some overlap with another one.
 */
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
  private static final int AT_LEADER_ONE_OF = 2;
  private static final int OVERLAP_ONE_OF = 4;

  /** As many as there are nodes, whatever their number. */
  private static final int PLACES = 60;

  private final Random random;
  private final List<Fault> faults;
  private final List<Fault> round = new ArrayList<>();
  private int number;

  /**
   * @param possible which faults the run can have
   */
  Schedule(long seed, Predicate<Fault> possible) {
    this.random = new Random(seed);
    this.faults = FAULTS.stream().filter(possible).toList();
  }

  Step next() {
    if (round.isEmpty()) {
      round.addAll(faults);
      Collections.shuffle(round, random);
    }
    int place = 1 + random.nextInt(PLACES);
    int other = random.nextInt(PLACES);
    int most = random.nextInt(LONG_ONE_OF) == 0 ? LONGEST_MILLIS : TYPICAL_MILLIS;
    Fault fault = round.remove(round.size() - 1);
    return new Step(
        ++number,
        fault,
        new Step.Aim(place, random.nextInt(AT_LEADER_ONE_OF) == 0),
        other,
        overlapping(fault),
        Duration.ofMillis(SHORTEST_MILLIS + random.nextInt(most - SHORTEST_MILLIS)),
        Duration.ofMillis(random.nextInt(REST_MILLIS)),
        random.nextLong());
  }

  /** What happens to another node meanwhile: one of the kinds that happen to a single voter. */
  private Optional<Fault> overlapping(Fault fault) {
    Fault second = faults.get(random.nextInt(faults.size()));
    boolean overlaps = random.nextInt(OVERLAP_ONE_OF) == 0;
    boolean possible = second.overlaps() && !second.changesVoters() && !second.atEdge();
    return overlaps && fault.overlaps() && possible ? Optional.of(second) : Optional.empty();
  }
}
