package io.tidings.settings;

import java.time.Duration;
import java.util.List;

/**
 * The section {@code presence}: of which topics the hub knows who is there.
 *
 * @param topics topics and globs; none: of no topic
 * @param linger how long a client that is gone counts as present, since it may come back
 */
public record PresenceSettings(List<String> topics, Duration linger) {
  static PresenceSettings read(SettingValues values) {
    return new PresenceSettings(
        values.list("presence.topics", "[]", text -> text),
        values.duration("presence.linger", Duration.ofSeconds(5), Duration.ofMinutes(1)));
  }
}
