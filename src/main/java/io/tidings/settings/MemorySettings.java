package io.tidings.settings;

/**
 * The section {@code memory}: the memory budget in bytes; 0 for a part of what the JVM has.
 *
 * @param heap for entries, publications and request bodies
 * @param direct for bytes that are being written to sockets
 */
public record MemorySettings(long heap, long direct) {
  static MemorySettings read(SettingValues values) {
    return new MemorySettings(
        values.bytesOrAuto("memory.heap", 16 * ByteSize.MIB, 1024 * ByteSize.GIB),
        values.bytesOrAuto("memory.direct", 4 * ByteSize.MIB, 1024 * ByteSize.GIB));
  }
}
