package io.tidings.log;

import io.tidings.event.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Collects the entries of a page until it has enough bytes. Belongs to one thread. */
final class PageBuilder {
  private final List<Entry> entries = new ArrayList<>();
  private int remainingBytes;
  private long offset;
  private Position head;

  /**
   * @param after the offset after which the page begins
   * @param maxBytes the bytes of frames after which no entry is added; the last one may exceed it
   */
  PageBuilder(long after, int maxBytes) {
    offset = after;
    remainingBytes = maxBytes;
  }

  boolean isFull() {
    return remainingBytes <= 0;
  }

  /** The offset up to which the log was read. */
  long offset() {
    return offset;
  }

  void add(Entry entry) {
    entries.add(entry);
    remainingBytes -= entry.frame().size();
    offset = entry.offset();
  }

  /** Passes over an entry that the filter does not match. */
  void skip(Entry entry) {
    offset = entry.offset();
  }

  /** Sets the head of the log, whose epoch the end of the page gets. */
  void head(Position head) {
    this.head = head;
  }

  /** The log was read up to its head. */
  void reachHead(Position head) {
    this.head = head;
    offset = Math.max(offset, head.offset());
  }

  Page build() {
    return new Page(entries, offset == head.offset() ? head : head.at(offset), Optional.empty());
  }
}
