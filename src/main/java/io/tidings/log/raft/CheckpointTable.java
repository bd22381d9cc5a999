package io.tidings.log.raft;

import io.tidings.event.TextRules;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;

/**
 * How far consumers have read that read once for all nodes, by name. Part of the replicated state:
 * changed by the thread that applies, read by any. Names are never forgotten, so their size is
 * bounded; a name that is there can always be written.
 */
final class CheckpointTable {
  /** The most bytes of an id. */
  static final int MAX_ID_BYTES = 256;

  /** The most bytes of all names, with an id of the longest kind for each. */
  static final int MAX_BYTES = 1 << 20;

  /** Sorted: equal tables have equal bytes. */
  private final Map<String, String> ids = new ConcurrentSkipListMap<>();

  private volatile long bytes;

  /** Why a checkpoint is refused; empty if there is room for it. */
  Optional<String> refusal(String name, String id) {
    if (TextRules.utf8Length(id) > MAX_ID_BYTES) {
      return Optional.of("the id of a checkpoint must not exceed " + MAX_ID_BYTES + " bytes");
    } else if (!ids.containsKey(name) && bytes + cost(name) > MAX_BYTES) {
      return Optional.of(
          "the cluster has "
              + ids.size()
              + " checkpoints of relays already, whose names have "
              + bytes
              + " bytes of "
              + MAX_BYTES
              + "; no further relay can be added");
    }
    return Optional.empty();
  }

  private static long cost(String name) {
    return TextRules.utf8Length(name) + (long) MAX_ID_BYTES;
  }

  /** Stores a checkpoint; one that is refused changes nothing. */
  void set(String name, String id) {
    if (refusal(name, id).isEmpty()) {
      put(name, id);
    }
  }

  private void put(String name, String id) {
    if (ids.put(name, id) == null) {
      bytes += cost(name); // one thread writes
    }
  }

  /** Removes those whose names match; before commands are applied. */
  void removeAll(Predicate<String> names) {
    ids.keySet().removeIf(names);
    bytes = ids.keySet().stream().mapToLong(CheckpointTable::cost).sum();
  }

  Optional<String> find(String name) {
    return Optional.ofNullable(ids.get(name));
  }

  void write(DataOutput to) throws IOException {
    to.writeInt(ids.size());
    for (Map.Entry<String, String> checkpoint : ids.entrySet()) {
      StateText.write(to, checkpoint.getKey());
      StateText.write(to, checkpoint.getValue());
    }
  }

  static CheckpointTable read(DataInput from) throws IOException {
    var table = new CheckpointTable();
    for (int count = from.readInt(); count > 0; count--) {
      table.put(StateText.read(from), StateText.read(from));
    }
    return table;
  }
}
