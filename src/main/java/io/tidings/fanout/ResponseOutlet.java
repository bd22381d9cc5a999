package io.tidings.fanout;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** Writes to a response: of HTTP/2, and wherever {@link ChannelOutlet} is not wanted. */
final class ResponseOutlet extends PortableOutlet {
  private final HttpServerResponse response;

  ResponseOutlet(HttpServerRequest request) {
    super(request.response(), request.connection().remoteAddress());
    this.response = request.response();
  }

  @Override
  boolean closed() {
    return response.closed() || response.ended();
  }

  @Override
  public void write(Chunk chunk) {
    count(chunk.size(), response.write(chunk.copy()));
  }

  @Override
  public void end(Ending why) {
    if (!closed()) {
      response.end();
    }
  }

  /**
   * Over HTTP/1 this waits for a client that does not read; there the server's idle timeout must do
   * it.
   */
  @Override
  public void cut() {
    response.reset();
  }
}
