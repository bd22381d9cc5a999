package io.tidings.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * What a WebSocket client sent before its handshake was answered: frames, or an exception of the
 * decoder. Netty decodes whatever follows the handshake in the same read before Vert.x answers it.
 * Confined to the connection's event loop.
 */
final class EarlyFrames {
  private final Queue<Object> messages = new ArrayDeque<>(0);

  /** Takes ownership of the message. */
  void add(Object message) {
    messages.add(message);
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  /**
   * Passes everything to the next handler, after Vert.x has handed the WebSocket to its user, which
   * it does in a task of its own.
   */
  void passLater(ChannelHandlerContext context) {
    context.executor().execute(() -> context.executor().execute(() -> pass(context)));
  }

  private void pass(ChannelHandlerContext context) {
    for (Object message = messages.poll(); message != null; message = messages.poll()) {
      if (message instanceof Throwable cause) {
        context.fireExceptionCaught(cause);
      } else {
        context.fireChannelRead(message);
      }
    }
    context.fireChannelReadComplete(); // at which Vert.x flushes
  }

  void release() {
    messages.forEach(ReferenceCountUtil::release);
    messages.clear();
  }
}
