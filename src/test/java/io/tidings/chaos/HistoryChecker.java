package io.tidings.chaos;

import io.tidings.chaos.Answer.Outcome;
import io.tidings.chaos.Publication.Sent;
import io.tidings.chaos.Violation.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/**
 * Judges a history by the promises to clients alone: what was answered is true, there is one order,
 * and every reader sees it without holes.
 *
 * <p>The order is that of the nodes' replays, made when everything had ended; they must be equal.
 * Each reader must have received, of its topics, the part of it from its begin to the end.
 */
final class HistoryChecker {
  private final List<Publication> publications;
  private final List<ReaderHistory> readers;
  private final NavigableMap<Integer, List<Delivery>> replays;

  /** The replay that all others are compared with. */
  private final List<Delivery> log;

  private final Map<String, Publication> publicationByEvent = new HashMap<>();
  private final List<Violation> violations = new ArrayList<>();

  private HistoryChecker(History history) {
    this.publications = history.publications();
    this.readers = history.readers();
    this.replays = history.replays();
    this.log = replays.firstEntry().getValue();
  }

  /**
   * Returns all violations.
   *
   * @param history complete, with at least one replay
   */
  static List<Violation> check(History history) {
    return new HistoryChecker(history).check();
  }

  private List<Violation> check() {
    for (Publication publication : publications) {
      publication.events().forEach(sent -> publicationByEvent.put(sent.event(), publication));
    }
    for (Publication publication : publications) {
      if (publication.acknowledgements().stream().map(Answer::ids).distinct().count() > 1) {
        violated(Kind.ANSWERS_DIFFER, "%s", publication);
      }
    }
    replays.forEach(this::checkReplay);
    checkTimes();
    readers.forEach(this::checkReader);
    return List.copyOf(violations);
  }

  private void violated(Kind kind, String format, Object... arguments) {
    violations.add(new Violation(kind, format.formatted(arguments)));
  }

  private void checkReplay(int node, List<Delivery> replay) {
    var byEvent = new HashMap<String, Delivery>();
    var eventById = new HashMap<String, String>();
    for (Delivery entry : replay) {
      if (byEvent.put(entry.event(), entry) != null) {
        violated(Kind.TWICE, "%s is stored twice on node %d", entry, node);
      }
      String other = eventById.put(entry.id(), entry.event());
      if (other != null && !other.equals(entry.event())) {
        violated(Kind.ID_DIFFERS, "%s on node %d has the id of %s", entry, node, other);
      }
      checkPublished(entry, "on node " + node);
    }
    checkEqual(node, replay);
    publications.forEach(publication -> checkAnswers(publication, node, byEvent));
    checkBatches(node, replay, byEvent);
  }

  private void checkPublished(Delivery entry, String where) {
    Publication publication = publicationByEvent.get(entry.event());
    if (publication == null) {
      violated(Kind.FROM_NOWHERE, "%s %s", entry, where);
    } else if (publication.outcome() == Outcome.REFUSED) {
      violated(Kind.REFUSED_BUT_THERE, "%s %s: %s", entry, where, publication);
    }
  }

  private void checkEqual(int node, List<Delivery> replay) {
    int common = Math.min(log.size(), replay.size());
    for (int i = 0; i < common; i++) {
      if (!log.get(i).equals(replay.get(i))) {
        violated(
            Kind.REPLAYS_DIFFER,
            "entry %d is %s on node %d, and %s on node %d",
            i,
            log.get(i),
            replays.firstKey(),
            replay.get(i),
            node);
        return;
      }
    }
    if (log.size() != replay.size()) {
      violated(
          Kind.REPLAYS_DIFFER,
          "%d entries on node %d, and %d on node %d",
          log.size(),
          replays.firstKey(),
          replay.size(),
          node);
    }
  }

  /** What was acknowledged is there, with the ids that every acknowledgement named. */
  private void checkAnswers(Publication publication, int node, Map<String, Delivery> byEvent) {
    for (Answer answer : publication.acknowledgements()) {
      List<Sent> events = publication.events();
      if (answer.ids().size() != events.size()) {
        violated(Kind.ANSWERS_DIFFER, "%d ids in %s", answer.ids().size(), publication);
        return;
      }
      for (int i = 0; i < events.size(); i++) {
        Delivery entry = byEvent.get(events.get(i).event());
        if (entry == null) {
          violated(Kind.LOST, "%s is not on node %d: %s", events.get(i).event(), node, publication);
          return;
        }
        if (!entry.id().equals(answer.ids().get(i))) {
          violated(Kind.ID_DIFFERS, "%s on node %d: %s", entry, node, publication);
          return;
        }
      }
    }
  }

  private void checkBatches(int node, List<Delivery> replay, Map<String, Delivery> byEvent) {
    var indexes = new HashMap<String, Integer>();
    for (int i = 0; i < replay.size(); i++) {
      indexes.put(replay.get(i).event(), i);
    }
    for (Publication publication : publications) {
      List<String> events = publication.events().stream().map(Sent::event).toList();
      long there = events.stream().filter(byEvent::containsKey).count();
      if (there > 0 && there < events.size()) {
        violated(
            Kind.TORN_BATCH, "%d of %d on node %d: %s", there, events.size(), node, publication);
      } else if (there > 0) {
        List<Integer> order = events.stream().map(indexes::get).toList();
        if (!order.equals(order.stream().sorted().toList())) {
          violated(Kind.TORN_BATCH, "another order on node %d: %s", node, publication);
        }
      }
    }
  }

  /**
   * An event that was first sent after another one had been acknowledged comes after it: the order
   * is one that a single log could have made in the time that the publishers saw.
   */
  private void checkTimes() {
    long acknowledged = Long.MAX_VALUE; // the earliest acknowledgement of all later entries
    Delivery earliest = null;
    for (int i = log.size() - 1; i >= 0; i--) {
      Delivery entry = log.get(i);
      Publication publication = publicationByEvent.get(entry.event());
      if (publication == null || publication.firstSent().isEmpty()) {
        continue;
      }
      // compared by difference, since nanoTime may overflow
      if (earliest != null && publication.firstSent().getAsLong() - acknowledged > 0) {
        violated(
            Kind.BEFORE_ITS_TIME,
            "%s was sent when %s, which comes later, was acknowledged",
            entry,
            earliest);
      }
      if (publication.firstAcknowledged().isPresent()
          && (earliest == null || publication.firstAcknowledged().getAsLong() - acknowledged < 0)) {
        acknowledged = publication.firstAcknowledged().getAsLong();
        earliest = entry;
      }
    }
  }

  private void checkReader(ReaderHistory reader) {
    reader.gaps().forEach(gap -> violated(Kind.GAP, "%s: %s", reader.name(), gap));
    reader.damages().forEach(damage -> violated(Kind.DAMAGED, "%s: %s", reader.name(), damage));
    List<Delivery> expected =
        log.subList(begin(reader), log.size()).stream()
            .filter(entry -> reader.topics().test(entry.topic()))
            .toList();
    var indexes = new HashMap<String, Integer>();
    for (int i = 0; i < expected.size(); i++) {
      indexes.put(expected.get(i).event(), i);
    }
    var seen = new HashSet<String>();
    int next = 0;
    for (Delivery delivery : reader.deliveries()) {
      Integer index = indexes.get(delivery.event());
      if (!seen.add(delivery.event())) {
        violated(Kind.TWICE, "%s received %s twice", reader.name(), delivery);
      } else if (index == null) {
        checkPublished(delivery, "received by " + reader.name());
        violated(Kind.DELIVERED_THEN_LOST, "%s received %s", reader.name(), delivery);
      } else {
        if (!expected.get(index).id().equals(delivery.id())) {
          violated(
              Kind.ID_DIFFERS,
              "%s received %s, stored as %s",
              reader.name(),
              delivery,
              expected.get(index).id());
        }
        if (index < next) {
          violated(
              Kind.REORDERED,
              "%s received %s after %s",
              reader.name(),
              delivery,
              expected.get(next - 1));
        }
        next = Math.max(next, index + 1);
      }
    }
    checkMissed(reader, expected, seen);
  }

  /** The index of the first entry that the reader should receive. */
  private int begin(ReaderHistory reader) {
    for (int i = 0; i < log.size() && !reader.begin().isEmpty(); i++) {
      if (log.get(i).id().equals(reader.begin())) {
        return i + 1;
      }
    }
    return 0;
  }

  private void checkMissed(ReaderHistory reader, List<Delivery> expected, HashSet<String> seen) {
    List<Delivery> missed =
        expected.stream().filter(entry -> !seen.contains(entry.event())).toList();
    if (!missed.isEmpty()) {
      violated(
          Kind.MISSED,
          "%s received %d of %d, not %s to %s",
          reader.name(),
          seen.size(),
          expected.size(),
          missed.get(0),
          missed.get(missed.size() - 1));
    }
  }
}
