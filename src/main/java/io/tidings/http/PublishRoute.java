package io.tidings.http;

import io.tidings.access.Access;
import io.tidings.access.Caller;
import io.tidings.access.PublishCharge;
import io.tidings.auth.Grants;
import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.bus.Admission;
import io.tidings.bus.Intake;
import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.event.TextRules;
import io.tidings.event.Visibility;
import io.tidings.limits.LimitExceeded;
import io.tidings.log.Entry;
import io.tidings.metrics.Door;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Publishes over HTTP: one event whose data is the body, or a batch. The media type of the body is
 * ignored: {@code curl -d hello} declares a form but means the data {@code hello}.
 */
final class PublishRoute {
  private static final String ONCE = "once";
  static final Set<String> PARAMETERS =
      Set.of("type", "id", "retry", Visibility.MARK, ONCE, DeliveryReports.PARAMETER);
  private static final Set<String> BATCH_PARAMETERS = Set.of(ONCE, DeliveryReports.PARAMETER);
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final Intake intake;
  private final DeliveryReports reports;
  private final AdmittedBodies bodies;
  private final AccessControl access;
  private final AllowedOrigins origins;

  /**
   * @param reports tell the publisher which streams it reaches
   * @param bodies admits bodies as far as there is memory for them
   */
  PublishRoute(
      Intake intake,
      DeliveryReports reports,
      Settings settings,
      Admission bodies,
      AccessControl access,
      AllowedOrigins origins) {
    this.bodies = new AdmittedBodies(bodies, settings.http().upload());
    this.access = access;
    this.origins = origins;
    this.intake = intake;
    this.reports = reports;
  }

  /**
   * Publishes the body of the request, and answers with the ids.
   *
   * @param topic the topic in the path; empty for a batch
   * @throws Problem if the request is invalid
   * @throws LimitExceeded if the client publishes too much
   */
  void handle(HttpServerRequest request, Optional<String> topic, QueryParameters query) {
    checkParameters(query, topic.isPresent() ? PARAMETERS : BATCH_PARAMETERS);
    checkContentEncoding(request);
    access.enter(
        topic.isPresent() ? Door.PUBLISH : Door.BATCH,
        request,
        principal -> {
          if (RequestPrincipals.byCookie(request, principal)) {
            origins.checkPublishingByCookie(request);
          }
          publish(request, principal, query, topic);
        });
  }

  /** A request to publish, who makes it, and what it counts for the publisher's limits. */
  private record Exchange(
      HttpServerRequest request,
      Principal principal,
      QueryParameters query,
      boolean reported,
      PublishCharge charge) {}

  /** What was stored, and the answer to the publisher. */
  private record Published(List<Entry> entries, JsonObject answer) {}

  private void publish(
      HttpServerRequest request,
      Principal principal,
      QueryParameters query,
      Optional<String> topic) {
    checkRight(principal, query, topic);
    boolean reported = DeliveryReports.asked(query);
    Supplier<Access> asked = () -> asked(request, principal, topic);
    PublishCharge charge = access.guard().publish(asked, announcedBytes(request));
    var exchange = new Exchange(request, principal, query, reported, charge);
    Future<Published> published =
        bodies.read(
            request,
            intake.maxBody(),
            body -> {
              access.checkNotRevoked(principal);
              return topic
                  .map(name -> publishOne(exchange, name, body))
                  .orElseGet(() -> publishBatch(exchange, body));
            });
    answer(exchange, published)
        .<Void>map(
            answer -> {
              charge.published();
              access.guard().allowed(asked);
              return respond(request, answer); // an exception fails the future
            })
        .onFailure(
            e -> {
              access.report(asked.get(), e);
              FailureHandler.respond(request, e);
            });
  }

  /** The answer, with a report if the publisher wants one. */
  private Future<JsonObject> answer(Exchange exchange, Future<Published> published) {
    return exchange.reported
        ? published.compose(
            stored -> reports.add(stored.answer, exchange.principal, stored.entries))
        : published.map(Published::answer);
  }

  /**
   * Refuses whoever may not publish before there is memory for the body, so that bodies that do not
   * arrive take it only from those who may.
   */
  private void checkRight(Principal principal, QueryParameters query, Optional<String> topic) {
    if (principal.grants() == Grants.ALL) {
      return;
    }
    if (topic.isPresent()) {
      intake.check(principal, event(query, topic.get(), ""));
    } else if (principal.grants().publish().isEmpty() && !principal.grants().admin()) {
      throw NotGranted.right(principal, "a topic to publish to");
    }
  }

  private Access asked(HttpServerRequest request, Principal principal, Optional<String> topic) {
    Caller caller = access.caller(principal, request);
    return topic.isPresent()
        ? Access.toTopic(Door.PUBLISH, caller, topic.get())
        : Access.withoutTopic(Door.BATCH, caller);
  }

  /** The announced length of the body; 0 if it is not known, or is refused for being too large. */
  private long announcedBytes(HttpServerRequest request) {
    long length = RequestBody.contentLength(request);
    return length > intake.maxBody() ? 0 : length;
  }

  private Future<Published> publishOne(Exchange exchange, String topic, Buffer body) {
    QueryParameters query = exchange.query;
    Event event = event(query, topic, text(body));
    exchange.charge.complete(1, body.length());
    return intake
        .publish(
            exchange.principal,
            new Publication(List.of(event), idempotencyKey(exchange.request), isOnce(query)))
        .map(
            entries -> {
              Entry entry = entries.get(0);
              var answer = new JsonObject().put("id", entry.id());
              if (!entry.replacedId().isEmpty()) {
                answer.put("publisher_id", entry.replacedId());
              }
              answer.put("topic", topic);
              reports
                  .subscribers(exchange.principal, event)
                  .ifPresent(streams -> answer.put("subscribers", streams));
              return new Published(entries, answer);
            });
  }

  private Future<Published> publishBatch(Exchange exchange, Buffer body) {
    String json = text(body);
    String withoutMark = json.startsWith(BYTE_ORDER_MARK) ? json.substring(1) : json;
    return intake
        .publish(
            exchange.principal,
            withoutMark,
            idempotencyKey(exchange.request),
            isOnce(exchange.query),
            events -> exchange.charge.complete(events, body.length()))
        .map(entries -> new Published(entries, answer(entries)));
  }

  /** The ids, and beside them the publisher's ids where any of those was replaced. */
  private static JsonObject answer(List<Entry> entries) {
    var answer = new JsonObject().put("ids", ids(entries, Entry::id));
    boolean replaced = entries.stream().anyMatch(entry -> !entry.replacedId().isEmpty());
    return replaced ? answer.put("publisher_ids", ids(entries, PublishRoute::replacedId)) : answer;
  }

  private static String replacedId(Entry entry) {
    return entry.replacedId().isEmpty() ? null : entry.replacedId();
  }

  /**
   * The key by which a retry is recognized (draft-ietf-httpapi-idempotency-key-header); empty if
   * there is none.
   */
  private static String idempotencyKey(HttpServerRequest request) {
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

  private static boolean isOnce(QueryParameters query) {
    Optional<String> once = query.single(ONCE);
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

  private static void checkParameters(QueryParameters query, Set<String> known) {
    for (String name : query.names()) {
      if (!known.contains(name)) {
        throw new InvalidEvent(name, "unknown parameter");
      }
    }
  }

  private static void checkContentEncoding(HttpServerRequest request) {
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw Problem.of(415, "Content-Encoding: not supported; bodies must not be encoded");
    }
  }

  private static Event event(QueryParameters query, String topic, String data) {
    Optional<String> id = query.single("id");
    if (id.filter(String::isEmpty).isPresent()) {
      throw new InvalidEvent("id", "must not be empty");
    }
    int retry = query.single("retry").map(PublishRoute::retry).orElse(Event.NO_RETRY);
    return new Event(
        List.of(topic),
        query.single("type").orElse(""),
        id.orElse(""),
        retry,
        data,
        Visibility.ofFlag(query.single(Visibility.MARK)));
  }

  /** The number; {@link Integer#MIN_VALUE}, which {@link Event} rejects, if it is not an int. */
  private static int retry(String text) {
    long number = text.matches("\\d{1,10}") ? Long.parseLong(text) : Long.MAX_VALUE;
    return number > Integer.MAX_VALUE ? Integer.MIN_VALUE : (int) number;
  }

  private static String text(Buffer body) {
    return TextRules.utf8("body", body.getBytes());
  }

  private static Void respond(HttpServerRequest request, JsonObject answer) {
    var response = request.response();
    if (!response.closed()) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(answer.toBuffer());
    }
    return null;
  }
}
