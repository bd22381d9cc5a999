package io.tidings.auth;

import static io.tidings.auth.TestTokens.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.event.Filter;
import io.tidings.log.ManualClock;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random uses of tickets by several browsers at several nodes, while tokens end and are revoked and
 * the table is cut off, compared with what each use should be.
 */
class TicketsModelTest {
  private static final int STEPS = 2_000;
  private static final int BROWSERS = 3;

  private final ManualClock clock = new ManualClock();
  private final Map<String, String> table = new HashMap<>();
  private final Set<String> revoked = new HashSet<>();
  private final List<Tickets> nodes = List.of(node(), node(), node());
  private final List<Used> tickets = new ArrayList<>();
  private boolean cutOff;

  /** A ticket, and what has become of it. */
  private static final class Used {
    private final String text;
    private final String token;
    private final Instant issued;
    private final Instant end;
    private int browser = -1;
    private boolean dead;

    private Used(String text, String token, Instant issued, Instant end) {
      this.text = text;
      this.token = token;
      this.issued = issued;
      this.end = end;
    }
  }

  private Tickets node() {
    TicketTable shared =
        (kind, key, value, until) -> {
          if (cutOff) {
            return Future.failedFuture("no majority");
          }
          String first = table.putIfAbsent(kind + " " + key, value);
          return Future.succeededFuture(first == null ? value : first);
        };
    return new Tickets(
        new TicketKeys(Optional::empty, shared),
        shared,
        principal -> {
          if (revoked.contains(principal.tokenId().orElseThrow())) {
            throw new InvalidToken(InvalidToken.Reason.REVOKED, "the token was revoked");
          }
        },
        Duration.ofSeconds(10),
        clock);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4})
  void onlyTheFirstBrowserUsesATicketAndOnlyWhileItsTokenMayBeUsed(long fixed) throws Exception {
    long seed = fixed == 0 ? new Random().nextLong() : fixed;
    System.out.println("TicketsModelTest: seed " + seed);
    var random = new Random(seed);
    for (Tickets node : nodes) {
      issue(random, node); // each has the key of the first period
    }
    int taken = 0;
    for (int step = 0; step < STEPS; step++) {
      clock.advance(Duration.ofMillis(random.nextInt(4_000)));
      switch (random.nextInt(20)) {
        case 0, 1, 2, 3 -> issue(random, node(random));
        case 4 -> cutOff = random.nextInt(4) == 0;
        case 5 -> revoked.add("token " + random.nextInt(200));
        default -> {
          Used ticket = tickets.get(Math.max(0, tickets.size() - 1 - random.nextInt(30)));
          int browser = random.nextInt(BROWSERS);
          boolean known = random.nextInt(4) > 0;
          boolean expected = expected(ticket, browser, known);
          String what = "seed " + seed + ", step " + step;
          assertEquals(expected, opens(node(random), ticket, browser, known), what);
          taken += expected ? 1 : 0;
        }
      }
    }
    System.out.println("TicketsModelTest: " + tickets.size() + " tickets, used " + taken);
  }

  private Tickets node(Random random) {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private void issue(Random random, Tickets at) throws Exception {
    String token = "token " + random.nextInt(200);
    Instant end = clock.instant().plusSeconds(5 + random.nextInt(300));
    var grants = new Grants(Optional.of(Filter.of("news")), Optional.empty(), false);
    var alice = new Principal("issuer", "alice", grants, Optional.of(end), Optional.of(token));
    if (!cutOff) {
      String text = await(at.issue(alice, Optional.empty(), "")).text();
      tickets.add(new Used(text, token, clock.instant(), end));
    }
  }

  /** What should happen; changes the model as the use changes the table. */
  private boolean expected(Used ticket, int browser, boolean known) {
    Instant now = clock.instant();
    if (!now.isBefore(ticket.end) || cutOff) {
      return false;
    }
    boolean fresh = !now.isAfter(ticket.issued.plusSeconds(30));
    if (!fresh && !known) {
      return false;
    }
    if (ticket.browser < 0 && !ticket.dead) {
      ticket.browser = fresh ? browser : -1;
      ticket.dead = !fresh;
    }
    return ticket.browser == browser && !revoked.contains(ticket.token);
  }

  private static boolean opens(Tickets at, Used ticket, int browser, boolean known) {
    try {
      Ticket verified = await(at.verify(ticket.text));
      await(at.bind(verified, new Browser("secret of " + browser, known)));
      return at.principal(verified, Principal.UNKNOWN).subject().equals("alice");
    } catch (Exception refused) {
      return false;
    }
  }
}
