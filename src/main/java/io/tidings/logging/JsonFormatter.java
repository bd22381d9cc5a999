package io.tidings.logging;

import io.vertx.core.json.JsonObject;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** An object a line for programs: time, level, logger, message, and thrown where something was. */
final class JsonFormatter extends Formatter {
  @Override
  public String format(LogRecord line) {
    var object =
        new JsonObject()
            .put("time", line.getInstant().truncatedTo(ChronoUnit.MILLIS).toString())
            .put("level", TextFormatter.level(line.getLevel()))
            .put("logger", line.getLoggerName())
            .put("message", formatMessage(line));
    if (line.getThrown() != null) {
      object.put("thrown", TextFormatter.stack(line.getThrown()));
    }
    return object.encode() + "\n";
  }
}
