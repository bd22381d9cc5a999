package io.tidings.settings;

import java.time.Duration;
import java.util.List;

/**
 * The section {@code producer}: what the built-in producer publishes.
 *
 * @param clock the interval of the clock's events; zero: never
 * @param keyboard whether lines read from standard input are published
 */
public record ProducerSettings(Duration clock, boolean keyboard, List<Timer> timers) {
  /** An event that is published at an interval. */
  public record Timer(String topic, Duration every, String type, String data) {
    private static Timer read(SettingValues values) {
      return new Timer(
          values.string("topic", "timer"),
          values.duration("every", Duration.ofSeconds(1), SettingValues.DAY),
          values.string("type", "message"),
          values.string("data", "{time}"));
    }
  }

  static ProducerSettings read(SettingValues values) {
    return new ProducerSettings(
        values.durationOrFlag("producer.clock", Duration.ofSeconds(1), SettingValues.DAY),
        values.flag("producer.keyboard", true),
        values.objects("producer.timers", Timer::read));
  }
}
