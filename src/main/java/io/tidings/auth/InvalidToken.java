package io.tidings.auth;

import java.util.Locale;

/**
 * A token that proves nothing. The message is a sentence for the client that never has the token,
 * nor a part of it; it has no stack.
 */
public final class InvalidToken extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why a token was refused, for metrics and audit lines. */
  public enum Reason {
    /** It is not a signed JWT, or a claim has the wrong JSON type. */
    MALFORMED,
    /** Its issuer is not configured. */
    ISSUER,
    /** Its algorithm is none, unknown, not allowed, or not that of the issuer's keys. */
    ALGORITHM,
    /** It is a token of another kind ({@code typ}). */
    TYPE,
    /** It is meant for another service ({@code aud}). */
    AUDIENCE,
    /** It has no end, or is past it. */
    EXPIRED,
    /** It is not valid yet. */
    EARLY,
    /** The issuer has no keys at the moment, or not the one that is named. */
    KEYS,
    /** The issuer's keys can't be loaded, and no known one fits; not the token's fault. */
    OUTAGE,
    /** The signature is not by the issuer's keys. */
    SIGNATURE,
    /** The claim {@code tidings} breaks a rule. */
    GRANTS,
    /** It is a ticket that another browser has used. */
    USED,
    /** An administrator has revoked it. */
    REVOKED,
    /** This node can't know whether it was revoked on another one; not the token's fault. */
    ISOLATED,
    /** Too many tokens wait for their verification; not the token's fault. */
    BUSY;

    /** Whether it may be the token that is wrong, and not the hub that can't verify it now. */
    public boolean isFailedLogin() {
      return this != OUTAGE && this != BUSY && this != ISOLATED;
    }

    /** Whether the same token may be accepted later, or by another node. */
    public boolean isTransient() {
      return this == BUSY || this == ISOLATED;
    }

    /** The reason in lower case. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Reason reason;

  public InvalidToken(Reason reason, String sentence) {
    super(sentence, null, false, false);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
