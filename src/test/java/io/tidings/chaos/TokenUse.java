package io.tidings.chaos;

import java.net.http.HttpResponse;

/**
 * A request with a token.
 *
 * @param door what was asked for
 * @param sent before the request, by {@link System#nanoTime}
 */
record TokenUse(Token token, String door, int node, long sent, long answered, Outcome outcome) {
  /** What the node made of the token. */
  enum Outcome {
    /** It was served, or told what only the holder of a valid token is told. */
    ACCEPTED,
    /** It was told that the token was revoked. */
    REVOKED,
    /** It was refused for another reason, or there was no answer. */
    OTHER
  }

  /** A request with a token that is being made. */
  record Request(Token token, String door, int node, long sent) {
    Request(Token token, String door, Node node) {
      this(token, door, node.number(), System.nanoTime());
    }

    /** Adds what the answer says to the history; returns what became of the token. */
    Outcome answered(HttpResponse<?> answer, RightsHistory history) {
      String challenge = answer.headers().firstValue("WWW-Authenticate").orElse("");
      if (answer.statusCode() == 500) {
        history.failed(door + " at node " + node + ": " + answer.body());
      }
      return answered(outcomeOf(answer.statusCode(), challenge), history);
    }

    Outcome answered(Outcome outcome, RightsHistory history) {
      history.used(new TokenUse(token, door, node, sent, System.nanoTime(), outcome));
      return outcome;
    }
  }

  /**
   * @param challenge the header WWW-Authenticate
   */
  static Outcome outcomeOf(int status, String challenge) {
    return switch (status) {
      case 200, 201, 403, 404 -> Outcome.ACCEPTED;
      case 401 -> challenge.contains("\"revoked\"") ? Outcome.REVOKED : Outcome.OTHER;
      default -> Outcome.OTHER;
    };
  }
}
