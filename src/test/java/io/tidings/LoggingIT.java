package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The output of the jar. */
class LoggingIT {
  private static final Pattern STARTED =
      Pattern.compile("\\{.*\"message\":\"Tidings \\S+ is at http://\\S+/ .*");
  private static final Pattern ADDRESS = Pattern.compile(".*(http://[^/]+/).*");

  private static JarProcess start(String... settings) throws Exception {
    return JarProcess.start(settings);
  }

  @Test
  void inJsonEveryLineOfTheOutputIsAnObject() throws Exception {
    try (var hub =
        start("--port", "0", "--set", "logging.format=json", "--set", "log.kind=memory")) {
      String started = hub.awaitLine(STARTED);
      URI url = URI.create(ADDRESS.matcher(started).replaceFirst("$1"));
      hub.type("@not..a topic");
      hub.awaitLine(Pattern.compile(".*\"level\":\"WARNING\".*keyboard: topic: .*"));
      assertEquals(200, publish(url, "secret", "Authorization", "Bearer sesame"));
      hub.terminate();
      hub.exitCode();
      List<String> output = hub.output();
      for (String line : output) {
        var object = new JsonObject(line);
        assertTrue(
            object.fieldNames().containsAll(List.of("time", "level", "logger", "message")), line);
        assertFalse(line.contains("secret") || line.contains("sesame"), line);
      }
      String last = new JsonObject(output.get(output.size() - 1)).getString("message");
      assertTrue(last.matches("Tidings \\S+ has stopped"), last);
      assertEquals(List.of(), hub.errors());
    }
  }

  @Test
  void inTextStartAndStopGoToStandardOutputAndTheRestToStandardError() throws Exception {
    try (var hub =
        start("--port", "0", "--set", "logging.level=error", "--set", "log.kind=memory")) {
      URI url = hub.url();
      hub.type("@not..a topic");
      hub.type("received");
      hub.endInput();
      assertTrue(publish(url, "x", "X-Nothing", "x") == 200);
      hub.terminate();
      hub.exitCode();
      assertTrue(hub.output().get(0).startsWith("Log in memory"), hub.toString());
      assertTrue(
          hub.output().get(hub.output().size() - 1).matches("Tidings \\S+ has stopped"),
          hub.toString());
      assertEquals(List.of(), hub.errors(), "a warning is no error");
    }
  }

  @Test
  void aFailureOfTheStartIsAnObjectTooOnceTheSettingsAreRead() throws Exception {
    try (var hub = start("--set", "logging.format=json", "--set", "log.kind=ring")) {
      assertEquals(2, hub.exitCode());
      var object = new JsonObject(hub.output().get(0));
      assertEquals("ERROR", object.getString("level"));
      assertTrue(object.getString("message").startsWith("log.kind=ring: "), hub.toString());
    }
  }

  @Test
  void anInvalidSettingIsAnObjectToo() throws Exception {
    try (var hub = start("--set", "logging.format=json", "--set", "http.port=99999")) {
      assertEquals(2, hub.exitCode());
      String message = new JsonObject(hub.output().get(0)).getString("message");
      assertTrue(message.startsWith("http.port=99999: "), hub.toString());
      assertEquals(List.of(), hub.errors());
    }
  }

  private static int publish(URI hub, String data, String header, String value) throws Exception {
    var request =
        HttpRequest.newBuilder(hub.resolve("events/a?type=a"))
            .header(header, value)
            .POST(HttpRequest.BodyPublishers.ofString(data))
            .build();
    return Nodes.HTTP.send(request, BodyHandlers.ofString()).statusCode();
  }
}
