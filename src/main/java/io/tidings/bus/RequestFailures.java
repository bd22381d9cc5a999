package io.tidings.bus;

import io.tidings.auth.InvalidToken;
import io.tidings.auth.NotGranted;
import io.tidings.event.InvalidEvent;
import io.tidings.limits.LimitExceeded;
import io.tidings.log.LogUnavailable;
import io.vertx.core.eventbus.Message;

/** How requests over the event bus that failed are answered: by codes that are statuses of HTTP. */
final class RequestFailures {
  static final int BAD_REQUEST = 400;
  static final int UNAVAILABLE = 503;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int INTERNAL_ERROR = 500;
  private static final System.Logger LOG = System.getLogger(RequestFailures.class.getName());

  private RequestFailures() {}

  /**
   * Replies to a request that failed. A failure that is not the sender's and no outage of the log
   * is a bug: it is logged here, and the sender gets no details.
   *
   * @return the code of the reply
   */
  static int reply(Message<?> request, Throwable failure) {
    if (failure instanceof InvalidEvent broken) { // without the line, which JSON requests have not
      int status = broken instanceof NotGranted ? FORBIDDEN : BAD_REQUEST;
      return fail(request, status, broken.field() + ": " + broken.rule());
    } else if (failure instanceof LimitExceeded) {
      return fail(request, TOO_MANY_REQUESTS, failure.getMessage());
    } else if (failure instanceof LogUnavailable) {
      return fail(request, UNAVAILABLE, failure.getMessage());
    } else if (failure instanceof InvalidToken token) {
      boolean busy = token.reason() == InvalidToken.Reason.BUSY;
      return fail(request, busy ? UNAVAILABLE : UNAUTHORIZED, failure.getMessage());
    } else {
      LOG.log(System.Logger.Level.ERROR, "a request failed", failure);
      return fail(request, INTERNAL_ERROR, "the hub failed");
    }
  }

  private static int fail(Message<?> request, int status, String message) {
    request.fail(status, message);
    return status;
  }
}
