package io.tidings.auth;

/**
 * Which tokens are looked at, where a node may not hear of revocations. Any thread; asked for each
 * request with a token, so it must be cheap.
 */
public interface TokenGate {
  /** All tokens. */
  TokenGate OPEN =
      new TokenGate() {
        @Override
        public boolean admitsKnown() {
          return true;
        }

        @Override
        public boolean admitsNew() {
          return true;
        }
      };

  /** Whether a token is accepted that was verified within the last minute. */
  boolean admitsKnown();

  /** Whether a token is verified. */
  boolean admitsNew();
}
