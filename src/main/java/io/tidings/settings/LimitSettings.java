package io.tidings.settings;

/**
 * The section {@code limits}: bounds on what clients send.
 *
 * @param body bytes of a request body
 * @param topics topics and globs of one stream
 * @param topic bytes of a topic in UTF-8
 * @param client what one client may do
 */
public record LimitSettings(int body, int topics, int topic, Client client) {
  /**
   * The section {@code limits.client}: what a principal, or else an address, may do at this node. 0
   * is no limit.
   *
   * @param streams streams that are open at once
   * @param opens streams that are opened in a second
   * @param publishes events that are published in a second
   * @param bytes bytes of bodies that are published in a second
   * @param logins logins that fail in a minute, for an address
   */
  public record Client(int streams, int opens, int publishes, long bytes, int logins) {
    public static final Client UNLIMITED = new Client(0, 0, 0, 0, 0);

    private static final int MAX = 1_000_000_000;

    static Client read(SettingValues values) {
      return new Client(
          values.integer("limits.client.streams", 20_000, 0, MAX),
          values.integer("limits.client.opens", 2_000, 0, MAX),
          values.integer("limits.client.publishes", 100_000, 0, MAX),
          values.bytes("limits.client.bytes", 64 * ByteSize.MIB, 0, 1_024 * ByteSize.GIB),
          values.integer("limits.client.logins", 60, 0, MAX));
    }
  }

  static int body(SettingValues values) {
    return (int) values.bytes("limits.body", ByteSize.MIB, 1, 512 * ByteSize.MIB);
  }

  static int topic(SettingValues values) {
    return (int) values.bytes("limits.topic", ByteSize.KIB, 1, 64 * ByteSize.KIB - 2);
  }

  /** A copy with other bounds on what is published. */
  public LimitSettings with(int otherBody, int otherTopic) {
    return new LimitSettings(otherBody, topics, otherTopic, client);
  }

  static LimitSettings read(SettingValues values) {
    return new LimitSettings(
        body(values),
        values.integer("limits.topics", 100, 1, 10_000),
        topic(values),
        Client.read(values));
  }
}
