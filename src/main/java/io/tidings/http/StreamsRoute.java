package io.tidings.http;

import io.tidings.auth.Principal;
import io.tidings.bus.ContextFutures;
import io.tidings.cluster.AllNodes;
import io.tidings.event.InvalidEvent;
import io.tidings.event.TopicPattern;
import io.tidings.fanout.CloseReason;
import io.tidings.fanout.OpenStreams;
import io.tidings.fanout.StreamHandle;
import io.tidings.fanout.StreamQuery;
import io.tidings.metrics.Door;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The route {@code /streams}, for administrators: lists the open streams of all nodes, and ends
 * one. Confined to one event loop.
 */
final class StreamsRoute {
  private static final String PATH = "/streams";
  private static final String LIST = "streams";
  private static final String END = "end-stream";
  private static final String HANDLE = "handle";
  private static final String ENDED = "ended";
  private static final String AFTER = "after";
  private static final String LIMIT = "limit";
  private static final String BEHIND = "behind";
  private static final String NODE = "node";
  private static final String ISSUER = "issuer";
  private static final String SUBJECT = "subject";
  private static final String TOPIC = "topic";
  static final Set<String> PARAMETERS = Set.of(AFTER, LIMIT, BEHIND, NODE, ISSUER, SUBJECT, TOPIC);
  private static final int DEFAULT_LIMIT = 100;

  private final AllNodes nodes;
  private final AccessControl access;
  private final AllowedOrigins origins;

  private StreamsRoute(AllNodes nodes, AccessControl access, AllowedOrigins origins) {
    this.nodes = nodes;
    this.access = access;
    this.origins = origins;
  }

  static void mount(Router router, AllNodes nodes, AccessControl access, AllowedOrigins origins) {
    var route = new StreamsRoute(nodes, access, origins);
    router.get(PATH).handler(route::list);
    router.head(PATH).handler(route::list);
    router.delete(PATH + "/:" + HANDLE).handler(route::end);
  }

  /** Makes a node answer for its own streams. Called once for each node. */
  static void answer(AllNodes nodes, OpenStreams streams) {
    nodes.answer(LIST, query -> streams.list(StreamQuery.of(query)).map(StreamPages::ofNode));
    nodes.answer(
        END,
        asked ->
            streams
                .end(StreamHandle.parse(asked.getString(HANDLE)).orElseThrow(), CloseReason.REVOKED)
                .map(stream -> new JsonObject().put(ENDED, stream.isPresent())));
  }

  private void list(RoutingContext context) {
    HttpServerRequest request = context.request();
    QueryParameters parameters = QueryParameters.parse(request.query());
    AdminRequests.checkParameters(parameters, PARAMETERS);
    StreamQuery query = query(parameters);
    Optional<String> node = parameters.single(NODE);
    access.enter(
        Door.STREAMS,
        request,
        principal -> {
          AdminRequests.check(principal);
          Predicate<String> chosen = name -> node.isEmpty() || node.get().equals(name);
          AdminRequests.answer(
              request,
              ContextFutures.of(nodes.ask(LIST, query.json(), chosen))
                  .map(
                      answers -> {
                        access.allowed(Door.STREAMS, principal, request);
                        return StreamPages.merge(answers, query.limit());
                      }));
        });
  }

  private static StreamQuery query(QueryParameters parameters) {
    return new StreamQuery(
        parameters.single(AFTER).map(StreamsRoute::cursor),
        AdminRequests.limit(parameters, DEFAULT_LIMIT, StreamQuery.MAX_LIMIT),
        parameters.single(ISSUER),
        parameters.single(SUBJECT),
        parameters.single(TOPIC).map(TopicPattern::new),
        parameters.single(BEHIND).map(text -> AdminRequests.number(BEHIND, text)));
  }

  private static StreamHandle cursor(String text) {
    return StreamHandle.parse(text)
        .orElseThrow(() -> new InvalidEvent(AFTER, "must be a stream's handle"));
  }

  private void end(RoutingContext context) {
    HttpServerRequest request = context.request();
    origins.checkSession(request);
    access.enter(
        Door.STREAMS,
        request,
        principal -> {
          AdminRequests.check(principal);
          StreamHandle handle =
              StreamHandle.parse(context.pathParam(HANDLE)).orElseThrow(StreamsRoute::unknown);
          ContextFutures.of(
                  nodes.ask(END, new JsonObject().put(HANDLE, handle.toString())).map(this::ended))
              .<Void>map(ended -> answerEnded(request, principal, handle))
              .onFailure(e -> AdminRequests.fail(request, e));
        });
  }

  /**
   * @throws Problem if no node had the stream, or it is not known whether one has it
   */
  private AllNodes.Answers ended(AllNodes.Answers all) {
    boolean found =
        all.answers().stream().anyMatch(answer -> answer.content().getBoolean(ENDED, false));
    if (!found && !all.missing().isEmpty()) {
      throw Problem.of(
          503, "these nodes do not answer, and may have it: " + new JsonArray(all.missing()));
    }
    if (!found) {
      throw unknown();
    }
    return all;
  }

  private static Problem unknown() {
    return Problem.of(404, "stream: not open");
  }

  private Void answerEnded(HttpServerRequest request, Principal principal, StreamHandle handle) {
    access.administered(Door.STREAMS, principal, request, "ended " + handle);
    request.response().setStatusCode(204).end();
    return null;
  }
}
