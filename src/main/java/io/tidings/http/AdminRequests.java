package io.tidings.http;

import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.event.InvalidEvent;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** What the routes for administrators share. */
final class AdminRequests {
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

  /** The parameter of {@link #limit}. */
  static final String LIMIT = "limit";

  private AdminRequests() {}

  /**
   * @throws NotGranted unless the principal is an administrator
   */
  static void check(Principal principal) {
    if (!principal.grants().admin()) {
      throw NotGranted.right(principal, "admin");
    }
  }

  /**
   * @throws InvalidEvent with the first parameter that is not one of these
   */
  static void checkParameters(QueryParameters parameters, Set<String> known) {
    for (String name : parameters.names()) {
      if (!known.contains(name)) {
        throw new InvalidEvent(name, "unknown parameter");
      }
    }
  }

  /** The largest number of rows in an answer. */
  static int limit(QueryParameters parameters, int otherwise, int max) {
    long limit = parameters.single(LIMIT).map(text -> number(LIMIT, text)).orElse((long) otherwise);
    if (limit < 1 || limit > max) {
      throw new InvalidEvent(LIMIT, "must be from 1 to " + max);
    }
    return (int) limit;
  }

  static long number(String field, String text) {
    if (!NUMBER.matcher(text).matches()) {
      throw new InvalidEvent(field, "must be a number");
    }
    return Long.parseLong(text);
  }

  /** Answers with the document, when it is there. */
  static void answer(HttpServerRequest request, Future<JsonObject> document) {
    document
        .<Void>map(
            json -> {
              if (!request.response().closed()) {
                request
                    .response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
                Answer.end(request, json.toBuffer());
              }
              return null;
            })
        .onFailure(e -> fail(request, e));
  }

  static void fail(HttpServerRequest request, Throwable failure) {
    FailureHandler.respond(
        request,
        failure instanceof TimeoutException
            ? Problem.of(503, "an event loop of this node does not answer")
            : failure);
  }
}
