package io.tidings.log.raft;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How far the publications of each node's life were applied, so that a node can send again what it
 * has no answer for. Part of the replicated state; confined to the thread that applies.
 */
final class OriginTable {
  /** An origin that is not used for this time is forgotten, and must begin as another one. */
  private static final long KEPT_MILLIS = Duration.ofDays(1).toMillis();

  private static final int MAX_ORIGINS = 10_000;

  private record Origin(long last, long time) {}

  /** Those that were used last at the end. */
  private final Map<Long, Origin> origins = new LinkedHashMap<>();

  /** The number of the origin's last publication; 0 if it is not known. */
  long last(long origin) {
    Origin known = origins.get(origin);
    return known == null ? 0 : known.last;
  }

  /**
   * @param last the number of the origin's publication that was applied last
   * @param time of the log, in milliseconds since 1970
   */
  void advance(long origin, long last, long time) {
    origins.remove(origin);
    origins.put(origin, new Origin(last, time));
    Iterator<Origin> oldest = origins.values().iterator();
    while (oldest.next().time < time - KEPT_MILLIS || origins.size() > MAX_ORIGINS) {
      oldest.remove();
    }
  }

  void write(DataOutput to) throws IOException {
    to.writeInt(origins.size());
    for (Map.Entry<Long, Origin> entry : origins.entrySet()) {
      to.writeLong(entry.getKey());
      to.writeLong(entry.getValue().last);
      to.writeLong(entry.getValue().time);
    }
  }

  static OriginTable read(DataInput from) throws IOException {
    var table = new OriginTable();
    for (int count = from.readInt(); count > 0; count--) {
      table.origins.put(from.readLong(), new Origin(from.readLong(), from.readLong()));
    }
    return table;
  }
}
