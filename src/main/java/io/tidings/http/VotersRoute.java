package io.tidings.http;

import io.tidings.auth.Principal;
import io.tidings.bus.ContextFutures;
import io.tidings.event.InvalidEvent;
import io.tidings.log.OutcomeUnknown;
import io.tidings.log.raft.Voters;
import io.tidings.log.raft.VotersRefused;
import io.tidings.metrics.Door;
import io.tidings.settings.Member;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The route {@code POST /cluster/voters}, for administrators: changes the voters of the cluster.
 * Confined to one event loop.
 */
final class VotersRoute {
  private static final String PATH = "/cluster/voters";
  private static final String VOTERS = "voters";
  private static final int MAX_BODY = 16 * 1024;
  private static final int ACCEPTED = 202;
  private static final int CONFLICT = 409;

  /** After which time a change that goes on is answered. */
  private static final long ANSWER_MILLIS = 20_000;

  private final Optional<Voters> voters;
  private final AccessControl access;
  private final AllowedOrigins origins;
  private final Duration upload;

  private VotersRoute(
      Optional<Voters> voters, AccessControl access, AllowedOrigins origins, Duration upload) {
    this.voters = voters;
    this.access = access;
    this.origins = origins;
    this.upload = upload;
  }

  /**
   * @param voters of the cluster, if the hub is a node of one
   * @param upload how long receiving a body may take
   */
  static void mount(
      Router router,
      Optional<Voters> voters,
      AccessControl access,
      AllowedOrigins origins,
      Duration upload) {
    var route = new VotersRoute(voters, access, origins, upload);
    router.post(PATH).handler(route::change);
  }

  private void change(RoutingContext context) {
    HttpServerRequest request = context.request();
    origins.checkSession(request);
    access.enter(
        Door.CLUSTER,
        request,
        principal -> {
          AdminRequests.check(principal);
          Voters all =
              voters.orElseThrow(
                  () -> Problem.of(CONFLICT, "this hub is not a node of a cluster; see --cluster"));
          RequestBody.read(request, MAX_BODY, upload)
              .map(VotersRoute::parse)
              .compose(target -> change(context, principal, all, target))
              .onFailure(e -> FailureHandler.respond(request, refusal(e)));
        });
  }

  /** The addresses in their full form, as voters are known by them. */
  private static List<String> parse(Buffer body) {
    var target = new ArrayList<String>();
    try {
      for (Object one : new JsonObject(body).getJsonArray(VOTERS, new JsonArray())) {
        target.add(Member.parse((String) one).id());
      }
    } catch (DecodeException | ClassCastException | NullPointerException e) {
      throw new InvalidEvent("body", "must be an object with voters, an array of texts");
    } catch (IllegalArgumentException e) {
      throw new InvalidEvent(VOTERS, e.getMessage());
    }
    return List.copyOf(target);
  }

  private static Throwable refusal(Throwable failure) {
    return failure instanceof VotersRefused
        ? Problem.of(CONFLICT, "the voters were not changed: " + failure.getMessage())
        : failure;
  }

  private Future<Void> change(
      RoutingContext context, Principal principal, Voters all, List<String> target) {
    access.checkNotRevoked(principal);
    Promise<Boolean> answered = Promise.promise();
    Future<Void> change = ContextFutures.of(all.changeVoters(target));
    long timer =
        context.vertx().setTimer(ANSWER_MILLIS, late -> answered.tryComplete(Boolean.FALSE));
    change.onComplete(
        done -> {
          context.vertx().cancelTimer(timer);
          report(context.request(), principal, target, done.cause());
          if (done.succeeded()) {
            answered.tryComplete(Boolean.TRUE);
          } else {
            answered.tryFail(done.cause());
          }
        });
    return answered.future().map(complete -> answer(context.request(), target, complete));
  }

  /** What was done, or may have been, is in the audit log. */
  private void report(
      HttpServerRequest request, Principal principal, List<String> target, Throwable failure) {
    String what = String.join(", ", target);
    if (failure == null) {
      access.administered(Door.CLUSTER, principal, request, "changed the voters to " + what);
    } else if (failure instanceof OutcomeUnknown) {
      access.administered(
          Door.CLUSTER, principal, request, "perhaps changed the voters to " + what);
    }
  }

  private static Void answer(HttpServerRequest request, List<String> target, boolean complete) {
    if (!request.response().closed()) {
      request
          .response()
          .setStatusCode(complete ? 200 : ACCEPTED)
          .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
          .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
      Answer.end(
          request,
          new JsonObject().put(complete ? VOTERS : "changing", new JsonArray(target)).encode());
    }
    return null;
  }
}
