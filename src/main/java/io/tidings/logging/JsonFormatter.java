package io.tidings.logging;

import io.vertx.core.json.JsonObject;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** One JSON object per line: time, level, logger, message, and thrown if there is an exception. */
final class JsonFormatter extends Formatter {
  @Override
  public String format(LogRecord record) {
    var object =
        new JsonObject()
            .put("time", record.getInstant().truncatedTo(ChronoUnit.MILLIS).toString())
            .put("level", TextFormatter.level(record.getLevel()))
            .put("logger", record.getLoggerName())
            .put("message", formatMessage(record));
    if (record.getThrown() != null) {
      object.put("thrown", TextFormatter.stack(record.getThrown()));
    }
    return object.encode() + "\n";
  }
}
