package io.tidings.http;

import io.tidings.auth.Principal;
import io.tidings.limits.LimitKey;

/**
 * Who sends a request.
 *
 * @param address the client's address, as {@link TrustedProxies#clientAddress} finds it
 */
record Caller(Principal principal, String address) {
  /** Whose limits apply: the principal's if it is identified, else the address's. */
  LimitKey limitKey() {
    return principal.identified()
        ? LimitKey.ofPrincipal(principal.issuer(), principal.subject())
        : LimitKey.ofAddress(address);
  }
}
