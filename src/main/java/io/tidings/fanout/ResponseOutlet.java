package io.tidings.fanout;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/** Writes to a response: of HTTP/2, and wherever {@link ChannelOutlet} is not wanted. */
final class ResponseOutlet extends PortableOutlet {
  private final HttpServerResponse response;
  private final HttpConnection connection;
  private final boolean endsWithConnection;

  ResponseOutlet(HttpServerRequest request) {
    super(request.response(), request.connection().remoteAddress());
    this.response = request.response();
    this.connection = request.connection();
    this.endsWithConnection = request.version() == HttpVersion.HTTP_1_0;
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
    if (closed()) {
      return;
    }
    var ended = response.end();
    if (endsWithConnection) { // HTTP/1.0 has no chunks, nothing else tells that this was all
      ended.onComplete(done -> connection.close());
    }
  }

  /**
   * Over HTTP/1 Vert.x first sends what is queued, so this waits for a client that does not read;
   * the server's idle timeout closes such a connection.
   */
  @Override
  public void cut() {
    response.reset();
  }
}
