package io.tidings.auth;

import io.tidings.event.Selection;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A ticket: stands for a token in the URL of a stream, where a token must not be. It has rights
 * only if it was got by a token; otherwise it names topics, and whoever shows it may read of them
 * what nobody needs a token for.
 *
 * @param keyId the key that signs it
 * @param nonce 192 random bits, by which it is unique
 */
public record Ticket(String keyId, String nonce, Instant issued, Content content) {
  /** How long after it was issued it has to be shown for the first time. */
  public static final Duration FIRST_USE = Duration.ofSeconds(30);

  /** How long it may be shown again at most; its key is kept for as long. */
  static final Duration MAX_LIFE = Duration.ofDays(30);

  /**
   * What it is for.
   *
   * @param topics what may be read by it, and of private events
   * @param origin of the page that may show it; empty for a program, or a page of the hub's own
   */
  public record Content(Selection topics, String origin, Optional<Holder> holder) {}

  /**
   * Whose token it was got by.
   *
   * @param expires when that token ends
   * @param tokenIssued when that token was issued, if it says so
   * @param presence what it may see, and shows to others, where streams tell who is present
   */
  public record Holder(
      String issuer,
      String subject,
      Optional<String> tokenId,
      Instant expires,
      Optional<Instant> tokenIssued,
      Presence presence) {
    /** The holder, as far as the ticket goes. */
    Principal reading(Selection topics) {
      Grants grants = Grants.toRead(topics).withPresence(presence.granted);
      Optional<Instant> end = Optional.of(expires);
      return new Principal(issuer, subject, grants, end, tokenId, tokenIssued, presence.payload);
    }
  }

  /**
   * @param granted whether the holder may see who is present at the topics
   * @param payload as of {@link Principal}
   */
  public record Presence(boolean granted, Optional<String> payload) {}

  /** Whether it has rights, and so must not be shown by anybody else. */
  public boolean hasRights() {
    return content.holder.isPresent();
  }

  /** The origin of the page that may show it; empty for a program, or a page of the hub's own. */
  public String origin() {
    return content.origin;
  }

  /** When it ends: with its token. */
  Instant end() {
    Instant longest = issued.plus(MAX_LIFE);
    return content
        .holder
        .map(Holder::expires)
        .filter(expires -> expires.isBefore(longest))
        .orElse(longest);
  }

  /** Without its nonce. */
  @Override
  public String toString() {
    return "Ticket[" + issued + "]";
  }
}
