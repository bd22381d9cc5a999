package io.tidings.fanout;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/** Writes to a response: for HTTP/2, and where {@link ChannelOutlet} is disabled. */
final class ResponseOutlet extends PortableOutlet {
  /** RFC 9113, 7: the stream is no longer needed. Some clients treat NO_ERROR as a clean end. */
  private static final long CANCEL = 8;

  private static final long NO_ERROR = 0;

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final boolean endsWithConnection;
  private final boolean cutsUnfinished;

  /**
   * @param cutsUnfinished whether a stream whose client should reconnect ends without the end of
   *     its response
   */
  ResponseOutlet(HttpServerRequest request, boolean cutsUnfinished) {
    super(request.response(), request.connection().remoteAddress());
    this.request = request;
    this.response = request.response();
    this.endsWithConnection = request.version() == HttpVersion.HTTP_1_0;
    this.cutsUnfinished = cutsUnfinished;
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
  public void end(CloseReason why) {
    if (closed()) {
      return;
    }
    if (cutsUnfinished && why.clientReconnects()) {
      lastWrite().onComplete(written -> abort(why)); // a reset discards unsent bytes
      return;
    }
    var ended = response.end();
    if (why.endsConnection()) {
      ended.onComplete(done -> endConnection());
    } else if (endsWithConnection) { // HTTP/1.0 has no chunks: only this ends the response
      ended.onComplete(done -> request.connection().close());
    }
  }

  /**
   * The other streams of an HTTP/2 connection go on, for however long; the client opens no more.
   * The successor of {@code goAway}, {@code shutdown}, would end them after a time.
   */
  @SuppressWarnings("deprecation")
  private void endConnection() {
    if (request.version() == HttpVersion.HTTP_2) {
      request.connection().goAway(NO_ERROR);
    } else {
      request.connection().close();
    }
  }

  private void abort(CloseReason why) {
    if (request.version() == HttpVersion.HTTP_2) {
      if (why.endsConnection()) {
        endConnection(); // first, so that a client that hears of the reset opens no stream on it
      }
      response.reset(CANCEL);
    } else {
      request.connection().close();
    }
  }

  /**
   * Over HTTP/1 Vert.x first sends the queued writes, so this waits for a client that does not
   * read; the server's idle timeout, or its end, closes such a connection. Neither could if a close
   * that waits behind the queue had begun before.
   */
  @Override
  public void cut(CloseReason why) {
    if (request.version() != HttpVersion.HTTP_2) {
      lastWrite().onComplete(written -> request.connection().close());
    } else if (!response.closed()) {
      response.reset();
    }
  }
}
