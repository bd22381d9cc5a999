package raft;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A node's own log: a record for each command (index, length, bytes), appended without a flush, as the segments of a hub would be.
 * Indexes that are in it already are ignored. Owned by the thread that applies; the counters are read by others.
 */
final class Store implements Consensus.StateMachine {

  /** Receives every event that is applied for the first time. */
  interface Listener {
    void applied(Event event);
  }

  /** Keeps nothing: where only the engine's own files are to fail. */
  private static final boolean OFF = Boolean.getBoolean("store.off");

  private static final long FLUSH_NANOS = 1_000_000_000;
  private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;

  private final FileChannel file;
  private final Listener listener;
  private final ByteBuffer header = ByteBuffer.allocateDirect(HEADER_BYTES);

  /** Written after the record. */
  private volatile long lastIndex;

  private volatile long durable;
  private final AtomicLong events = new AtomicLong();

  Store(Path path, Listener listener) throws IOException {
    this.listener = listener;
    file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    long position = 0;
    while (position + HEADER_BYTES <= file.size()) {
      file.read(header.clear(), position);
      header.flip();
      long index = header.getLong();
      long end = position + HEADER_BYTES + header.getInt();
      if (end > file.size()) {
        break;
      }
      lastIndex = index;
      position = end;
    }
    file.truncate(position);
    file.position(position);
    var flusher = new Thread(this::flushForever, "flush");
    flusher.setDaemon(true);
    flusher.start();
  }

  @Override
  public void apply(long index, ByteBuffer command) throws IOException {
    if (index <= lastIndex) {
      return;
    }
    if (!OFF) {
      header.clear().putLong(index).putInt(command.remaining()).flip();
      ByteBuffer[] record = {header, command.duplicate()};
      while (record[1].hasRemaining()) {
        file.write(record);
      }
    }
    lastIndex = index;
    long count = 0;
    while (command.hasRemaining()) {
      listener.applied(Event.read(command));
      count++;
    }
    events.addAndGet(count);
  }

  /** Flushes in the background: a flush by the thread that applies would hold up the answers. */
  private void flushForever() {
    while (true) {
      LockSupport.parkNanos(FLUSH_NANOS);
      long index = lastIndex;
      try {
        file.force(false);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      if (!OFF) {
        durable = index;
      }
    }
  }

  @Override
  public long durable() {
    return durable;
  }

  /** How many events this process has applied. */
  long events() {
    return events.get();
  }
}
