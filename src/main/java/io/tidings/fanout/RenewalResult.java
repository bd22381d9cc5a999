package io.tidings.fanout;

import io.tidings.event.Filter;
import io.tidings.event.TopicPattern;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** What became of a {@link Renewal}. If it is not {@link Renewed}, nothing was changed. */
public sealed interface RenewalResult {
  /** The stream has other rights, or other topics. */
  record Renewed(Filter filter) implements RenewalResult {}

  /** No such stream is open at the node. */
  record Unknown() implements RenewalResult {}

  /** The stream is that of another principal. */
  record Foreign() implements RenewalResult {}

  /** Of a topic or glob nothing may be read. */
  record NotReadable(String topic) implements RenewalResult {}

  /** What was asked for breaks a rule. */
  record Invalid(String field, String rule) implements RenewalResult {}

  /** For another node. */
  static JsonObject json(RenewalResult result) {
    // each has a member of its own
    if (result instanceof Renewed renewed) {
      return new JsonObject()
          .put(
              "filter",
              new JsonArray(
                  renewed.filter.patterns().stream().map(TopicPattern::pattern).toList()));
    } else if (result instanceof Foreign) {
      return new JsonObject().put("foreign", true);
    } else if (result instanceof NotReadable not) {
      return new JsonObject().put("not_readable", not.topic);
    } else if (result instanceof Invalid invalid) {
      return new JsonObject().put("field", invalid.field).put("rule", invalid.rule);
    }
    return new JsonObject();
  }

  /** From another node. */
  static RenewalResult read(JsonObject json) {
    if (json.containsKey("filter")) {
      return new Renewed(
          Filter.of(json.getJsonArray("filter").stream().map(String.class::cast).toList()));
    } else if (json.containsKey("foreign")) {
      return new Foreign();
    } else if (json.containsKey("not_readable")) {
      return new NotReadable(json.getString("not_readable"));
    } else if (json.containsKey("field")) {
      return new Invalid(json.getString("field"), json.getString("rule"));
    }
    return new Unknown();
  }
}
