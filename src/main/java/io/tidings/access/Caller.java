package io.tidings.access;

import io.tidings.auth.Principal;
import io.tidings.limits.LimitKey;

/**
 * Who sends a request.
 *
 * @param address the client's address; empty if it has none, as on the event bus
 */
public record Caller(Principal principal, String address) {
  /** A sender on the event bus, where messages carry no address. */
  public static Caller onEventBus(Principal principal) {
    return new Caller(principal, "");
  }

  /** Whose limits apply: the principal's if it is identified, else the address's. */
  LimitKey limitKey() {
    return principal.identified()
        ? LimitKey.ofPrincipal(principal.issuer(), principal.subject())
        : addressKey();
  }

  /** Whose failed logins are counted together; callers without an address are one. */
  LimitKey addressKey() {
    return LimitKey.ofAddress(address);
  }
}
