package io.tidings.chaos;

import io.tidings.chaos.Violation.Kind;
import io.tidings.chaos.VotersHistory.Outcome;
import io.tidings.chaos.VotersHistory.Request;
import io.tidings.chaos.VotersHistory.Seen;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Judges what became of changes of the voters: that a term has one leader, that the voters in the
 * end are those of the last change that was answered, or of one whose outcome is unknown, and that
 * no node ever had voters whom nobody asked for.
 */
final class VotersChecker {
  private final VotersHistory history;
  private final List<Violation> violations = new ArrayList<>();

  private VotersChecker(VotersHistory history) {
    this.history = history;
  }

  static List<Violation> check(VotersHistory history) {
    var checker = new VotersChecker(history);
    List<Seen> confirmed = checker.confirmed();
    checker.checkLeaders(confirmed);
    checker.checkSets(confirmed);
    checker.checkRequests();
    checker.checkEnd();
    return checker.violations;
  }

  private void violated(Kind kind, String format, Object... arguments) {
    violations.add(new Violation(kind, format.formatted(arguments)));
  }

  /**
   * What a node said twice in a row. A node reads term, leader and voters one after the other, so a
   * single answer may have the leader of one term and the number of the next.
   */
  private List<Seen> confirmed() {
    Map<String, Seen> before = new HashMap<>();
    var confirmed = new ArrayList<Seen>();
    for (Seen one : history.seen()) {
      Seen previous = before.put(one.address(), one);
      if (previous != null && previous.agrees(one)) {
        confirmed.add(one);
      }
    }
    return confirmed;
  }

  private void checkLeaders(List<Seen> confirmed) {
    Map<Long, Seen> leaders = new HashMap<>();
    for (Seen one : confirmed) {
      if (one.leader().isEmpty()) {
        continue;
      }
      Seen other = leaders.putIfAbsent(one.term(), one);
      if (other != null && !other.leader().equals(one.leader())) {
        violated(Kind.TWO_LEADERS, "%s and %s", other, one);
      }
    }
  }

  private void checkSets(List<Seen> confirmed) {
    var asked = new HashSet<Set<String>>();
    asked.add(history.first());
    history.requests().stream()
        .filter(request -> request.ask().valid())
        .forEach(request -> asked.add(Set.copyOf(request.ask().target())));
    var told = new HashSet<Set<String>>();
    for (Seen one : confirmed) {
      boolean known = one.voters().isEmpty() || asked.contains(one.voters()); // empty: it waits
      if (!one.changing() && !known && told.add(one.voters())) {
        violated(Kind.VOTERS_FROM_NOWHERE, "%s", one);
      }
    }
  }

  private void checkRequests() {
    for (Request request : history.requests()) {
      if (!request.ask().valid() && request.outcome() != Outcome.REFUSED) {
        violated(Kind.VOTERS_NOT_REFUSED, "%s", request);
      }
    }
  }

  private void checkEnd() {
    Set<Set<String>> possible = possible();
    for (Seen one : history.last()) {
      if (one.changing() || !possible.contains(one.voters())) {
        violated(Kind.VOTERS_DIFFER, "%s, and not one of %s", one, possible);
      }
    }
    Set<String> answered = history.last().stream().map(Seen::address).collect(Collectors.toSet());
    if (history.last().stream().anyMatch(one -> !one.voters().equals(answered))
        || answered.isEmpty()) {
      violated(Kind.VOTERS_DIFFER, "%s, by %s", history.last(), answered);
    }
  }

  /**
   * Those of the last request that was done, and of those that are unknown and may have come after
   * it: an unknown one that was answered before another was asked and done is over, since the
   * voters were then those of the other one, and nobody would change them again but by a new
   * request.
   */
  private Set<Set<String>> possible() {
    var possible = new HashSet<Set<String>>();
    possible.add(history.first());
    List<Request> requests =
        history.requests().stream().sorted(Comparator.comparingLong(Request::answered)).toList();
    long begin = Long.MIN_VALUE;
    for (Request request : requests) {
      if (request.outcome() == Outcome.DONE) {
        possible.clear();
        possible.add(Set.copyOf(request.ask().target()));
        begin = request.sent();
      }
    }
    for (Request request : requests) {
      // compared by difference, since nanoTime may overflow
      boolean open = begin == Long.MIN_VALUE || request.answered() - begin > 0;
      if (request.outcome() == Outcome.UNKNOWN && open) {
        possible.add(Set.copyOf(request.ask().target()));
      }
    }
    return possible;
  }
}
