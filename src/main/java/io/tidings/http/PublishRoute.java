package io.tidings.http;

import io.tidings.bus.Intake;
import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Text;
import io.tidings.fanout.Roll;
import io.tidings.log.Entry;
import io.tidings.settings.Settings.Limits;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Takes what is published by HTTP: one event whose data is the body, or a batch. The body's media
 * type does not matter: {@code curl -d hello} says it is a form, and means hello.
 */
final class PublishRoute {
  private static final Set<String> PARAMETERS = Set.of("type", "id", "retry");
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final Intake intake;
  private final Roll roll;
  private final Limits limits;

  PublishRoute(Intake intake, Roll roll, Limits limits) {
    this.intake = intake;
    this.roll = roll;
    this.limits = limits;
  }

  /**
   * @param topic the topic in the path; nothing for a batch
   * @throws Problem where the request can't be read
   */
  void handle(HttpServerRequest request, Optional<String> topic) {
    Body.read(request, limits.body())
        .compose(body -> topic.map(name -> one(request, name, body)).orElseGet(() -> many(body)))
        .onSuccess(answer -> answer(request, answer))
        .onFailure(e -> Problem.of(e).send(request.response()));
  }

  private Future<JsonObject> one(HttpServerRequest request, String topic, Buffer body) {
    Event event = event(request.params(true), topic, text(body));
    return intake
        .take(List.of(event))
        .map(
            entries ->
                new JsonObject()
                    .put("id", entries.get(0).id())
                    .put("topic", topic)
                    .put("subscribers", roll.streams(event.topics())));
  }

  private Future<JsonObject> many(Buffer body) {
    String json = text(body);
    return intake
        .take(json.startsWith(BYTE_ORDER_MARK) ? json.substring(1) : json)
        .map(entries -> new JsonObject().put("ids", ids(entries)));
  }

  private static JsonArray ids(List<Entry> entries) {
    var ids = new JsonArray();
    entries.forEach(entry -> ids.add(entry.id()));
    return ids;
  }

  private static Event event(MultiMap params, String topic, String data) {
    for (String name : params.names()) {
      if (!PARAMETERS.contains(name)) {
        throw new InvalidEvent(name, "is not a parameter of publishing");
      }
      if (params.getAll(name).size() > 1) {
        throw new InvalidEvent(name, "must not be given twice");
      }
    }
    String type = params.contains("type") ? params.get("type") : "";
    String id = params.contains("id") ? params.get("id") : "";
    if (params.contains("id") && id.isEmpty()) {
      throw new InvalidEvent("id", "must not be empty");
    }
    return new Event(List.of(topic), type, id, retry(params.get("retry")), data);
  }

  private static int retry(String text) {
    if (text == null) {
      return Event.NO_RETRY;
    }
    // what is no such number, the event refuses
    return text.matches("\\d{1,9}") ? Integer.parseInt(text) : Integer.MIN_VALUE;
  }

  private static String text(Buffer body) {
    return Text.utf8("body", body.getBytes());
  }

  private static void answer(HttpServerRequest request, JsonObject answer) {
    var response = request.response();
    if (!response.closed()) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(answer.toBuffer());
    }
  }
}
