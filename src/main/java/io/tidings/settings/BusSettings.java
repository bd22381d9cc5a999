package io.tidings.settings;

import java.util.List;
import java.util.Optional;

/**
 * The section {@code bus}: publishing over the event bus, and relays between topics and event-bus
 * addresses.
 *
 * @param publish who may publish by requests over the event bus
 * @param token that a process without a hub shows to those that it publishes to
 * @param out from topics to addresses
 * @param in from addresses to topics
 */
public record BusSettings(
    Publish publish, Optional<String> token, List<Relay> out, List<Relay> in) {
  /** Who may publish over the event bus. */
  public enum Publish {
    /** Those whose token, or {@code auth.anonymous}, grants it; everybody where the hub is open. */
    GRANTS,
    /** The hub's own verticles only. */
    OFF
  }

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
        values.choice("bus.publish", Publish.GRANTS, Publish.class),
        Optional.of(values.string("bus.token", Settings.NONE))
            .filter(token -> !token.equals(Settings.NONE)),
        values.objects("bus.out", Relay::read),
        values.objects("bus.in", Relay::read));
  }
}
