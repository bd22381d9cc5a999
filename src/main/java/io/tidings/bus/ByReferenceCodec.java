package io.tidings.bus;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Delivers immutable messages by reference to consumers on this node, and only there. */
final class ByReferenceCodec<T> implements MessageCodec<T, T> {
  private final Class<T> type;

  ByReferenceCodec(Class<T> type) {
    this.type = type;
  }

  @Override
  public T transform(T message) {
    return message;
  }

  @Override
  public String name() {
    return type.getName();
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }

  @Override
  public void encodeToWire(Buffer buffer, T message) {
    throw new UnsupportedOperationException(name() + " can't be sent to another node");
  }

  @Override
  public T decodeFromWire(int position, Buffer buffer) {
    throw new UnsupportedOperationException(name() + " can't be sent to another node");
  }
}
