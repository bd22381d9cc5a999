package io.tidings.fanout;

import io.vertx.core.http.ServerWebSocket;

/** Writes to a WebSocket: a text frame for each line of {@link WireFormat#JSON_LINES}. */
final class WebSocketOutlet extends PortableOutlet {
  // RFC 6455, 7.4.1
  private static final short NORMAL = 1_000;

  // the registry of RFC 6455, 11.7: the client should reconnect, at once or later
  private static final short SERVICE_RESTART = 1_012;
  private static final short TRY_AGAIN_LATER = 1_013;

  /** The client violated a policy: it must read the stream that it asked for. */
  private static final short POLICY = 1_008;

  private final ServerWebSocket socket;

  WebSocketOutlet(ServerWebSocket socket) {
    super(socket, socket.remoteAddress());
    this.socket = socket;
  }

  @Override
  boolean closed() {
    return socket.isClosed();
  }

  @Override
  public void write(Chunk chunk) {
    if (closed()) {
      return; // its close handler has left the stream, or is about to
    }
    for (String line : chunk.lines()) {
      count(line.length(), socket.writeTextMessage(line));
    }
  }

  @Override
  public boolean acceptsParts() {
    return false;
  }

  @Override
  public void end(CloseReason why) {
    if (!closed()) {
      socket.close(
          switch (why) {
            case DRAINED -> SERVICE_RESTART;
            case FAILED -> TRY_AGAIN_LATER;
            default -> NORMAL;
          });
    }
  }

  /**
   * The closing handshake takes no longer than the server setting allows, even if the client does
   * not read.
   */
  @Override
  public void cut() {
    if (!closed()) {
      socket.close(POLICY, "takes nothing");
    }
  }
}
