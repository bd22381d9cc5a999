package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.chaos.StreamHistory.Opening;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Follows topics in a thread of its own, with changing tokens, on one node after another, and
 * resumes after the last id that it received; until it has received the last event of the run. A
 * {@link StreamRenewer} renews its streams meanwhile.
 */
final class RightsReader {
  /** The stream that is open, by which it can be renewed. */
  record Open(StreamHistory history, String id, Optional<Tickets.Shown> ticket) {}

  private static final Duration RECONNECT_DELAY = Duration.ofMillis(100);
  private static final int STAY_MILLIS = 15_000;
  private static final int SAME_TOKEN_ONE_OF = 2;
  private static final int TICKET_ONE_OF = 4;

  private final Members members;
  private final History history;
  private final Account account;
  private final RightsHistory.ReaderStreams streams;
  private final Tickets tickets;
  private final String last;
  private final Random random;
  private final RandomRights rights;
  private final Thread thread;
  private Token token;
  private String lastId = "earliest";
  private volatile boolean complete;
  private volatile boolean closed;
  private volatile EventStream stream;
  private volatile Open open;

  /**
   * @param last the name of the last event of the run
   */
  RightsReader(String last, Members members, HttpClient http, History history, long seed) {
    this.last = last;
    this.members = members;
    this.history = history;
    this.random = new Random(seed);
    this.rights = new RandomRights(random);
    String name = "rights" + history.rights().readers().size();
    var kind = random.nextBoolean() ? Account.Kind.DATED_READER : Account.Kind.READER;
    this.account = history.rights().account(name, kind);
    this.streams = history.rights().reader(name);
    this.tickets = new Tickets(http, history.rights());
    this.thread = new Thread(this::run, "reader-" + name);
    thread.start();
  }

  Account account() {
    return account;
  }

  /** The stream that is open; empty between two streams. */
  Optional<Open> open() {
    return Optional.ofNullable(open);
  }

  private void run() {
    while (!complete && !closed) {
      try {
        follow(members.any(random));
      } catch (IOException e) {
        Pacing.pause(RECONNECT_DELAY); // the node may have ended, or hang
      } finally {
        open = null;
      }
    }
  }

  private void follow(Node node) throws IOException {
    chooseToken();
    List<String> asked = rights.topics(token);
    Optional<Tickets.Shown> ticket = Optional.empty();
    if (random.nextInt(TICKET_ONE_OF) == 0) {
      Node issuer = members.any(random);
      ticket = Optional.of(tickets.get(issuer, account, token, asked));
    }
    Set<String> topics = Topics.readable(asked, token.topics());
    var opening = new Opening(node.number(), token, topics, System.nanoTime());
    try (var opened = new EventStream()) {
      stream = opened;
      opened.open(Tickets.url(node, asked, ticket), lastId, ticket.isEmpty() ? token.bearer() : "");
      read(opened, new StreamHistory(opening), ticket);
    } catch (EventStream.Refused e) {
      used(opening, TokenUse.outcomeOf(e.status(), e.challenge()));
      if (e.status() == 500) {
        history.rights().failed("open at node " + node.number());
      }
      throw e;
    }
  }

  private void read(EventStream from, StreamHistory saw, Optional<Tickets.Shown> ticket)
      throws IOException {
    long end = System.nanoTime() + Duration.ofMillis(random.nextInt(STAY_MILLIS)).toNanos();
    var receiver = new StreamReceiver(saw, history, last);
    while (!complete && !closed && System.nanoTime() - end < 0) {
      receiver.receive(from.next());
      lastId = from.lastEventId().isEmpty() ? lastId : from.lastEventId();
      if (open == null && receiver.id().isPresent()) {
        opened(new Open(saw, receiver.id().get(), ticket));
      }
      complete = receiver.complete();
      if (receiver.revoked()) {
        account.used(token, TokenUse.Outcome.REVOKED);
      }
    }
  }

  private void opened(Open now) {
    streams.streams().add(now.history());
    Opening opening = now.history().opening();
    used(opening, TokenUse.Outcome.ACCEPTED);
    account.inForce(opening.token());
    now.ticket()
        .map(shown -> new RightsHistory.TicketUse(shown.text(), opening.node()))
        .ifPresent(history.rights()::opened);
    open = now;
  }

  private void chooseToken() {
    boolean usable =
        token != null
            && account.isCurrent(token)
            && token.expires() - System.nanoTime() > RECONNECT_DELAY.toNanos();
    if (!usable || random.nextInt(SAME_TOKEN_ONE_OF) > 0) {
      token = rights.token(account);
    }
  }

  private void used(Opening opening, TokenUse.Outcome outcome) {
    var use = new TokenUse.Request(opening.token(), "open", opening.node(), opening.sent());
    account.used(opening.token(), use.answered(outcome, history.rights()));
  }

  /** Whether it has received the last event of the run. */
  boolean complete() {
    return complete;
  }

  void close() throws IOException, InterruptedException {
    closed = true;
    EventStream opened = stream;
    if (opened != null) {
      opened.close();
    }
    thread.join();
  }
}
