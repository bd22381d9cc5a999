package io.tidings.fanout;

import io.tidings.metrics.Door;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;

/**
 * Writes to a WebSocket: a text message for each line of {@link WireFormat#JSON_LINES}. A line that
 * arrives in parts is a fragmented message (RFC 6455, 5.4).
 */
final class WebSocketOutlet extends PortableOutlet {
  // RFC 6455, 7.4.1
  private static final short NORMAL = 1_000;

  // the registry of RFC 6455, 11.7: the client should reconnect, at once or later
  private static final short SERVICE_RESTART = 1_012;
  private static final short TRY_AGAIN_LATER = 1_013;

  /** The client violates a policy: it must have a right to the stream, and must read it. */
  private static final short POLICY = 1_008;

  private final ServerWebSocket socket;

  /** Whether the last frame of the current message is still to be written. */
  private boolean inMessage;

  WebSocketOutlet(ServerWebSocket socket) {
    super(socket, socket.remoteAddress());
    this.socket = socket;
  }

  @Override
  public Door door(WireFormat wire) {
    return Door.WEBSOCKET;
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
    if (inMessage || !chunk.endsLine()) {
      writePart(chunk.copy(), chunk.endsLine());
      return;
    }
    for (String line : chunk.lines()) {
      count(line.length(), socket.writeTextMessage(line));
    }
  }

  private void writePart(Buffer part, boolean last) {
    int from = 0;
    if (!inMessage) {
      // A text frame holds a string, and a part may end within a character; only continuation
      // frames hold bytes. The frame can't be empty: such a frame can't be compressed.
      from = 1;
      socket.writeFrame(WebSocketFrame.textFrame(part.getString(0, from), false));
    }
    inMessage = !last;
    Buffer bytes = part.slice(from, last ? part.length() - 1 : part.length());
    count(part.length(), socket.writeFrame(WebSocketFrame.continuationFrame(bytes, last)));
  }

  @Override
  public void end(CloseReason why) {
    close(why);
  }

  /**
   * The closing handshake takes no longer than the server setting allows, even if the client does
   * not read.
   */
  @Override
  public void cut(CloseReason why) {
    close(why);
  }

  private void close(CloseReason why) {
    if (closed()) {
      return;
    }
    switch (why) {
      case DRAINED, ISOLATED -> socket.close(SERVICE_RESTART);
      case FAILED -> socket.close(TRY_AGAIN_LATER);
      case TOKEN_EXPIRED -> socket.close(POLICY, "the token has expired");
      case REVOKED -> socket.close(POLICY, "the right to the stream was withdrawn");
      case STALLED -> socket.close(POLICY, "the client does not read");
      default -> socket.close(NORMAL);
    }
  }
}
