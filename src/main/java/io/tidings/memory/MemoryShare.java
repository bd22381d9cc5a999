package io.tidings.memory;

import java.util.concurrent.atomic.AtomicLong;

/** A byte-counted share of the memory budget. Any thread. */
public final class MemoryShare {
  private final String name;
  private volatile long limit;
  private final AtomicLong used = new AtomicLong();

  /**
   * @param name the tag in metrics
   * @param limit in bytes
   */
  public MemoryShare(String name, long limit) {
    this.name = name;
    this.limit = limit;
  }

  /**
   * Reserves bytes if the limit allows. A reservation always succeeds while nothing is reserved,
   * because one larger than the whole share could otherwise never be made.
   */
  public boolean tryReserve(long bytes) {
    long before = used.get();
    while (before == 0 || before + bytes <= limit) {
      if (used.compareAndSet(before, before + bytes)) {
        return true;
      }
      before = used.get();
    }
    return false;
  }

  /** Reserves bytes regardless of the limit. */
  public void reserve(long bytes) {
    used.addAndGet(bytes);
  }

  /** Releases reserved bytes. */
  public void release(long bytes) {
    used.addAndGet(-bytes);
  }

  /** Changes the limit; existing reservations are kept. */
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

  /** The bytes that can be reserved; never negative. */
  public long free() {
    return Math.max(0, limit - used.get());
  }
}
