package io.tidings.chaos;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * The tokens of one client. When one of them is refused as revoked, it gets another one; if that is
 * refused too, one of another subject. Thread-safe.
 */
final class Account {
  private final String name;
  private final boolean dated;
  private final boolean oneSubject;
  private int subjects = 1;
  private int tokens;
  private boolean refused;
  private Token newest;

  /**
   * @param dated whether its tokens say when they were issued
   * @param oneSubject whether its subject must stay the same, as that of a publisher whose keys the
   *     hub remembers
   */
  Account(String name, boolean dated, boolean oneSubject) {
    this.name = name;
    this.dated = dated;
    this.oneSubject = oneSubject;
  }

  synchronized Token create(Set<String> topics, Duration life) {
    String subject = name + "-" + subjects;
    Optional<Instant> issued = dated ? Optional.of(now()) : Optional.empty();
    newest = Token.create(subject, name + "." + ++tokens, issued, life, topics);
    return newest;
  }

  /** In eighths of a second, which a number of seconds in JSON has exactly. */
  private static Instant now() {
    long millis = System.currentTimeMillis();
    return Instant.ofEpochMilli(millis - millis % 125);
  }

  /** The one that was made last; null before. */
  synchronized Token newest() {
    return newest;
  }

  boolean dated() {
    return dated;
  }

  boolean oneSubject() {
    return oneSubject;
  }

  /** Whether a token is of its subject, and not known to be revoked. */
  synchronized boolean isCurrent(Token token) {
    return !refused && token.subject().equals(name + "-" + subjects);
  }

  /** A node has told what it makes of a token. */
  synchronized void used(Token token, TokenUse.Outcome outcome) {
    if (outcome == TokenUse.Outcome.ACCEPTED) {
      refused = false;
    } else if (outcome == TokenUse.Outcome.REVOKED) {
      if (refused && !oneSubject && token.subject().equals(name + "-" + subjects)) {
        subjects++;
      }
      refused = true;
    }
  }
}
