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
  /** Whose it is. */
  enum Kind {
    READER,
    /** A reader whose tokens say when they were issued. */
    DATED_READER,
    PUBLISHER,
    /** A publisher whose subject must stay the same, since the hub remembers its keys. */
    PUBLISHER_WITH_KEYS
  }

  private final String name;
  private final Kind kind;
  private int subjects = 1;
  private int tokens;
  private boolean refused;
  private Token inForce;

  Account(String name, Kind kind) {
    this.name = name;
    this.kind = kind;
  }

  synchronized Token create(Set<String> topics, Duration life) {
    String subject = name + "-" + subjects;
    Optional<Instant> issued = dated() ? Optional.of(now()) : Optional.empty();
    return Token.create(subject, name + "." + ++tokens, issued, life, topics);
  }

  /** In eighths of a second, which a number of seconds in JSON has exactly. */
  private static Instant now() {
    long millis = System.currentTimeMillis();
    return Instant.ofEpochMilli(millis - millis % 125);
  }

  /** Its client has now the rights of this token, and not those of the one before. */
  synchronized void inForce(Token token) {
    inForce = token;
  }

  /** The token whose rights its client has; empty before the first. */
  synchronized Optional<Token> inForce() {
    return Optional.ofNullable(inForce);
  }

  boolean dated() {
    return kind == Kind.DATED_READER;
  }

  boolean oneSubject() {
    return kind == Kind.PUBLISHER_WITH_KEYS;
  }

  boolean reads() {
    return kind == Kind.READER || kind == Kind.DATED_READER;
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
      if (refused && !oneSubject() && token.subject().equals(name + "-" + subjects)) {
        subjects++;
      }
      refused = true;
    }
  }
}
