package io.tidings.chaos;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;

/**
 * What came of a request to a node, which may end or be cut off meanwhile.
 *
 * @param answer empty if there was none
 * @param nothingSent whether the node can't have received the request
 * @param failure why there is no answer; empty if there is one
 */
record Sent(Optional<HttpResponse<String>> answer, boolean nothingSent, String failure) {
  static Sent send(HttpClient http, HttpRequest request) {
    try {
      return new Sent(
          Optional.of(http.send(request, HttpResponse.BodyHandlers.ofString())), false, "");
    } catch (ConnectException | HttpConnectTimeoutException e) {
      return new Sent(Optional.empty(), true, e.toString());
    } catch (IOException e) {
      return new Sent(Optional.empty(), false, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Sent(Optional.empty(), false, e.toString());
    }
  }

  /** The status and the body, or why there are none. */
  String detail() {
    return answer.map(one -> one.statusCode() + " " + one.body()).orElse(failure);
  }
}
