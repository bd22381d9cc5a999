package io.tidings.presence;

import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.TopicPattern;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.PresenceSettings;
import java.util.List;
import java.util.Optional;

/** The topics of which the hub knows who is present. */
public final class PresenceTopics {
  private final Optional<Filter> topics;

  /**
   * @throws InvalidSetting if one breaks a rule
   */
  public PresenceTopics(PresenceSettings settings) {
    try {
      topics =
          settings.topics().isEmpty()
              ? Optional.empty()
              : Optional.of(Filter.of(settings.topics()));
    } catch (InvalidEvent e) {
      throw InvalidSetting.of("presence.topics", settings.topics(), e.rule());
    }
  }

  /** Whether there are none. */
  public boolean none() {
    return topics.isEmpty();
  }

  public boolean has(String topic) {
    return topics.isPresent() && topics.get().matches(topic);
  }

  /** Whether a stream asks for the topic by its name. */
  static boolean names(Filter asked, String topic) {
    return asked.patterns().stream().anyMatch(one -> one.exact() && one.pattern().equals(topic));
  }

  /**
   * Those that a stream asks for by their names: at these its client is present. Who asks by a glob
   * reads a kind of topic, and has not come to any of them.
   */
  public List<String> named(Filter asked) {
    return asked.patterns().stream()
        .filter(TopicPattern::exact)
        .map(TopicPattern::pattern)
        .filter(this::has)
        .toList();
  }
}
