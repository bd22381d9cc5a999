package io.tidings.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Chooses tokens and topics at random. Confined to one thread. */
final class RandomRights {
  private static final int SHORT_ONE_OF = 3;
  private static final int SHORTEST_MILLIS = 4_000;
  private static final int SHORT_MILLIS = 12_000;
  private static final int GLOB_ONE_OF = 3;
  private static final int MISTAKE_ONE_OF = 12;

  private final Random random;

  RandomRights(Random random) {
    this.random = random;
  }

  /** A token for some of the closed topics; some are valid for seconds only. */
  Token token(Account account) {
    Duration life =
        random.nextInt(SHORT_ONE_OF) == 0
            ? Duration.ofMillis(SHORTEST_MILLIS + random.nextInt(SHORT_MILLIS))
            : Token.LONG;
    return account.create(Set.copyOf(some(Topics.CLOSED)), life);
  }

  /** Patterns to ask for: what the token grants, a glob, or more than it grants. */
  List<String> topics(Token token) {
    if (random.nextInt(GLOB_ONE_OF) == 0) {
      return List.of(Topics.ANY);
    } else if (random.nextInt(MISTAKE_ONE_OF) == 0) {
      return some(Topics.CLOSED);
    }
    var topics = new ArrayList<>(some(new ArrayList<>(token.topics())));
    topics.addAll(some(Topics.OPEN).subList(0, 1));
    return topics;
  }

  private List<String> some(List<String> all) {
    var some = new ArrayList<>(all);
    Collections.shuffle(some, random);
    return some.subList(0, 1 + random.nextInt(some.size()));
  }
}
