package io.tidings.log.raft;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What other nodes that fetch the log told this one lately. While they do, the Raft log keeps what
 * they will need next. Thread-safe.
 */
final class FetchNotes {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(15);

  /** There are never so many; a bound on what a stranger can have kept. */
  private static final int MAX_NODES = 64;

  private final LongSupplier nanoTime;
  private final Map<String, Received> notes = new ConcurrentHashMap<>();

  private record Received(FetchNote note, long time) {}

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  FetchNotes(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  void add(FetchNote note) {
    removeOld();
    if (notes.size() < MAX_NODES || notes.containsKey(note.node())) {
      notes.put(note.node(), new Received(note, nanoTime.getAsLong()));
    }
  }

  private void removeOld() {
    notes.values().removeIf(one -> nanoTime.getAsLong() - one.time() > FRESH_NANOS);
  }

  /** The lowest index that one of them has; {@link Long#MAX_VALUE} if there is none. */
  long lowestIndex() {
    removeOld();
    return notes.values().stream()
        .mapToLong(one -> one.note().index())
        .filter(index -> index >= 0)
        .min()
        .orElse(Long.MAX_VALUE);
  }

  /** How far a node is that fetches; empty if it does not. */
  Optional<String> progress(String node) {
    removeOld();
    return Optional.ofNullable(notes.get(node))
        .map(one -> one.note().progress())
        .filter(progress -> !progress.isEmpty());
  }
}
