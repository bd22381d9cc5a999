package io.tidings.presence;

import io.tidings.auth.Principal;

/**
 * Identifies a member: a principal with a token.
 *
 * @param subject unique only together with the issuer
 */
record MemberKey(String issuer, String subject) {
  /** Whoever has no token: not one member, but as many as there are streams. */
  static final MemberKey ANONYMOUS = new MemberKey("", "");

  static MemberKey of(Principal principal) {
    return principal.identified()
        ? new MemberKey(principal.issuer(), principal.subject())
        : ANONYMOUS;
  }
}
