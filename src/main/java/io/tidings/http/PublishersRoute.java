package io.tidings.http;

import io.tidings.bus.ContextFutures;
import io.tidings.cluster.AllNodes;
import io.tidings.cluster.AllNodes.Answer;
import io.tidings.cluster.AllNodes.Answers;
import io.tidings.limits.LimitKey;
import io.tidings.limits.PublisherRate;
import io.tidings.limits.RecentPublishers;
import io.tidings.metrics.Door;
import io.tidings.metrics.RequestMetrics;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The route {@code /publishers}, for administrators: who published in the last minute, at all
 * nodes, and who was refused. Confined to one event loop.
 */
final class PublishersRoute {
  private static final String PATH = "/publishers";
  private static final String QUESTION = "publishers";
  private static final String PUBLISHERS = "publishers";
  private static final String LIMIT = "limit";
  private static final String EVENTS = "events";
  private static final String BYTES = "bytes";
  private static final String REFUSALS = "refusals";
  private static final String NODES = "nodes";
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 1_000;

  private final AllNodes nodes;
  private final AccessControl access;

  private PublishersRoute(AllNodes nodes, AccessControl access) {
    this.nodes = nodes;
    this.access = access;
  }

  static void mount(Router router, AllNodes nodes, AccessControl access) {
    var route = new PublishersRoute(nodes, access);
    router.get(PATH).handler(route::list);
    router.head(PATH).handler(route::list);
  }

  /** Makes a node answer for its own publishers. Called once for each node. */
  static void answer(AllNodes nodes, RecentPublishers publishers) {
    nodes.answer(
        QUESTION,
        asked -> Future.succeededFuture(ofNode(publishers.busiest(asked.getInteger(LIMIT)))));
  }

  private void list(RoutingContext context) {
    HttpServerRequest request = context.request();
    QueryParameters parameters = QueryParameters.parse(request.query());
    AdminRequests.checkParameters(parameters, Set.of(LIMIT));
    int limit = AdminRequests.limit(parameters, DEFAULT_LIMIT, MAX_LIMIT);
    access.enter(
        Door.PUBLISHERS,
        request,
        principal -> {
          AdminRequests.check(principal);
          AdminRequests.answer(
              request,
              ContextFutures.of(nodes.ask(QUESTION, new JsonObject().put(LIMIT, limit)))
                  .map(
                      answers -> {
                        access.allowed(Door.PUBLISHERS, principal, request);
                        return merge(answers, limit);
                      }));
        });
  }

  /** The answer of one node: the busiest, as many as it may send. */
  static JsonObject ofNode(List<PublisherRate> busiest) {
    var list = new JsonArray();
    int bytes = 0;
    for (PublisherRate one : busiest) {
      JsonObject json = json(one);
      bytes += json.toBuffer().length();
      if (bytes > StreamPages.MAX_BYTES) {
        break;
      }
      list.add(json);
    }
    return new JsonObject().put(PUBLISHERS, list);
  }

  private static JsonObject json(PublisherRate rate) {
    var refusals = new JsonObject();
    rate.refusals().forEach((reason, count) -> refusals.put(RequestMetrics.word(reason), count));
    return name(rate.key())
        .put(EVENTS, rate.events())
        .put(BYTES, rate.bytes())
        .put(REFUSALS, refusals);
  }

  private static JsonObject name(LimitKey key) {
    return key.subject().isEmpty()
        ? new JsonObject().put("address", key.networkText())
        : new JsonObject().put("issuer", key.issuer()).put("subject", key.subject());
  }

  /** One line for each publisher, with the sums of all nodes, the busiest first. */
  static JsonObject merge(Answers all, int limit) {
    Map<List<String>, JsonObject> merged = new LinkedHashMap<>();
    for (Answer answer : all.answers()) {
      for (Object each : answer.content().getJsonArray(PUBLISHERS)) {
        JsonObject one = (JsonObject) each;
        JsonObject sum =
            merged.computeIfAbsent(
                identity(one),
                first ->
                    one.copy()
                        .put(EVENTS, 0.0)
                        .put(BYTES, 0.0)
                        .put(REFUSALS, new JsonObject())
                        .put(NODES, new JsonArray()));
        add(sum, one, answer.node());
      }
    }
    var list = new ArrayList<>(merged.values());
    list.sort(Comparator.comparingDouble((JsonObject one) -> one.getDouble(EVENTS)).reversed());
    var publishers = new JsonArray();
    list.stream().limit(limit).map(PublishersRoute::rounded).forEach(publishers::add);
    return new JsonObject()
        .put(PUBLISHERS, publishers)
        .put("missing", new JsonArray(all.missing()));
  }

  private static List<String> identity(JsonObject one) {
    return List.of(
        one.getString("issuer", ""), one.getString("subject", ""), one.getString("address", ""));
  }

  private static void add(JsonObject sum, JsonObject one, String node) {
    sum.put(EVENTS, sum.getDouble(EVENTS) + one.getDouble(EVENTS));
    sum.put(BYTES, sum.getDouble(BYTES) + one.getDouble(BYTES));
    JsonObject refusals = sum.getJsonObject(REFUSALS);
    one.getJsonObject(REFUSALS)
        .forEach(
            reason ->
                refusals.put(
                    reason.getKey(),
                    refusals.getLong(reason.getKey(), 0L)
                        + ((Number) reason.getValue()).longValue()));
    sum.getJsonArray(NODES).add(node);
  }

  private static JsonObject rounded(JsonObject one) {
    return one.put(EVENTS, Math.round(one.getDouble(EVENTS) * 100) / 100.0)
        .put(BYTES, Math.round(one.getDouble(BYTES)));
  }
}
