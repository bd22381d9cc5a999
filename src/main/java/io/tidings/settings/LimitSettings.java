package io.tidings.settings;

/**
 * The section {@code limits}: bounds on what clients send.
 *
 * @param body bytes of a request body
 * @param topics topics and globs of one stream
 * @param topic bytes of a topic in UTF-8
 */
public record LimitSettings(int body, int topics, int topic) {
  static LimitSettings read(SettingValues values) {
    return new LimitSettings(
        (int) values.bytes("limits.body", ByteSize.MIB, 1, 512 * ByteSize.MIB),
        values.integer("limits.topics", 100, 1, 10_000),
        (int) values.bytes("limits.topic", ByteSize.KIB, 1, 64 * ByteSize.KIB - 1));
  }
}
