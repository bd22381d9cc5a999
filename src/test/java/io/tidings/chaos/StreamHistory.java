package io.tidings.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongPredicate;

/**
 * One stream of a reader with rights: what it received, in order, and how it was renewed. Written
 * by the thread that reads it, and by the one that renews it.
 */
final class StreamHistory {
  /** What the stream received, at a time of {@link System#nanoTime}. */
  sealed interface Item {
    long time();
  }

  /**
   * The hub told the topics of the stream.
   *
   * @param id where the stream begins; empty when it was renewed
   */
  record Told(long time, String id, Set<String> topics) implements Item {}

  /**
   * An event.
   *
   * @param begun when the first part of it arrived
   */
  record Received(long time, long begun, Delivery delivery) implements Item {}

  /** An id without an event. */
  record Mark(long time, String id) implements Item {}

  /** What must not be in a stream. */
  record Fault(long time, Violation.Kind kind, String detail) implements Item {}

  /** The hub told why it ends the stream. */
  record End(long time, String id, String reason) implements Item {}

  /** What is known of a request to renew it. */
  enum Outcome {
    CONFIRMED,
    /** Nothing has changed. */
    REFUSED,
    UNKNOWN
  }

  /**
   * A request to renew it, once its outcome is known.
   *
   * @param topics that it has then
   */
  record Renewal(Token token, Set<String> topics, long sent, long answered, Outcome outcome) {
    boolean possible() {
      return outcome != Outcome.REFUSED;
    }
  }

  /**
   * @param token that it was opened with
   * @param topics that it asked for, as far as they are granted
   */
  record Opening(int node, Token token, Set<String> topics, long sent) {}

  /** The rights that a stream may have. */
  record InForce(Token token, Set<String> topics) {}

  private final Opening opening;
  private final List<Item> items = new ArrayList<>();
  private final List<Renewal> renewals = new CopyOnWriteArrayList<>();

  StreamHistory(Opening opening) {
    this.opening = opening;
  }

  synchronized void add(Item item) {
    items.add(item);
  }

  void add(Renewal renewal) {
    renewals.add(renewal);
  }

  Opening opening() {
    return opening;
  }

  synchronized List<Item> items() {
    return List.copyOf(items);
  }

  /** In the order in which they were sent. */
  List<Renewal> renewals() {
    return renewals;
  }

  /**
   * The rights that the stream may have at a time: those of the last renewal that was confirmed
   * then, and of all whose outcome was not known then, or never.
   *
   * @param confirmed whether an answer that was received at a time counts yet
   */
  List<InForce> inForce(long time, LongPredicate confirmed) {
    var rights = new ArrayList<InForce>();
    InForce last = new InForce(opening.token(), opening.topics());
    for (Renewal renewal : renewals) {
      if (renewal.sent() - time < 0 && renewal.possible()) {
        var renewed = new InForce(renewal.token(), renewal.topics());
        if (renewal.outcome() == Outcome.CONFIRMED && confirmed.test(renewal.answered())) {
          last = renewed;
        } else {
          rights.add(renewed);
        }
      }
    }
    rights.add(last);
    return rights;
  }

  /** The tokens whose rights it may have at a time. */
  List<Token> tokens(long time) {
    return inForce(time, answered -> answered - time < 0).stream().map(InForce::token).toList();
  }

  @Override
  public String toString() {
    return "stream at node " + opening.node() + " of " + opening.token();
  }
}
