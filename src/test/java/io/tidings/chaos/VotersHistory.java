package io.tidings.chaos;

import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What was asked and seen of the voters of a run. Used by several threads. */
final class VotersHistory {
  /** What a request to change the voters did, as far as its client can know. */
  enum Outcome {
    /** The voters are those of the request. */
    DONE,
    /** Nothing was changed. */
    REFUSED,
    /** Either of both, now or later. */
    UNKNOWN
  }

  /**
   * A request to change the voters.
   *
   * @param sent by {@link System#nanoTime}
   * @param answered when the outcome was known
   * @param answer the status and the answer, or the exception
   */
  record Request(Ask ask, long sent, long answered, Outcome outcome, String answer) {
    @Override
    public String toString() {
      return ask.target() + ", node " + ask.node() + ": " + answer;
    }
  }

  /**
   * What was asked for.
   *
   * @param target the addresses of those who are to vote
   * @param valid whether it may be done; otherwise it must be refused
   * @param node that was asked
   */
  record Ask(List<String> target, boolean valid, int node) {
    Ask {
      target = List.copyOf(target);
    }
  }

  /**
   * What a node said of the cluster.
   *
   * @param address of the node
   * @param received when, by {@link System#nanoTime}
   * @param term the latest that it knows
   * @param leader the address of the leader, if it is the node itself; otherwise empty
   * @param voters their addresses
   * @param changing whether they are being changed
   */
  record Seen(
      String address,
      long received,
      long term,
      String leader,
      Set<String> voters,
      boolean changing) {
    Seen {
      voters = Set.copyOf(voters);
    }

    /** Whether two answers in a row say the same: then it was so between them. */
    boolean agrees(Seen other) {
      return address.equals(other.address)
          && term == other.term
          && leader.equals(other.leader)
          && voters.equals(other.voters)
          && changing == other.changing;
    }
  }

  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
  private final Queue<Seen> seen = new ConcurrentLinkedQueue<>();
  private final Queue<Seen> last = new ConcurrentLinkedQueue<>();
  private volatile Set<String> first = Set.of();

  /** The voters with which the cluster began. */
  void begin(Set<String> voters) {
    first = Set.copyOf(voters);
  }

  Set<String> first() {
    return first;
  }

  void requested(Request request) {
    requests.add(request);
  }

  /** By one thread for each node, in order. */
  void saw(Seen one) {
    seen.add(one);
  }

  /** What a voter says when everything has ended. */
  void sawLast(Seen one) {
    last.add(one);
  }

  List<Request> requests() {
    return List.copyOf(requests);
  }

  List<Seen> seen() {
    return List.copyOf(seen);
  }

  List<Seen> last() {
    return List.copyOf(last);
  }
}
