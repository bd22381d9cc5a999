package io.tidings.auth;

import static io.tidings.auth.TestTokens.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.InvalidToken.Reason;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Selection;
import io.tidings.log.ManualClock;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TicketsTest {
  private static final String PAGE = "https://app.example";
  private static final Browser ALICES = new Browser("alices browser", true);
  private static final Browser THIEFS = new Browser("another browser", true);
  private static final Grants ORDERS =
      new Grants(
          Optional.of(Filter.of("orders.**", "news")), Optional.of(Filter.of("orders.**")), true);

  private final ManualClock clock = new ManualClock();
  private final Table table = new Table();
  private Optional<Key> secret = Optional.empty();
  private Optional<String> revoked = Optional.empty();
  private final Tickets tickets = instance();

  /** A table in memory, which can be cut off. */
  private static final class Table implements TicketTable {
    private final Map<String, String> values = new HashMap<>();
    private final Map<String, Instant> ends = new HashMap<>();
    private boolean cutOff;

    @Override
    public Future<String> putIfAbsent(String kind, String key, String value, Instant until) {
      if (cutOff) {
        return Future.failedFuture("no majority");
      }
      ends.putIfAbsent(kind + " " + key, until);
      String first = values.putIfAbsent(kind + " " + key, value);
      return Future.succeededFuture(first == null ? value : first);
    }
  }

  /** The tickets of one node of the cluster. */
  private Tickets instance() {
    var keys = new TicketKeys(() -> secret, table);
    return new Tickets(keys, table, this::checkToken, Duration.ofSeconds(10), clock);
  }

  private void checkToken(Principal principal) {
    if (revoked.equals(principal.tokenId())) {
      throw new InvalidToken(Reason.REVOKED, "the token was revoked");
    }
  }

  private Principal alice(Duration left) {
    return new Principal(
        "https://id.example/",
        "alice",
        ORDERS,
        Optional.of(clock.instant().plus(left)),
        Optional.of("token 1"),
        Optional.of(clock.instant().minusSeconds(5)));
  }

  private String issued(String... topics) throws Exception {
    return issued(alice(Duration.ofHours(1)), topics);
  }

  private String issued(Principal principal, String... topics) throws Exception {
    Optional<Filter> asked = topics.length == 0 ? Optional.empty() : Optional.of(Filter.of(topics));
    return await(tickets.issue(principal, asked, PAGE)).text();
  }

  private static Principal shown(Tickets at, String text, Browser browser) throws Exception {
    return shown(at, text, browser, Principal.UNKNOWN);
  }

  /** As a request for a stream does. */
  private static Principal shown(Tickets at, String text, Browser browser, Principal without)
      throws Exception {
    Ticket ticket = await(at.verify(text));
    if (ticket.hasRights()) {
      await(at.bind(ticket, browser));
    }
    return at.principal(ticket, without);
  }

  private Principal shown(String text, Browser browser) throws Exception {
    return shown(tickets, text, browser);
  }

  private void assertRefused(Reason reason, String text, Browser browser) {
    var refused = assertThrows(InvalidToken.class, () -> shown(text, browser));
    assertEquals(reason, refused.reason(), refused.getMessage());
    assertTrue(text.length() < 20 || !refused.getMessage().contains(text));
  }

  /** By which the table limits how many of them one principal can store. */
  @Test
  void theTableIsToldWhoseTicketIsRedeemedAndNotWhich() throws Exception {
    Principal alice = alice(Duration.ofHours(1));
    var renamed =
        new Principal(
            alice.issuer() + "a",
            "lice",
            alice.grants(),
            alice.expires(),
            alice.tokenId(),
            alice.issued());
    for (String text : List.of(issued(alice), issued(alice), issued(renamed))) {
      shown(text, ALICES);
    }
    List<String> keys =
        table.values.keySet().stream().filter(key -> key.startsWith("ticket ")).toList();
    assertEquals(3, keys.size());
    assertEquals(2, keys.stream().map(key -> key.split(":")[0]).distinct().count());
    assertTrue(keys.stream().allMatch(key -> key.matches("ticket [\\w-]{22}:[\\w-]{22}")));
  }

  @Test
  void aTicketGrantsNoMorePrivateEventsThanItsToken() throws Exception {
    var everybodys = new Grants(Optional.of(Filter.of("weather")), Optional.empty(), false);
    Principal alice = alice(Duration.ofHours(1));
    var both =
        new Principal(
            alice.issuer(),
            alice.subject(),
            alice.grants().and(everybodys.toEverybody()),
            alice.expires(),
            alice.tokenId(),
            alice.issued());
    Grants shown = shown(issued(both, "weather", "orders.new"), ALICES).grants();
    assertEquals(Filter.of("weather", "orders.new"), shown.subscribe().orElseThrow());
    assertEquals(Filter.of("orders.new"), shown.own().orElseThrow());
    assertEquals(
        TopicRights.readable(both, Filter.of("weather", "orders.new")),
        TopicRights.readable(Principal.withoutToken(shown), Filter.of("weather", "orders.new")));
  }

  @Test
  void aTicketStandsForItsTokenAsFarAsItsTopicsAreGranted() throws Exception {
    Principal shown = shown(issued("orders.new", "**"), ALICES);
    assertEquals("alice", shown.subject());
    assertEquals("https://id.example/", shown.issuer());
    assertEquals(Optional.of("token 1"), shown.tokenId());
    assertEquals(Optional.of(clock.instant().minusSeconds(5)), shown.issued());
    assertEquals(clock.instant().plus(Duration.ofHours(1)), shown.expires().orElseThrow());
    assertEquals(
        new Grants(Optional.of(Filter.of("news", "orders.**")), Optional.empty(), false),
        shown.grants(),
        "it publishes nothing, and is no administrator");
  }

  @Test
  void withoutTopicsATicketHasEverythingThatMayBeRead() throws Exception {
    Principal shown = shown(issued(), ALICES);
    assertEquals(
        Filter.of("hub.**", "news", "orders.**"), shown.grants().subscribe().orElseThrow());
  }

  @Test
  void aTopicThatIsNotGrantedGetsNoTicket() {
    assertThrows(NotGranted.class, () -> issued("payments"));
    assertThrows(NotGranted.class, () -> issued(Principal.UNKNOWN));
    assertThrows(NotGranted.class, () -> issued(Principal.UNKNOWN, "news"));
  }

  @Test
  void anyChangeMakesATicketWorthless() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("anyChangeMakesATicketWorthless: seed " + seed);
    var random = new Random(seed);
    String text = issued("orders.**");
    for (int i = 0; i < text.length(); i++) {
      String forged = text.substring(0, i) + other(random, text.charAt(i)) + text.substring(i + 1);
      assertThrows(InvalidToken.class, () -> shown(forged, ALICES), forged);
      String cut = text.substring(0, i);
      assertThrows(InvalidToken.class, () -> shown(cut, ALICES), cut);
    }
    for (String forged : List.of(text + "A", text + "=", text + ".", "." + text, " " + text)) {
      assertThrows(InvalidToken.class, () -> shown(forged, ALICES), forged);
    }
    assertEquals("alice", shown(text, ALICES).subject(), "nothing of it has used the ticket");
    assertTrue(
        table.values.keySet().stream().filter(key -> key.startsWith("ticket ")).count() == 1);
  }

  private static char other(Random random, char not) {
    String all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    char other = all.charAt(random.nextInt(all.length()));
    return other == not ? other(random, not) : other;
  }

  @Test
  void aTicketWithOtherContentIsNotSigned() throws Exception {
    String text = issued("orders.new");
    String json = new String(Base64.getUrlDecoder().decode(text.split("\\.")[0]));
    for (String changed :
        List.of(
            json.replace("orders.new", "**"),
            json.replace("alice", "mallory"),
            json.replace(PAGE, "https://evil.example"),
            json.replaceFirst("\"e\":\\d{9}", "\"e\":999999999"))) {
      assertNotEquals(json, changed);
      String payload =
          Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(changed.getBytes(StandardCharsets.UTF_8));
      assertRefused(Reason.SIGNATURE, payload + "." + text.split("\\.")[1], ALICES);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "a.b", "e30.", "bnVsbA.x", "W10.x", "!!!!.x", "e30=.x", "eyJrIjoxfQ.x"})
  void whatIsNoTicketIsRefused(String text) {
    assertRefused(Reason.MALFORMED, text, ALICES);
  }

  @Test
  void aTicketNotUsedWithin30SecondsIsWorthless() throws Exception {
    String inTime = issued();
    String late = issued();
    clock.advance(Duration.ofSeconds(30));
    shown(inTime, ALICES);
    clock.advance(Duration.ofMillis(1));
    assertRefused(Reason.EXPIRED, late, ALICES);
    assertRefused(Reason.EXPIRED, late, new Browser("one that gets its cookie", false));
    assertEquals("alice", shown(inTime, ALICES).subject());
  }

  @Test
  void theBrowserThatWasFirstMayShowATicketAgainUntilItsTokenEnds() throws Exception {
    String text = issued();
    shown(text, new Browser(ALICES.secret(), false));
    for (int i = 0; i < 50; i++) {
      clock.advance(Duration.ofMinutes(1));
      assertEquals("alice", shown(text, ALICES).subject());
    }
    clock.advance(Duration.ofMinutes(10).minusMillis(1));
    shown(text, ALICES);
    clock.advance(Duration.ofMillis(1));
    assertRefused(Reason.EXPIRED, text, ALICES);
  }

  @Test
  void noOtherBrowserMayShowATicketThatWasUsed() throws Exception {
    String text = issued();
    shown(text, ALICES);
    assertRefused(Reason.USED, text, THIEFS);
    assertRefused(Reason.USED, text, new Browser("one without a cookie", false));
    clock.advance(Duration.ofMinutes(1));
    assertRefused(Reason.USED, text, THIEFS);
    shown(text, ALICES);
  }

  @Test
  void whoeverIsFirstIsFirstAtEachNode() throws Exception {
    Tickets other = instance();
    String text = issued();
    assertEquals("alice", shown(other, text, ALICES).subject());
    assertRefused(Reason.USED, text, THIEFS);
    shown(text, ALICES);
    String late = issued();
    clock.advance(Duration.ofSeconds(31));
    assertRefused(Reason.EXPIRED, late, ALICES);
    assertThrows(InvalidToken.class, () -> shown(other, late, ALICES));
  }

  @Test
  void oneBrowserMayHaveManyTickets() throws Exception {
    List<String> all = List.of(issued("news"), issued("orders.**"), issued("news"));
    for (String text : all) {
      shown(text, ALICES);
    }
    for (String text : all) {
      shown(text, ALICES);
      assertRefused(Reason.USED, text, THIEFS);
    }
    assertEquals(3, Set.copyOf(all).size(), "no two tickets are equal");
  }

  @Test
  void aTicketWhoseTokenEndsWhileTheLogIsAskedOpensNothing() throws Exception {
    Ticket ticket = await(tickets.verify(issued(alice(Duration.ofSeconds(1)))));
    await(tickets.bind(ticket, ALICES));
    clock.advance(Duration.ofSeconds(1));
    assertThrows(InvalidToken.class, () -> tickets.principal(ticket, Principal.UNKNOWN));
  }

  @Test
  void aTicketWhoseTokenWasRevokedOpensNothing() throws Exception {
    String used = issued();
    String unused = issued();
    Ticket asked = await(tickets.verify(issued()));
    shown(used, ALICES);
    await(tickets.bind(asked, ALICES));
    revoked = Optional.of("token 1");
    assertRefused(Reason.REVOKED, used, ALICES);
    assertRefused(Reason.REVOKED, unused, ALICES);
    assertThrows(InvalidToken.class, () -> tickets.principal(asked, Principal.UNKNOWN));
  }

  @Test
  void withoutTheTableNobodyIsTakenForTheFirst() throws Exception {
    String text = issued();
    table.cutOff = true;
    assertThrows(Exception.class, () -> shown(text, ALICES), "no majority");
    assertThrows(Exception.class, () -> shown(instance(), text, ALICES), "no key either");
    assertThrows(
        Exception.class, () -> await(instance().issue(alice(Duration.ofHours(1)), opt(), "")));
    table.cutOff = false;
    shown(text, ALICES);
  }

  private static Optional<Filter> opt() {
    return Optional.empty();
  }

  @Test
  void aTicketGotWithoutATokenHasTheRightsOfWhoeverShowsIt() throws Exception {
    String text = issued(Principal.HUB, "orders.**");
    assertThrows(NotGranted.class, () -> shown(text, THIEFS));
    Principal open = shown(tickets, text, THIEFS, Principal.HUB);
    assertEquals(Grants.NONE.publish(), open.grants().publish());
    assertEquals(Optional.of(Filter.of("orders.**")), open.grants().subscribe());
    assertFalse(open.identified());
    var some =
        Principal.withoutToken(
            new Grants(Optional.of(Filter.of("orders.new")), Optional.empty(), false));
    assertEquals(
        Optional.of(Filter.of("orders.new")),
        shown(tickets, text, THIEFS, some).grants().subscribe());
    assertTrue(
        table.values.keySet().stream().allMatch(key -> key.startsWith("ticket-key ")),
        "nothing of it is stored");
    clock.advance(Ticket.MAX_LIFE);
    assertRefused(Reason.EXPIRED, text, THIEFS);
  }

  @Test
  void theTableHasNeitherTicketsNorCookies() throws Exception {
    String text = issued();
    shown(text, ALICES);
    String all = table.values.toString();
    assertFalse(all.contains(ALICES.secret()) || all.contains(text.split("\\.")[1]), all);
    Ticket ticket = await(tickets.verify(text));
    assertFalse(all.contains(ticket.nonce()), all);
    for (Object one : List.of(ticket, ALICES, await(tickets.issue(Principal.HUB, opt(), "")))) {
      assertFalse(one.toString().matches(".*[A-Za-z0-9_-]{32}.*"), one.toString());
    }
    Instant end = clock.instant().plus(Duration.ofHours(1));
    table.ends.forEach(
        (key, until) -> assertEquals(key.startsWith("ticket "), until.equals(end), key));
  }

  @Test
  void aNonceHas192BitsAndIsNeverUsedTwice() throws Exception {
    Set<String> nonces = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      nonces.add(await(tickets.verify(issued())).nonce());
    }
    assertEquals(1_000, nonces.size());
    nonces.forEach(one -> assertEquals(24, Base64.getUrlDecoder().decode(one).length));
  }

  @Test
  void nodesAgreeOnAKeyForEachPeriodAndForgetNoneWhoseTicketsLast() throws Exception {
    String early = issued(alice(Ticket.MAX_LIFE.multipliedBy(2)));
    shown(early, ALICES);
    clock.advance(TicketKeys.PERIOD);
    String next = issued();
    shown(instance(), next, ALICES);
    assertEquals(2, keys().size());
    clock.advance(Ticket.MAX_LIFE.minus(TicketKeys.PERIOD).minusMillis(1));
    issued();
    assertEquals("alice", shown(early, ALICES).subject());
    assertEquals("alice", shown(instance(), early, ALICES).subject());
    Instant now = clock.instant();
    keys().forEach(key -> assertTrue(table.ends.get(key).isAfter(now), key));
    clock.advance(Duration.ofMillis(1));
    assertRefused(Reason.EXPIRED, early, ALICES);
  }

  private List<String> keys() {
    return table.values.keySet().stream().filter(key -> key.startsWith("ticket-key ")).toList();
  }

  /** Whoever finds a key in a backup can sign what he likes, but not for the past or the future. */
  @Test
  void theKeyOfAnEarlierPeriodMakesNoNewTickets() throws Exception {
    issued();
    String name = keys().get(0);
    var stolen =
        TicketKey.of(
            name.substring("ticket-key ".length()),
            Base64.getUrlDecoder().decode(table.values.get(name)));
    Instant then = clock.instant();
    clock.advance(TicketKeys.PERIOD);
    assertRefused(Reason.EXPIRED, forged(stolen, stolen.id(), then), THIEFS);
    assertRefused(Reason.KEYS, forged(stolen, stolen.id(), clock.instant()), THIEFS);
    issued();
    String current = forged(stolen, keys().get(1).substring("ticket-key ".length()), then);
    assertThrows(InvalidToken.class, () -> shown(current, THIEFS));
    Instant future = clock.instant().plusSeconds(11);
    assertRefused(Reason.EARLY, forged(stolen, stolen.id(), future), THIEFS);
    for (String id : List.of("", "s", "-1", "x", stolen.id() + " ")) {
      assertRefused(Reason.KEYS, forged(stolen, id, clock.instant()), THIEFS);
    }
    assertEquals(2, keys().size(), "no key is made for a name that somebody made up");
  }

  private String forged(TicketKey key, String id, Instant issued) {
    var holder =
        new Ticket.Holder(
            "https://id.example/",
            "alice",
            Optional.empty(),
            issued.plus(Duration.ofDays(10)),
            Optional.empty(),
            new Ticket.Presence(false, Optional.empty()));
    var content = new Ticket.Content(Selection.EVERYTHING, PAGE, Optional.of(holder));
    return TicketText.of(new Ticket(id, "nonce", issued, content), key);
  }

  @Test
  void aHubWithASecretDerivesTheKeyFromItAndStoresNone() throws Exception {
    secret = Optional.of(secret("a"));
    String text = issued();
    assertEquals("alice", shown(instance(), text, ALICES).subject());
    assertEquals(List.of(), keys());
    secret = Optional.of(secret("b"));
    assertRefused(Reason.SIGNATURE, text, ALICES);
    secret = Optional.empty();
    assertRefused(Reason.KEYS, text, ALICES);
    String agreed = issued();
    secret = Optional.of(secret("a"));
    shown(agreed, ALICES);
    shown(text, ALICES);
    assertNotEquals(
        new TicketKey("s", secret("a")).sign("x"), TicketKey.derived("s", secret("a")).sign("x"));
  }

  private static Key secret(String character) {
    return new SecretKeySpec(character.repeat(32).getBytes(StandardCharsets.UTF_8), "HmacSHA256");
  }

  @Test
  void aTicketThatFitsInNoUrlIsRefusedWithARule() throws Exception {
    var topics = new ArrayList<String>();
    IntStream.range(0, 100).forEach(i -> topics.add("orders.with-a-long-name-" + i));
    var refused = assertThrows(InvalidEvent.class, () -> issued(topics.toArray(String[]::new)));
    assertEquals("topics", refused.field());
    assertEquals(
        "must fit into a ticket of 4096 characters: ask for fewer, or for globs", refused.rule());
    assertTrue(issued(topics.subList(0, 60).toArray(String[]::new)).length() <= 4_096);
    assertTrue(issued("orders.**").length() < 600);
  }
}
