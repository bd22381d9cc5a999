package io.tidings.log.raft;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The settings that all nodes have in common, numbers by name; empty until a command sets them.
 * Part of the replicated state: changed by the thread that applies, read by any.
 */
final class SettingsTable {
  /** Sorted: equal tables have equal bytes. */
  private volatile SortedMap<String, Long> settings = Collections.emptySortedMap();

  /** Those that the command sets only if they are not set stay as they are. */
  void change(Command.ChangeSettings command) {
    var changed = new TreeMap<>(command.others());
    changed.putAll(settings);
    changed.putAll(command.changes());
    settings = Collections.unmodifiableSortedMap(changed);
  }

  boolean isEmpty() {
    return settings.isEmpty();
  }

  Map<String, Long> all() {
    return settings;
  }

  void write(DataOutput to) throws IOException {
    to.writeInt(settings.size());
    for (Map.Entry<String, Long> setting : settings.entrySet()) {
      StateText.write(to, setting.getKey());
      to.writeLong(setting.getValue());
    }
  }

  /** Replaces what it has by what was written. */
  void read(DataInput from) throws IOException {
    var read = new TreeMap<String, Long>();
    for (int left = from.readInt(); left > 0; left--) {
      read.put(StateText.read(from), from.readLong());
    }
    settings = Collections.unmodifiableSortedMap(read);
  }
}
