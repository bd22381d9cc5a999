package io.tidings.memory;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * How much of what the log has handed on the event loops have not received yet: the memory of what
 * is on the way to the slowest of them. One thread hands on; any thread asks.
 */
public final class DeliveryBacklog {
  private final List<Reader> readers = new CopyOnWriteArrayList<>();
  private volatile long limit;
  private volatile long total;

  /**
   * @param limit the bytes that may be on the way
   */
  public DeliveryBacklog(long limit) {
    this.limit = limit;
  }

  /**
   * So many bytes are about to be handed on.
   *
   * @return how many there were in all, by which {@link Reader#received} knows how far it is
   */
  public long handOn(long bytes) {
    long now = total + bytes;
    total = now;
    return now;
  }

  /** One who receives everything from now on. */
  public Reader reader() {
    var reader = new Reader(total);
    readers.add(reader);
    return reader;
  }

  /** Changes what may be on the way. */
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

  /** One who receives, on its own thread. */
  public final class Reader {
    private volatile long received;

    private Reader(long received) {
      this.received = received;
    }

    /** Has received all up to there, by the count of {@link #handOn}. */
    public void received(long upTo) {
      received = upTo;
    }

    /** Receives nothing any more. */
    public void close() {
      readers.remove(this);
    }
  }
}
