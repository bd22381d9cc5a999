package io.tidings.auth;

import io.tidings.auth.InvalidToken.Reason;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Selection;
import io.vertx.core.Future;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;

/**
 * Issues tickets, and tells who shows one. A ticket is checked without state, except for who was
 * the first to show it: {@link TicketTable} knows that. Any thread; futures complete on any thread.
 *
 * <p>The first use binds a ticket with rights to a browser, and only that browser may show it
 * again, as it does by itself when the connection was lost. So a URL that somebody else has found
 * is of no use to him.
 */
public final class Tickets {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int NONCE_BYTES = 24;
  private static final int SHORT_HASH = 22;
  private static final String KIND = "ticket";

  /** In the place of a browser, for a ticket that nobody showed in time; no browser's hash. */
  private static final String NOBODY = "-";

  private final TicketKeys keys;
  private final TicketTable table;
  private final TokenCheck tokens;
  private final Duration leeway;
  private final InstantSource clock;

  /**
   * @param leeway by how much the clocks of hubs may differ
   */
  Tickets(
      TicketKeys keys, TicketTable table, TokenCheck tokens, Duration leeway, InstantSource clock) {
    this.keys = keys;
    this.table = table;
    this.tokens = tokens;
    this.leeway = leeway;
    this.clock = clock;
  }

  /** Whether the token that a ticket was got by may still be used. */
  @FunctionalInterface
  interface TokenCheck {
    /**
     * @throws InvalidToken if it was revoked, or that can't be known now
     */
    void check(Principal principal);
  }

  /**
   * A ticket for the client.
   *
   * @param text as it is in the URL
   * @param firstUse when it must have been shown for the first time
   */
  public record Issued(String text, Instant firstUse) {
    /** Without the ticket. */
    @Override
    public String toString() {
      return "Issued[" + firstUse + "]";
    }
  }

  /**
   * Issues a ticket.
   *
   * @param asked the topics that it is for; empty for all that the principal may read
   * @param origin of the page that may show it; empty for a program, or a page of the hub's own
   * @return fails as the table does
   * @throws NotGranted if the principal may read nothing of a topic
   * @throws InvalidEvent if the ticket would be too long
   */
  public Future<Issued> issue(Principal principal, Optional<Filter> asked, String origin) {
    var content = new Ticket.Content(topics(principal, asked), origin, holder(principal));
    Instant now = Instant.ofEpochMilli(clock.millis());
    return keys.current(now).map(key -> issue(content, key, now));
  }

  private static Selection topics(Principal principal, Optional<Filter> asked) {
    if (asked.isPresent()) {
      return TopicRights.readable(principal, asked.get());
    }
    if (principal.grants().readsNothing()) {
      throw NotGranted.right(principal, "a topic to subscribe to");
    }
    return TopicRights.readable(principal);
  }

  private static Optional<Ticket.Holder> holder(Principal principal) {
    return principal
        .expires()
        .map(
            end ->
                new Ticket.Holder(
                    principal.issuer(),
                    principal.subject(),
                    principal.tokenId(),
                    end,
                    principal.issued(),
                    new Ticket.Presence(principal.grants().presence(), principal.payload())));
  }

  private static Issued issue(Ticket.Content content, TicketKey key, Instant now) {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    String text = TicketText.of(new Ticket(key.id(), base64(nonce), now, content), key);
    if (text.length() > TicketText.MAX_LENGTH) {
      throw new InvalidEvent(
          "topics",
          "must fit into a ticket of "
              + TicketText.MAX_LENGTH
              + " characters: ask for fewer, or for globs");
    }
    return new Issued(text, now.plus(Ticket.FIRST_USE));
  }

  /**
   * Checks a ticket that a client shows.
   *
   * @return fails with {@link InvalidToken} if it is none, or has ended, and as the table does
   */
  public Future<Ticket> verify(String text) {
    try {
      TicketText read = TicketText.parse(text);
      checkTime(read.ticket());
      return keys.named(read.ticket().keyId(), read.ticket().issued())
          .map(key -> checkSignature(read, key));
    } catch (InvalidToken e) {
      return Future.failedFuture(e);
    }
  }

  private static Ticket checkSignature(TicketText read, TicketKey key) {
    if (!read.isSignedBy(key)) {
      throw new InvalidToken(Reason.SIGNATURE, "the ticket is not signed by this hub");
    }
    return read.ticket();
  }

  private void checkTime(Ticket ticket) {
    Instant now = clock.instant();
    if (ticket.issued().isAfter(now.plus(leeway))) {
      throw new InvalidToken(Reason.EARLY, "the ticket was issued in the future");
    }
    if (!now.isBefore(ticket.end())) {
      throw new InvalidToken(Reason.EXPIRED, "the ticket has ended with its token");
    }
  }

  /**
   * Binds a ticket with rights, which {@link #verify} has checked, to the browser that shows it
   * first.
   *
   * @return fails with {@link InvalidToken} if another browser was the first, or nobody was in
   *     time, and as the table does; then nothing may be opened
   */
  public Future<Void> bind(Ticket ticket, Browser browser) {
    boolean fresh = !clock.instant().isAfter(ticket.issued().plus(Ticket.FIRST_USE));
    if (!fresh && !browser.known()) {
      return Future.failedFuture(notInTime());
    }
    String hash = Sha256.base64Url(browser.secret());
    return table
        .putIfAbsent(KIND, key(ticket), fresh ? hash : NOBODY, ticket.end())
        .map(first -> checkBound(first, hash));
  }

  private static Void checkBound(String first, String browser) {
    if (first.equals(NOBODY)) {
      throw notInTime();
    }
    if (!first.equals(browser)) {
      throw new InvalidToken(Reason.USED, "the ticket was used by another browser");
    }
    return null;
  }

  private static InvalidToken notInTime() {
    return new InvalidToken(
        Reason.EXPIRED,
        "the ticket was not used within " + Ticket.FIRST_USE.toSeconds() + " seconds");
  }

  /**
   * Who shows a ticket, which was checked and, if it has rights, bound; waiting for that may have
   * taken until it ended.
   *
   * @param without whoever makes the same request without a ticket or token
   * @throws InvalidToken if it has ended, or its token was revoked, also meanwhile
   * @throws NotGranted if it has no rights, and a token is needed for its topics by now
   */
  public Principal principal(Ticket ticket, Principal without) {
    checkTime(ticket);
    Optional<Ticket.Holder> holder = ticket.content().holder();
    Selection topics = ticket.content().topics();
    if (holder.isEmpty()) {
      Grants grants = Grants.toRead(TopicRights.readable(without, topics.filter()));
      return Principal.withoutToken(grants.withPresence(without.grants().presence()));
    }
    Principal principal = holder.get().reading(topics);
    tokens.check(principal);
    return principal;
  }

  /**
   * Under which it is in the table, with whose token it was got as its owner. The table has hashes
   * only, so that who reads it can't show what is in it.
   */
  private static String key(Ticket ticket) {
    Ticket.Holder holder = ticket.content().holder().orElseThrow();
    String owner = holder.issuer().length() + " " + holder.issuer() + holder.subject();
    return shortHash(owner) + ":" + shortHash(ticket.nonce());
  }

  /** The first 132 bits of a hash. */
  private static String shortHash(String text) {
    return Sha256.base64Url(text).substring(0, SHORT_HASH);
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
