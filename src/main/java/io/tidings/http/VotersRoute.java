package io.tidings.http;

import io.tidings.bus.ContextFutures;
import io.tidings.event.InvalidEvent;
import io.tidings.log.raft.VotersRefused;
import io.tidings.settings.Member;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;

/**
 * The route {@code POST /cluster/voters}, for administrators: changes the voters of the cluster.
 * Confined to one event loop.
 */
final class VotersRoute {
  private static final String PATH = "/cluster/voters";
  private static final String VOTERS = "voters";
  private static final int ACCEPTED = 202;

  /** After which time a change that goes on is answered. */
  private static final long ANSWER_MILLIS = 20_000;

  private final ClusterAdmin admin;

  private VotersRoute(ClusterAdmin admin) {
    this.admin = admin;
  }

  static void mount(Router router, ClusterAdmin admin) {
    var route = new VotersRoute(admin);
    router.post(PATH).handler(route::change);
  }

  private void change(RoutingContext context) {
    admin.enter(context, asked -> change(context.vertx(), asked), VotersRoute::refusal);
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
        ? Problem.of(ClusterAdmin.CONFLICT, "the voters were not changed: " + failure.getMessage())
        : failure;
  }

  private Future<Void> change(Vertx vertx, ClusterAdmin.Asked asked) {
    List<String> target = parse(asked.body());
    admin.checkNotRevoked(asked);
    Promise<Boolean> answered = Promise.promise();
    Future<Void> change = ContextFutures.of(asked.cluster().changeVoters(target));
    long timer = vertx.setTimer(ANSWER_MILLIS, late -> answered.tryComplete(Boolean.FALSE));
    change.onComplete(
        done -> {
          vertx.cancelTimer(timer);
          admin.report(asked, "changed the voters to " + String.join(", ", target), done.cause());
          if (done.succeeded()) {
            answered.tryComplete(Boolean.TRUE);
          } else {
            answered.tryFail(done.cause());
          }
        });
    return answered.future().map(complete -> answer(asked.request(), target, complete));
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
