package io.tidings.http;

import io.tidings.wire.EventStreamParser;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.List;

/** An event stream over HTTP/2 that is read from its first byte. Thread-safe. */
final class Http2Stream {
  private final EventStreamParser parser = new EventStreamParser();
  private final Promise<Void> end = Promise.promise();
  private final Promise<HttpVersion> begin = Promise.promise();

  private Http2Stream() {}

  /** Of a client that speaks HTTP/2 from its first byte, without TLS. */
  static HttpClientOptions options() {
    return new HttpClientOptions()
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setHttp2ClearTextUpgrade(false);
  }

  /** Opens a stream of the hub on that port; whether it was answered is told by {@link #begin}. */
  static Http2Stream open(HttpClient client, int port, String target) {
    var stream = new Http2Stream();
    client
        .request(HttpMethod.GET, port, "127.0.0.1", target)
        .onSuccess(stream::send)
        .onFailure(stream::fail);
    return stream;
  }

  /** What a response brings before it has a handler is lost, so it gets one before it can come. */
  private void send(HttpClientRequest request) {
    request.response().onSuccess(this::read).onFailure(this::fail);
    request.send();
  }

  private void read(HttpClientResponse response) {
    response.handler(part -> feed(part.getBytes()));
    response.endHandler(clean -> end.tryComplete());
    response.exceptionHandler(end::tryFail);
    begin.tryComplete(response.version());
  }

  private void fail(Throwable cause) {
    begin.tryFail(cause);
    end.tryFail(cause);
  }

  private synchronized void feed(byte[] bytes) {
    parser.feed(bytes);
  }

  /** The version of its answer; fails with what prevented one. */
  Future<HttpVersion> begin() {
    return begin.future();
  }

  /** Completes at a clean end; fails with what broke the stream. */
  Future<Void> end() {
    return end.future();
  }

  /** The events so far, without those of the hub. */
  synchronized List<EventStreamParser.ReceivedEvent> events() {
    return List.copyOf(parser.events());
  }

  synchronized boolean has(String type) {
    return !parser.all(type).isEmpty();
  }

  /** How many events came so far, those of the hub included. */
  synchronized int blocks() {
    return parser.all().size();
  }
}
