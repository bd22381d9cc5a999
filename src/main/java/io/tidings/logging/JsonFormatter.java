package io.tidings.logging;

import io.vertx.core.json.JsonObject;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * One JSON object per line: time, level, logger, message, and thrown if there is an exception. A
 * record whose only parameter is a JSON object, such as those of {@link Logging#AUDIT}, has its
 * fields in place of a message.
 */
final class JsonFormatter extends Formatter {
  @Override
  public String format(LogRecord record) {
    var object =
        new JsonObject()
            .put("time", record.getInstant().truncatedTo(ChronoUnit.MILLIS).toString())
            .put("level", TextFormatter.level(record.getLevel()))
            .put("logger", record.getLoggerName());
    Object[] parameters = record.getParameters();
    if (parameters != null
        && parameters.length == 1
        && parameters[0] instanceof JsonObject fields) {
      fields.forEach(field -> object.getMap().putIfAbsent(field.getKey(), field.getValue()));
    } else {
      object.put("message", formatMessage(record));
    }
    if (record.getThrown() != null) {
      object.put("thrown", TextFormatter.stack(record.getThrown()));
    }
    return object.encode() + "\n";
  }
}
