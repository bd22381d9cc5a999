package io.tidings.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommonSettingsTest {
  private static String refusal(String name, Object value) {
    var change = new HashMap<String, Object>();
    change.put(name, value);
    return assertThrows(InvalidSetting.class, () -> CommonSettings.DEFAULT.with(change))
        .getMessage();
  }

  @Test
  void eachIsReadByTheRulesOfTheSettings() {
    assertEquals(CommonSettings.of(Settings.of(Map.of())), CommonSettings.DEFAULT);
    Map<String, Object> values =
        Map.of(
            "log.once", "1h",
            "log.raft.dedup", "2MiB",
            "log.keep.bytes", 0,
            "log.keep.age", "7d",
            "log.keep.entries", "12",
            "limits.body", "2MiB",
            "limits.topic", 300);
    CommonSettings changed = CommonSettings.DEFAULT.with(values);
    assertEquals(CommonSettings.of(Settings.of(values)), changed);
    assertEquals(CommonSettings.DEFAULT, changed.with(CommonSettings.DEFAULT.texts()));
    assertEquals(changed, CommonSettings.DEFAULT.with(changed.texts()));
    assertEquals(changed, CommonSettings.DEFAULT.withNumbers(changed.numbers()));
  }

  @Test
  void whatIsNotNamedStays() {
    CommonSettings changed = CommonSettings.DEFAULT.with(Map.of("log.once", "1500ms"));
    assertEquals(Duration.ofMillis(1_500), changed.once());
    assertEquals(CommonSettings.DEFAULT, changed.with(Map.of("log.once", "10m")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "log.once       | 2d   | log.once=2d: must be at most 1d",
        "log.once       | soon | log.once=soon: must be a duration such as 100ms, 15s, 10m, 24h or 7d, or 0",
        "limits.body    | 2MB  | limits.body=2MB: must be a number of bytes such as 500, 64KiB, 1MiB or 1GiB",
        "limits.body    | 0    | limits.body=0: must be from 1 to 512MiB",
        "log.raft.dedup | 1KiB | log.raft.dedup=1KiB: must be from 1MiB to 16GiB",
      })
  void aValueThatBreaksItsRuleIsRefusedAsInTheSettings(String name, String value, String message) {
    assertEquals(message, refusal(name, value));
    assertEquals(
        message,
        assertThrows(InvalidSetting.class, () -> Settings.of(Map.of(name, value))).getMessage());
  }

  @Test
  void aNameThatIsNoneOfTheseIsRefusedWithThoseThatAre() {
    String message = refusal("auth.secret", "the secret");
    assertTrue(message.startsWith("auth.secret: is not a setting that a cluster has in common"));
    CommonSettings.DEFAULT.texts().keySet().forEach(name -> assertTrue(message.contains(name)));
    assertTrue(!message.contains("the secret"), message);
    assertEquals("log.once=null: must be a single value", refusal("log.once", null));
    assertEquals("log.once={}: must be a single value", refusal("log.once", Map.of()));
  }

  @Test
  void numbersThatNoSettingCanHaveAreRefused() {
    for (Map<String, Long> numbers :
        List.of(
            Map.of("limits.body", 1L << 31),
            Map.of("log.once", -1L),
            Map.of("limits.topics", 1L))) {
      assertThrows(
          IllegalArgumentException.class, () -> CommonSettings.DEFAULT.withNumbers(numbers));
    }
  }
}
