package io.tidings.fanout;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;

/**
 * Writes by the public API of Vert.x: for HTTP/2, and wherever {@link ChannelOutlet} is not wanted.
 */
final class ResponseOutlet implements Outlet {
  private final HttpServerResponse response;
  private final SocketAddress peer;
  private long written;
  private long taken;

  ResponseOutlet(HttpServerResponse response, SocketAddress peer) {
    this.response = response;
    this.peer = peer;
  }

  @Override
  public void write(Chunk chunk) {
    int size = chunk.size();
    written += size;
    // a write that failed is answered by the response's exception handler, where the stream is left
    response.write(chunk.copy()).onSuccess(done -> taken += size);
  }

  @Override
  public boolean writable() {
    return response.closed() || response.ended() || !response.writeQueueFull();
  }

  @Override
  public void onWritable(Runnable action) {
    response.drainHandler(drained -> action.run());
  }

  @Override
  public long written() {
    return written;
  }

  @Override
  public long unsent() {
    return written - taken;
  }

  @Override
  public void allSent(boolean all) {
    // the public API can tell the kernel nothing
  }

  @Override
  public String peer() {
    return Peer.of(peer.hostAddress(), peer.port());
  }

  @Override
  public void end(Ending why) {
    if (!response.ended() && !response.closed()) {
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
