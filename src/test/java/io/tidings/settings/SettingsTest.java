package io.tidings.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  private static final Path CONFIG_FILE = Path.of("conf/config.yaml");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http.port | 99999 | must be a whole number from 0 to 65535",
        "http.port | -1 | must be a whole number from 0 to 65535",
        "http.port | 80.5 | must be a whole number from 0 to 65535",
        "http.port | eighty | must be a whole number from 0 to 65535",
        "http.host | '' | must not be empty",
        "http.transport | carrier-pigeon | must be one of auto, io_uring, epoll, nio",
        "stream.heartbeat | 15 | must be a duration such as 100ms, 15s, 10m, 24h or 7d, or 0",
        "stream.heartbeat | -1s | must be a duration such as 100ms, 15s, 10m, 24h or 7d, or 0",
        "stream.heartbeat | 2d | must be at most 1d",
        "limits.body | 1MB | must be a number of bytes such as 500, 64KiB, 1MiB or 1GiB",
        "limits.body | 0 | must be from 1 to 512MiB",
        "limits.body | 999999999999GiB | must be a number of bytes such as 500, 64KiB, 1MiB or 1GiB",
        "cors.subscribe | https://a/ | must be a list of origins such as https://example.org, or * for all",
        "http.proxies | 10.0.0.0/33 | must be a list of addresses or networks such as 10.0.0.5 or fd00::/8, loopback, or private",
        "http.proxies | nginx | must be a list of addresses or networks such as 10.0.0.5 or fd00::/8, loopback, or private",
        "http.proxies | [loopback, 10.0.0] | must be a list of addresses or networks such as 10.0.0.5 or fd00::/8, loopback, or private",
        "http.hosts | https://a.example | must be a list of names such as news.example.org, without scheme and port, or *.example.org",
        "http.hosts | a.example:443 | must be a list of names such as news.example.org, without scheme and port, or *.example.org",
        "http.hosts | * | must be a list of names such as news.example.org, without scheme and port, or *.example.org",
        "http.tls.hsts | 1d | needs http.tls.cert and http.tls.key",
        "http.tls.client.ca | ca.pem | needs http.tls.cert and http.tls.key",
        "http.redirect | 80 | needs http.tls.cert and http.tls.key",
        "http.redirect | 65536 | must be none or a whole number from 0 to 65535",
        "http.tls.key | [a.key] | must be one file for each of http.tls.cert, in its order",
        "logging.format | xml | must be one of text, json",
        "logging.audit | some | must be one of off, refusals, all",
        "limits.client.streams | -1 | must be a whole number from 0 to 1000000000",
        "limits.client.bytes | 2000GiB | must be from 0 to 1024GiB",
        "logging.level | loud | must be one of error, warning, info, debug",
        "producer.keyboard | maybe | must be true or false",
        "log.keep.entries | -5 | must be a whole number, 0 or more",
        "cluster.kind | hazelcast | must be one of none, raft",
        "cluster.bus | kafka | must be one of none, hazelcast",
        "cluster.members | node 1 | must be a list of hosts, or hosts and ports such as node1:7700",
        "cluster.members | node1:70000 | must be a list of hosts, or hosts and ports such as node1:7700",
        "cluster.members | node1:0 | must be a list of hosts, or hosts and ports such as node1:7700",
        "log.kind | ring | must be one of auto, memory, disk, raft, redis",
        "auth.mode | maybe | must be one of auto, required, open",
        "auth.cookie | a b | must be a cookie's name, or none",
        "auth.leeway | 1h | must be at most 5m",
        "cluster.quorum | 2 | is not a setting",
        "http.prot | 80 | is not a setting",
        "http | 80 | is a section, which has settings of its own",
      })
  void anInvalidValueIsReportedWithKeyValueAndRule(String key, String value, String rule) {
    var e = assertThrows(InvalidSetting.class, () -> Settings.of(Map.of(key, value)));
    assertEquals(key + "=" + value + ": " + rule, e.getMessage());
  }

  @Test
  void theMessageStaysOneLine() {
    var e = assertThrows(InvalidSetting.class, () -> Settings.of(Map.of("http.port", "1\n2")));
    assertEquals("http.port=1?2: must be a whole number from 0 to 65535", e.getMessage());
  }

  @Test
  void valuesAreReadFromYamlTypesAndFromStrings() {
    Settings settings =
        Settings.of(
            Map.of(
                "http.port",
                9000,
                "stream.stall",
                "100ms",
                "limits.body",
                "2MiB",
                "log.keep.bytes",
                0,
                "producer.keyboard",
                false,
                "producer.clock",
                "off",
                "cors.subscribe",
                new JsonArray().add("https://a").add("https://b"),
                "cors.publish",
                "https://c, https://d"));
    assertEquals(9000, settings.http().port());
    assertEquals(Duration.ofMillis(100), settings.stream().stall());
    assertEquals(2 << 20, settings.limits().body());
    assertEquals(0, settings.log().keep().bytes());
    assertEquals(false, settings.producer().keyboard());
    assertEquals(Duration.ZERO, settings.producer().clock());
    assertEquals(List.of("https://a", "https://b"), settings.cors().subscribe());
    assertEquals(List.of("https://c", "https://d"), settings.cors().publish());
  }

  @Test
  void aMemberIsListedOnceWhetherWithItsPortOrWithout() {
    Settings settings = Settings.of(Map.of("cluster.members", "[node1, node2:7701, [fd00::1]:7]"));
    assertEquals(
        List.of(new Member("node1", 7_700), new Member("node2", 7_701), new Member("fd00::1", 7)),
        settings.cluster().members());
    var e =
        assertThrows(
            InvalidSetting.class,
            () -> Settings.of(Map.of("cluster.members", "node1, node2, node1:7700")));
    assertEquals("cluster.members=node1:7700: must be listed once", e.getMessage());
  }

  @Test
  void listsOfObjectsAreCheckedFieldByField() {
    var timer = new JsonObject().put("topic", "tea").put("every", "5m").put("data", "tea!");
    Settings settings = Settings.of(Map.of("producer.timers", new JsonArray().add(timer)));
    assertEquals(
        List.of(new ProducerSettings.Timer("tea", Duration.ofMinutes(5), "message", "tea!")),
        settings.producer().timers());
    assertEquals(settings, Settings.of(Map.of("producer.timers", "[" + timer.encode() + "]")));
    var e =
        assertThrows(
            InvalidSetting.class,
            () -> Settings.of(Map.of("producer.timers", "[{\"topic\":\"a\",\"evry\":\"1s\"}]")));
    assertEquals("producer.timers[0].evry=1s: is not a setting", e.getMessage());
    assertThrows(InvalidSetting.class, () -> Settings.of(Map.of("producer.timers", "tea")));
    assertThrows(InvalidSetting.class, () -> Settings.of(Map.of("producer.timers", "[1]")));
  }

  @Test
  void theConfigurationFileListsEverySettingWithItsDefaultAndNothingElse() throws Exception {
    assertEquals(Settings.defaults(), commentedOut(Files.readString(CONFIG_FILE)));
  }

  @Test
  void theWrittenDefaultsParseToTheDefaultSettings() {
    var written = new LinkedHashMap<String, Object>(Settings.defaults());
    assertEquals(Settings.of(Map.of()), Settings.of(written));
    assertTrue(written.containsKey("log.keep.bytes"));
  }

  /**
   * Reads the lines that are YAML once uncommented, by indentation; in comments a space follows the
   * #.
   */
  private static Map<String, String> commentedOut(String yaml) {
    var found = new LinkedHashMap<String, String>();
    var path = new String[8];
    yaml.lines()
        .filter(line -> line.matches(" *#[a-z.]+:.*"))
        .forEach(
            line -> {
              int depth = line.indexOf('#') / 2;
              String[] pair = line.strip().substring(1).split(":", 2);
              path[depth] = pair[0];
              if (!pair[1].isBlank()) {
                found.put(
                    String.join(".", java.util.Arrays.asList(path).subList(0, depth + 1)),
                    pair[1].strip());
              }
            });
    return found;
  }
}
