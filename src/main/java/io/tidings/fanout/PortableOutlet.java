package io.tidings.fanout;

import io.vertx.core.Future;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.streams.WriteStream;

/** What outlets share that write by the public API of Vert.x: it tells when something is sent. */
abstract class PortableOutlet implements Outlet {
  private final WriteStream<?> stream;
  private final SocketAddress peer;
  private Runnable onWritable = () -> {};
  private Future<Void> lastWrite = Future.succeededFuture();
  private long written;
  private long taken;

  /** Somebody found too much unsent, and waits until it is less. */
  private boolean waited;

  PortableOutlet(WriteStream<?> stream, SocketAddress peer) {
    this.stream = stream;
    this.peer = peer;
  }

  /** Whether nothing can be written any more. */
  abstract boolean closed();

  /** So many bytes are written, which the future tells the end of. */
  final void count(int bytes, Future<Void> write) {
    written += bytes;
    lastWrite = write;
    // a write that failed is answered where the stream is left: by the handlers of its end
    write.onSuccess(done -> taken(bytes));
  }

  /** Completes when nothing is unsent. */
  final Future<Void> lastWrite() {
    return lastWrite;
  }

  private void taken(int bytes) {
    taken += bytes;
    if (waited && unsent() <= MAX_UNSENT / 2) {
      waited = false;
      onWritable.run();
    }
  }

  @Override
  public final void write(Chunk chunk, Runnable sent) {
    write(chunk);
    lastWrite.onComplete(done -> sent.run());
  }

  @Override
  public final boolean writable() {
    if (closed()) {
      return true;
    }
    // Vert.x counts messages, of whatever size
    boolean full = unsent() > MAX_UNSENT;
    waited |= full;
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
    return written - taken;
  }

  @Override
  public final void allSent(boolean all) {
    // the public API can tell the kernel nothing
  }

  @Override
  public final String peer() {
    return ClientAddress.of(peer);
  }
}
