package io.tidings.log.raft;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How far the publications of each node's life were applied, so that a node can send again what it
 * has no answer for. Part of the replicated state; confined to the thread that applies.
 */
final class OriginTable {
  /**
   * The origins that were used least recently are forgotten beyond this number, and must begin as
   * others. Never by time: a leader's clock that is wrong by a day would have the others forgotten
   * while commands of theirs are on their way twice.
   */
  static final int MAX_ORIGINS = 4_096;

  /** The number of each origin's last publication; those that were used last at the end. */
  private final Map<Long, Long> origins = new LinkedHashMap<>();

  /** The number of the origin's last publication; 0 if it is not known. */
  long last(long origin) {
    return origins.getOrDefault(origin, 0L);
  }

  /**
   * @param last the number of the origin's publication that was applied last
   */
  void advance(long origin, long last) {
    origins.remove(origin);
    origins.put(origin, last);
    if (origins.size() > MAX_ORIGINS) {
      Iterator<Long> oldest = origins.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  void write(DataOutput to) throws IOException {
    to.writeInt(origins.size());
    for (Map.Entry<Long, Long> entry : origins.entrySet()) {
      to.writeLong(entry.getKey());
      to.writeLong(entry.getValue());
    }
  }

  static OriginTable read(DataInput from) throws IOException {
    var table = new OriginTable();
    for (int count = from.readInt(); count > 0; count--) {
      table.origins.put(from.readLong(), from.readLong());
    }
    return table;
  }
}
