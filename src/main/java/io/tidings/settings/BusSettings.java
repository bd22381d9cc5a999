package io.tidings.settings;

import java.util.List;

/**
 * The section {@code bus}: relays between topics and event-bus addresses.
 *
 * @param out from topics to addresses
 * @param in from addresses to topics
 */
public record BusSettings(List<Relay> out, List<Relay> in) {
  /**
   * A relay in one direction.
   *
   * @param topic a topic; for an outbound relay also a glob
   */
  public record Relay(String topic, String address) {
    private static Relay read(SettingValues values) {
      return new Relay(
          values.string("topic", Settings.NONE), values.string("address", Settings.NONE));
    }
  }

  static BusSettings read(SettingValues values) {
    return new BusSettings(
        values.objects("bus.out", Relay::read), values.objects("bus.in", Relay::read));
  }
}
