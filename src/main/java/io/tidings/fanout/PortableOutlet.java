package io.tidings.fanout;

import io.vertx.core.Future;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.streams.WriteStream;

/**
 * Base of the outlets that write by the public API of Vert.x, whose futures report when a write is
 * sent.
 */
abstract class PortableOutlet implements Outlet {
  private final WriteStream<?> stream;
  private final SocketAddress peer;
  private Runnable onWritable = () -> {};
  private Future<Void> lastWrite = Future.succeededFuture();
  private long written;
  private long sent;

  /** Whether a caller found the outlet not writable, and is to be called when it is again. */
  private boolean callerWaits;

  PortableOutlet(WriteStream<?> stream, SocketAddress peer) {
    this.stream = stream;
    this.peer = peer;
  }

  /** Whether nothing can be written any more. */
  abstract boolean closed();

  /**
   * Counts a write.
   *
   * @param write completes when the bytes are sent
   */
  final void count(int bytes, Future<Void> write) {
    written += bytes;
    lastWrite = write;
    // a failed write needs no handling here: the handlers of the stream's end leave the stream
    write.onSuccess(done -> sent(bytes));
  }

  /** Completes when nothing is unsent. */
  final Future<Void> lastWrite() {
    return lastWrite;
  }

  private void sent(int bytes) {
    sent += bytes;
    if (callerWaits && unsent() <= MAX_UNSENT / 2) {
      callerWaits = false;
      onWritable.run();
    }
  }

  @Override
  public final void write(Chunk chunk, Runnable sent) {
    write(chunk);
    lastWrite.onComplete(done -> sent.run());
  }

  @Override
  public final void onSent(Runnable action) {
    lastWrite.onComplete(done -> action.run());
  }

  @Override
  public boolean writable() {
    if (closed()) {
      return true;
    }
    // the queue of Vert.x counts messages, whatever their size
    boolean full = unsent() > MAX_UNSENT;
    callerWaits |= full;
    return !full && !stream.writeQueueFull();
  }

  @Override
  public final void onWritable(Runnable action) {
    onWritable = action;
    stream.drainHandler(drained -> action.run());
  }

  @Override
  public final long written() {
    return written;
  }

  @Override
  public final long unsent() {
    return written - sent;
  }

  @Override
  public final void allSent(boolean all) {
    // the public API can't set the kernel's options of an open socket
  }

  @Override
  public final String peer() {
    return ClientAddress.of(peer);
  }
}
