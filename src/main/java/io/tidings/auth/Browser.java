package io.tidings.auth;

/**
 * A browser, as far as the hub can tell it from others: by the secret in its cookie.
 *
 * @param known whether the browser has shown the secret; otherwise it is just being given it
 */
public record Browser(String secret, boolean known) {
  /** Without the secret. */
  @Override
  public String toString() {
    return "Browser[known=" + known + "]";
  }
}
