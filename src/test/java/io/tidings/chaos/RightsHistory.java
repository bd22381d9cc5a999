package io.tidings.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** What all clients of a run saw of rights. Used by all clients' threads. */
final class RightsHistory {
  /** All streams of one reader, in order. */
  record ReaderStreams(String name, List<StreamHistory> streams) {
    ReaderStreams(String name) {
      this(name, new CopyOnWriteArrayList<>());
    }
  }

  /** From a request to its answer. */
  record Answered(long sent, long received) {}

  /** While the clock of a node was wrong. */
  record WrongClock(int node, long begin, long end) {}

  /** A ticket that opened a stream. */
  record TicketUse(String ticket, int node) {}

  private final Queue<Account> accounts = new ConcurrentLinkedQueue<>();
  private final Queue<ReaderStreams> readers = new ConcurrentLinkedQueue<>();
  private final Queue<TokenUse> uses = new ConcurrentLinkedQueue<>();
  private final Queue<TokenUse> lastUses = new ConcurrentLinkedQueue<>();
  private final Queue<RevocationHistory> revocations = new ConcurrentLinkedQueue<>();
  private final Queue<TicketUse> tickets = new ConcurrentLinkedQueue<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final Queue<WrongClock> wrongClocks = new ConcurrentLinkedQueue<>();
  private volatile boolean isolatedAcceptsKnown;
  private final Map<Integer, Queue<Answered>> pulses = new ConcurrentHashMap<>();

  /** An account, whose tokens may be revoked from now on. */
  Account account(String name, Account.Kind kind) {
    var account = new Account(name, kind);
    accounts.add(account);
    return account;
  }

  List<Account> accounts() {
    return List.copyOf(accounts);
  }

  /** Sets whether isolated nodes accept tokens that they know, by their settings. */
  void isolatedAcceptsKnown(boolean accepts) {
    isolatedAcceptsKnown = accepts;
  }

  boolean isolatedAcceptsKnown() {
    return isolatedAcceptsKnown;
  }

  ReaderStreams reader(String name) {
    var streams = new ReaderStreams(name);
    readers.add(streams);
    return streams;
  }

  void used(TokenUse use) {
    uses.add(use);
  }

  /** A token was shown when everything had ended, and all nodes had been started again. */
  void usedLast(TokenUse use) {
    lastUses.add(use);
  }

  RevocationHistory revocation(RevocationHistory.Target target) {
    var revocation = new RevocationHistory(target);
    revocations.add(revocation);
    return revocation;
  }

  void opened(TicketUse ticket) {
    tickets.add(ticket);
  }

  /** A node answered a request with status 500. */
  void failed(String detail) {
    failures.add(detail);
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  void wrongClock(WrongClock clock) {
    wrongClocks.add(clock);
  }

  /** A node answered the simplest question. */
  void pulse(int node, Answered answered) {
    pulses.computeIfAbsent(node, none -> new ConcurrentLinkedQueue<>()).add(answered);
  }

  List<ReaderStreams> readers() {
    return List.copyOf(readers);
  }

  List<TokenUse> uses() {
    return List.copyOf(uses);
  }

  List<TokenUse> lastUses() {
    return List.copyOf(lastUses);
  }

  List<RevocationHistory> revocations() {
    return List.copyOf(revocations);
  }

  List<TicketUse> tickets() {
    return List.copyOf(tickets);
  }

  List<WrongClock> wrongClocks() {
    return List.copyOf(wrongClocks);
  }

  List<Answered> pulses(int node) {
    return new ArrayList<>(pulses.getOrDefault(node, new ConcurrentLinkedQueue<>()));
  }
}
