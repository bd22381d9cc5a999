package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.chaos.StreamHistory.Opening;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

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

  private final List<Node> nodes;
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
  RightsReader(String last, List<Node> nodes, HttpClient http, History history, long seed) {
    this.last = last;
    this.nodes = nodes;
    this.history = history;
    this.random = new Random(seed);
    this.rights = new RandomRights(random);
    String name = "rights" + Long.toString(seed & 0xffff, 36);
    this.account = history.rights().account(name, random.nextBoolean(), false);
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
        follow(nodes.get(random.nextInt(nodes.size())));
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
      Node issuer = nodes.get(random.nextInt(nodes.size()));
      ticket = Optional.of(tickets.get(issuer, account, token, asked));
    }
    long stay = System.nanoTime() + Duration.ofMillis(random.nextInt(STAY_MILLIS)).toNanos();
    var opening =
        new Opening(
            node.number(), token, Topics.readable(asked, token.topics()), System.nanoTime());
    try (var opened = new EventStream()) {
      stream = opened;
      opened.open(Tickets.url(node, asked, ticket), lastId, ticket.isEmpty() ? token.bearer() : "");
      var receiver = new StreamReceiver(new StreamHistory(opening), ticket);
      while (!complete && !closed && System.nanoTime() - stay < 0) {
        opened.next().forEach(receiver::receive);
        lastId = opened.lastEventId().isEmpty() ? lastId : opened.lastEventId();
      }
    } catch (EventStream.Refused e) {
      used(opening, TokenUse.outcomeOf(e.status(), e.challenge()));
      throw e;
    }
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
    // a 403 is about the topics, or the ticket
    history
        .rights()
        .used(
            new TokenUse(
                opening.token(),
                "open",
                opening.node(),
                opening.sent(),
                System.nanoTime(),
                outcome));
    account.used(opening.token(), outcome);
  }

  /** Writes what one stream receives into the history. */
  private final class StreamReceiver {
    private final StreamHistory saw;
    private final Optional<Tickets.Shown> ticket;

    private StreamReceiver(StreamHistory saw, Optional<Tickets.Shown> ticket) {
      this.saw = saw;
      this.ticket = ticket;
    }

    private void receive(ReceivedEvent event) {
      long now = System.nanoTime();
      switch (event.type()) {
        case "hub.open" -> opened(now, event);
        case "hub.auth" -> {
          var data = new JsonObject(event.data());
          if (data.containsKey("filter")) {
            saw.add(new StreamHistory.Told(now, "", filter(data)));
          }
        }
        case "hub.gap" -> saw.add(new StreamHistory.Fault(now, Violation.Kind.GAP, event.data()));
        case "hub.beat", "hub.drain" -> saw.add(new StreamHistory.Mark(now, event.lastEventId()));
        case "hub.end" -> {
          String reason = new JsonObject(event.data()).getString("reason");
          saw.add(new StreamHistory.End(now, event.lastEventId(), reason));
          if (reason.equals("revoked")) {
            account.used(account.newest(), TokenUse.Outcome.REVOKED);
          }
        }
        case "hub.busy", "hub.stale" -> {
          // says nothing of events
        }
        default -> received(now, event);
      }
    }

    private void opened(long now, ReceivedEvent event) {
      var data = new JsonObject(event.data());
      saw.add(new StreamHistory.Told(now, event.lastEventId(), filter(data)));
      streams.streams().add(saw);
      used(saw.opening(), TokenUse.Outcome.ACCEPTED);
      ticket.ifPresent(
          shown ->
              history
                  .rights()
                  .opened(new RightsHistory.TicketUse(shown.text(), saw.opening().node())));
      open = new Open(saw, data.getString("stream"), ticket);
    }

    private void received(long now, ReceivedEvent event) {
      Optional<Payload> payload = Payload.parse(event.data());
      if (payload.isEmpty()) {
        String text = event.data().substring(0, Math.min(100, event.data().length()));
        saw.add(new StreamHistory.Fault(now, Violation.Kind.DAMAGED, text));
      } else if (payload.get().event().equals(last)) {
        complete = true;
      } else {
        Delivery delivery =
            history.delivery(payload.get().event(), payload.get().topic(), event.lastEventId());
        saw.add(new StreamHistory.Received(now, delivery));
      }
    }

    private static Set<String> filter(JsonObject data) {
      return Topics.matching(
          data.getJsonArray("filter").stream()
              .map(String.class::cast)
              .collect(Collectors.toList()));
    }
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
