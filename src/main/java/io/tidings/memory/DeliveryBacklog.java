package io.tidings.memory;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The bytes of batches that the log has published and the slowest event loop has not received. One
 * thread publishes; any thread reads.
 */
public final class DeliveryBacklog {
  private final List<Reader> readers = new CopyOnWriteArrayList<>();
  private volatile long limit;
  private volatile long total;

  /**
   * @param limit the maximum number of bytes
   */
  public DeliveryBacklog(long limit) {
    this.limit = limit;
  }

  /**
   * Counts a batch that is about to be published.
   *
   * @return the total so far, which readers pass to {@link Reader#received}
   */
  public long publish(long bytes) {
    long now = total + bytes;
    total = now;
    return now;
  }

  /** Adds a reader of all batches from now on. */
  public Reader reader() {
    var reader = new Reader(total);
    readers.add(reader);
    return reader;
  }

  void limit(long bytes) {
    limit = bytes;
  }

  public long limit() {
    return limit;
  }

  /** The bytes that the slowest reader has not received. */
  public long used() {
    long slowest = total;
    for (Reader reader : readers) {
      slowest = Math.min(slowest, reader.received);
    }
    return total - slowest;
  }

  /** An event loop's progress; updated on its thread. */
  public final class Reader {
    private volatile long received;

    private Reader(long received) {
      this.received = received;
    }

    /** Records that everything up to this total of {@link #publish} was received. */
    public void received(long upTo) {
      received = upTo;
    }

    /** Removes this reader. */
    public void close() {
      readers.remove(this);
    }
  }
}
