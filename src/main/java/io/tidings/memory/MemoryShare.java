package io.tidings.memory;

import java.util.concurrent.atomic.AtomicLong;

/** A part of the memory that one use of it may take. Any thread. */
public final class MemoryShare {
  private final String name;
  private volatile long limit;
  private final AtomicLong used = new AtomicLong();

  /**
   * @param name the word for it in metrics
   * @param limit in bytes
   */
  public MemoryShare(String name, long limit) {
    this.name = name;
    this.limit = limit;
  }

  /**
   * Takes so many bytes if there is room for them. One who finds nothing taken gets what it wants,
   * however much: what is larger than the whole share would otherwise never be served.
   */
  public boolean tryTake(long bytes) {
    long before = used.get();
    while (before == 0 || before + bytes <= limit) {
      if (used.compareAndSet(before, before + bytes)) {
        return true;
      }
      before = used.get();
    }
    return false;
  }

  /** Takes so many bytes, whether there is room or not. */
  public void take(long bytes) {
    used.addAndGet(bytes);
  }

  /** Gives back so many bytes that were taken. */
  public void give(long bytes) {
    used.addAndGet(-bytes);
  }

  /** Changes what may be taken; what is taken already stays so. */
  void limit(long bytes) {
    limit = bytes;
  }

  public String name() {
    return name;
  }

  public long limit() {
    return limit;
  }

  public long used() {
    return used.get();
  }

  /** How many bytes there is room for; never less than 0. */
  public long free() {
    return Math.max(0, limit - used.get());
  }
}
