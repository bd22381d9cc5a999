package io.tidings.settings;

import java.time.Duration;

/**
 * The section {@code stream}: how event streams are served.
 *
 * @param heartbeat the idle time after which a heartbeat is sent; zero: never
 * @param retry the reconnection time that is sent to clients; zero for the client's own default
 * @param drain the period over which streams are closed when the hub stops
 * @param drainEnd how streams are closed when their client is to reconnect
 * @param stall how long a client may read nothing while data is pending before it is disconnected;
 *     zero: never
 * @param buffer the size of the socket's send buffer in bytes
 * @param outlet how bytes are written to the socket
 */
public record StreamSettings(
    Duration heartbeat,
    Duration retry,
    Duration drain,
    DrainEnd drainEnd,
    Duration stall,
    int buffer,
    OutletKind outlet) {
  /**
   * {@link #CUT} closes the connection without the end of the response, so that every client
   * library reconnects; {@link #CLEAN} ends the response.
   */
  public enum DrainEnd {
    CUT,
    CLEAN
  }

  /** Netty's channel, which is faster; or the public API of Vert.x. */
  public enum OutletKind {
    CHANNEL,
    RESPONSE
  }

  static StreamSettings read(SettingValues values) {
    return new StreamSettings(
        values.duration("stream.heartbeat", Duration.ofSeconds(15), SettingValues.DAY),
        values.duration("stream.retry", Duration.ofSeconds(2), SettingValues.DAY),
        values.duration("stream.drain", Duration.ofSeconds(2), Duration.ofHours(1)),
        values.choice("stream.drain.end", DrainEnd.CUT, DrainEnd.class),
        values.duration("stream.stall", Duration.ofSeconds(30), SettingValues.DAY),
        (int) values.bytes("stream.buffer", 16 * ByteSize.KIB, 4 * ByteSize.KIB, 64 * ByteSize.MIB),
        values.choice("stream.outlet", OutletKind.CHANNEL, OutletKind.class));
  }
}
