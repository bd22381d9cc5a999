package io.tidings.auth;

import java.io.IOException;

/** A source of keys gave none that can be used. The message is the rule that was broken. */
final class UnusableKeys extends IOException {
  private static final long serialVersionUID = 1L;

  UnusableKeys(String rule) {
    super(rule);
  }
}
