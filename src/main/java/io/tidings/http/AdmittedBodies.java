package io.tidings.http;

import io.tidings.bus.Admission;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.function.Function;

/**
 * Reads bodies of requests, each once there is memory for it. Confined to one event loop.
 *
 * @param admission admits bodies as far as there is memory for them
 * @param timeout how long receiving a body may take; zero for no limit
 */
record AdmittedBodies(Admission admission, Duration timeout) {
  /**
   * Reads the body, and holds its memory until it is used. The common case, in which memory is
   * available at once, does not pause the request.
   *
   * @param use called with the body
   * @return the result of the use; fails as {@link RequestBody#read}, or without memory
   */
  <T> Future<T> read(HttpServerRequest request, int maxBytes, Function<Buffer, Future<T>> use) {
    long bytes = RequestBody.memoryBytes(request, maxBytes);
    Future<Void> admitted = admission.acquire(bytes);
    if (admitted.succeeded()) {
      return RequestBody.read(request, maxBytes, timeout)
          .compose(use)
          .onComplete(done -> admission.release(bytes));
    }
    request.pause();
    return admitted
        .compose(
            acquired -> {
              Future<Buffer> body =
                  request.response().closed()
                      ? Future.failedFuture(Problem.of(400, "body: the client has disconnected"))
                      : RequestBody.read(request, maxBytes, timeout);
              request.resume();
              return body.compose(use).onComplete(done -> admission.release(bytes));
            })
        .onFailure(e -> request.resume()); // the rest of the body is discarded
  }
}
