package io.tidings.http;

import io.tidings.bus.Admission;
import io.tidings.bus.Intake;
import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.event.TextRules;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.log.Entry;
import io.tidings.settings.Settings.Limits;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Takes what is published by HTTP: one event whose data is the body, or a batch. The body's media
 * type does not matter: {@code curl -d hello} says it is a form, and means hello.
 */
final class PublishRoute {
  private static final String ONCE = "once";
  private static final Set<String> PARAMETERS = Set.of("type", "id", "retry", ONCE);
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final Intake intake;
  private final SubscriptionCounts roll;
  private final Limits limits;
  private final Duration upload;
  private final Admission bodies;

  /**
   * @param upload how long a body may take to come
   * @param bodies lets in bodies that there is memory for
   */
  PublishRoute(
      Intake intake, SubscriptionCounts roll, Limits limits, Duration upload, Admission bodies) {
    this.bodies = bodies;
    this.intake = intake;
    this.roll = roll;
    this.limits = limits;
    this.upload = upload;
  }

  /**
   * @param topic the topic in the path; nothing for a batch
   * @throws Problem where the request can't be read
   */
  void handle(HttpServerRequest request, Optional<String> topic, QueryParameters query) {
    checkKnown(query, topic.isPresent() ? PARAMETERS : Set.of(ONCE));
    checkPlain(request);
    read(
            request,
            body ->
                topic
                    .map(name -> one(request, query, name, body))
                    .orElseGet(() -> many(request, query, body)))
        .<Void>map(answer -> answer(request, answer)) // what it throws is a failure too
        .onFailure(e -> FailureHandler.answer(request, e));
  }

  /** Reads the body as soon as there is memory for it, which is its own until it is published. */
  private Future<JsonObject> read(
      HttpServerRequest request, Function<Buffer, Future<JsonObject>> publish) {
    long bytes = RequestBody.memory(request, limits.body());
    Future<Void> room = bodies.acquire(bytes);
    if (room.succeeded()) {
      return RequestBody.read(request, limits.body(), upload)
          .compose(publish)
          .onComplete(done -> bodies.release(bytes));
    }
    request.pause();
    return room.compose(
            in -> {
              Future<Buffer> body =
                  request.response().closed()
                      ? Future.failedFuture(Problem.of(400, "body: the client has gone"))
                      : RequestBody.read(request, limits.body(), upload);
              request.resume();
              return body.compose(publish).onComplete(done -> bodies.release(bytes));
            })
        .onFailure(e -> request.resume()); // what still comes is dropped
  }

  private Future<JsonObject> one(
      HttpServerRequest request, QueryParameters query, String topic, Buffer body) {
    Event event = event(query, topic, text(body));
    return intake
        .publish(new Publication(List.of(event), key(request), once(query)))
        .map(
            entries -> {
              Entry entry = entries.get(0);
              var answer = new JsonObject().put("id", entry.id());
              if (!entry.replacedId().isEmpty()) {
                answer.put("publisher_id", entry.replacedId());
              }
              return answer.put("topic", topic).put("subscribers", roll.streams(event.topics()));
            });
  }

  private Future<JsonObject> many(HttpServerRequest request, QueryParameters query, Buffer body) {
    String json = text(body);
    String marked = json.startsWith(BYTE_ORDER_MARK) ? json.substring(1) : json;
    return intake.publish(marked, key(request), once(query)).map(PublishRoute::answer);
  }

  /** The ids, and beside them those of the publisher's that are not used as they are. */
  private static JsonObject answer(List<Entry> entries) {
    var answer = new JsonObject().put("ids", ids(entries, Entry::id));
    boolean replaced = entries.stream().anyMatch(entry -> !entry.replacedId().isEmpty());
    return replaced ? answer.put("publisher_ids", ids(entries, PublishRoute::replacedId)) : answer;
  }

  private static String replacedId(Entry entry) {
    return entry.replacedId().isEmpty() ? null : entry.replacedId();
  }

  /** The key by which a repetition is recognised (draft-ietf-httpapi-idempotency-key-header). */
  private static String key(HttpServerRequest request) {
    List<String> keys = request.headers().getAll(Publication.KEY);
    if (keys.size() > 1) {
      throw new InvalidEvent(Publication.KEY, "must not be given twice");
    }
    if (keys.isEmpty()) {
      return "";
    }
    if (keys.get(0).isEmpty()) {
      throw new InvalidEvent(Publication.KEY, "must not be empty");
    }
    return TextRules.utf8(Publication.KEY, keys.get(0).getBytes(StandardCharsets.ISO_8859_1));
  }

  private static boolean once(QueryParameters query) {
    Optional<String> once = query.one(ONCE);
    if (once.filter(text -> !text.isEmpty() && !text.equals("true")).isPresent()) {
      throw new InvalidEvent(ONCE, "must have no value, or true");
    }
    return once.isPresent();
  }

  private static JsonArray ids(List<Entry> entries, Function<Entry, String> id) {
    var ids = new JsonArray();
    entries.forEach(entry -> ids.add(id.apply(entry)));
    return ids;
  }

  private static void checkKnown(QueryParameters query, Set<String> known) {
    for (String name : query.names()) {
      if (!known.contains(name)) {
        throw new InvalidEvent(name, "is not a parameter of publishing");
      }
    }
  }

  private static void checkPlain(HttpServerRequest request) {
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw Problem.of(415, "Content-Encoding: must be none; bodies are taken as they are");
    }
  }

  private static Event event(QueryParameters query, String topic, String data) {
    Optional<String> id = query.one("id");
    if (id.filter(String::isEmpty).isPresent()) {
      throw new InvalidEvent("id", "must not be empty");
    }
    int retry = query.one("retry").map(PublishRoute::retry).orElse(Event.NO_RETRY);
    return new Event(List.of(topic), query.one("type").orElse(""), id.orElse(""), retry, data);
  }

  /** The number, or one that the event refuses. */
  private static int retry(String text) {
    long number = text.matches("\\d{1,10}") ? Long.parseLong(text) : Long.MAX_VALUE;
    return number > Integer.MAX_VALUE ? Integer.MIN_VALUE : (int) number;
  }

  private static String text(Buffer body) {
    return TextRules.utf8("body", body.getBytes());
  }

  private static Void answer(HttpServerRequest request, JsonObject answer) {
    var response = request.response();
    if (!response.closed()) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(answer.toBuffer());
    }
    return null;
  }
}
