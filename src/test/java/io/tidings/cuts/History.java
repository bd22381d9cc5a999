package io.tidings.cuts;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** What publishers and readers saw, and a checker that knows nothing else. */
final class History {
  /** An answer to a publisher, with the offset that it names; -1: none. */
  private record Answer(long time, long offset) {}

  private record Receipt(Event event, long time) {}

  private final Map<Event, Answer> answers = new HashMap<>();
  private final List<List<Receipt>> receipts = new ArrayList<>();

  History() {
    Network.REGIONS.forEach(region -> receipts.add(new ArrayList<>()));
  }

  void answered(Event event, long offset, long time) {
    if (answers.put(event, new Answer(time, offset)) != null) {
      throw new IllegalStateException(event + " was answered twice");
    }
  }

  /** An event was delivered to the streams of a region, as the next one. */
  void received(int region, Event event, long time) {
    receipts.get(region).add(new Receipt(event, time));
  }

  int answered() {
    return answers.size();
  }

  /** The longest time between two receipts in a region. */
  long longestPause(int region) {
    long longest = 0;
    List<Receipt> all = receipts.get(region);
    for (int i = 1; i < all.size(); i++) {
      longest = Math.max(longest, all.get(i).time - all.get(i - 1).time);
    }
    return longest;
  }

  /** From publishing to the answer, in order of size. */
  long[] answerMicros(Predicate<Event> which) {
    return answers.entrySet().stream()
        .filter(answer -> which.test(answer.getKey()))
        .mapToLong(answer -> answer.getValue().time - answer.getKey().publishedAt())
        .sorted()
        .toArray();
  }

  /** From publishing to receiving in a region, in order of size. */
  long[] receiptMicros(int region, Predicate<Event> which) {
    return receipts.get(region).stream()
        .filter(receipt -> which.test(receipt.event))
        .mapToLong(receipt -> receipt.time - receipt.event.publishedAt())
        .sorted()
        .toArray();
  }

  /**
   * Checks, when everything has arrived, that all readers received the same events in the same
   * order, each once.
   *
   * @return that order
   * @throws AssertionError if not
   */
  List<Event> checkOneOrder() {
    List<Event> order = receipts.get(0).stream().map(Receipt::event).toList();
    for (List<Receipt> other : receipts) {
      if (!order.equals(other.stream().map(Receipt::event).toList())) {
        throw new AssertionError("two readers received different sequences");
      }
    }
    if (new HashSet<>(order).size() < order.size()) {
      throw new AssertionError("an event was received twice");
    }
    return order;
  }

  /**
   * Checks that too; and that what was answered is among the received, with the offset of the
   * answer; and that an event that was answered before another was published comes before it.
   *
   * @throws AssertionError if not
   */
  void check() {
    List<Event> order = checkOneOrder();
    long earliestAnswer = Long.MAX_VALUE; // of those that follow
    int received = 0;
    for (int offset = order.size() - 1; offset >= 0; offset--) {
      Event event = order.get(offset);
      if (earliestAnswer < event.publishedAt()) {
        throw new AssertionError(event + " comes before one that was answered before it began");
      }
      Answer answer = answers.get(event);
      if (answer != null) {
        received++;
        earliestAnswer = Math.min(earliestAnswer, answer.time);
        if (answer.offset != offset) {
          throw new AssertionError(event + " has offset " + offset + ", not that of its answer");
        }
      }
    }
    if (received < answers.size()) {
      throw new AssertionError(answers.size() - received + " answered events are missing");
    }
  }
}
