package io.tidings.fanout;

import io.vertx.core.http.ServerWebSocket;

/** Writes to a WebSocket: a text frame for each line of {@link Wire#JSON_LINES}. */
final class SocketOutlet implements Outlet {
  // RFC 6455, 7.4.1
  private static final short NORMAL = 1_000;

  /** The server goes down; the client should come back. */
  private static final short GOING_AWAY = 1_001;

  /** The client broke a rule: here, that it must take what it asked for. */
  private static final short POLICY = 1_008;

  private final ServerWebSocket socket;
  private long written;
  private long taken;

  SocketOutlet(ServerWebSocket socket) {
    this.socket = socket;
  }

  @Override
  public void write(Chunk chunk) {
    if (socket.isClosed()) {
      return; // its close handler has left, or is about to
    }
    for (String line : chunk.lines()) {
      int size = line.length();
      written += size;
      // a write that failed closes the socket, and that is where the stream is left
      socket.writeTextMessage(line).onSuccess(done -> taken += size);
    }
  }

  @Override
  public boolean writable() {
    return socket.isClosed() || !socket.writeQueueFull();
  }

  @Override
  public void onWritable(Runnable action) {
    socket.drainHandler(drained -> action.run());
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
    return Peer.of(socket.remoteAddress().hostAddress(), socket.remoteAddress().port());
  }

  @Override
  public void end(Ending why) {
    if (!socket.isClosed()) {
      socket.close(why == Ending.EXPIRED ? NORMAL : GOING_AWAY);
    }
  }

  /** The closing handshake waits no longer than the server is set to, whoever does not read. */
  @Override
  public void cut() {
    if (!socket.isClosed()) {
      socket.close(POLICY, "takes nothing");
    }
  }
}
