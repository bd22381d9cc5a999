package io.tidings.http;

import io.tidings.auth.Principal;
import io.tidings.log.OutcomeUnknown;
import io.tidings.log.raft.Voters;
import io.tidings.metrics.Door;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * Requests by which administrators change the cluster: lets them in, reads their bodies, and has
 * what they do in the audit log. Confined to one event loop.
 */
final class ClusterAdmin {
  static final int CONFLICT = 409;
  private static final int MAX_BODY = 16 * 1024;

  private final Optional<Voters> voters;
  private final AccessControl access;
  private final AllowedOrigins origins;
  private final Duration upload;

  /**
   * @param voters of the cluster, if the hub is a node of one
   * @param upload how long receiving a body may take
   */
  ClusterAdmin(
      Optional<Voters> voters, AccessControl access, AllowedOrigins origins, Duration upload) {
    this.voters = voters;
    this.access = access;
    this.origins = origins;
    this.upload = upload;
  }

  /** A change that an administrator asks for. */
  record Asked(HttpServerRequest request, Principal principal, Voters cluster, Buffer body) {}

  /**
   * @throws Problem if the hub is not a node of a cluster
   */
  Voters cluster() {
    return voters.orElseThrow(
        () -> Problem.of(CONFLICT, "this hub is not a node of a cluster; see --cluster"));
  }

  /**
   * Has a change made that the request asks for.
   *
   * @param change makes it, and answers it if it succeeds
   * @param refusal the failure that is answered for one of the change
   */
  void enter(
      RoutingContext context,
      Function<Asked, Future<Void>> change,
      Function<Throwable, Throwable> refusal) {
    HttpServerRequest request = context.request();
    origins.checkSession(request);
    access.enter(
        Door.CLUSTER,
        request,
        principal -> {
          AdminRequests.check(principal);
          Voters all = cluster();
          RequestBody.read(request, MAX_BODY, upload)
              .compose(body -> change.apply(new Asked(request, principal, all, body)))
              .onFailure(e -> FailureHandler.respond(request, refusal.apply(e)));
        });
  }

  /** Before something is changed: the body may have taken a while. */
  void checkNotRevoked(Asked asked) {
    access.checkNotRevoked(asked.principal());
  }

  /**
   * What was done, or may have been, is in the audit log.
   *
   * @param what such as {@code set}, with what was changed
   * @param failure null if there is none
   */
  void report(Asked asked, String what, Throwable failure) {
    if (failure == null) {
      access.administered(Door.CLUSTER, asked.principal(), asked.request(), what);
    } else if (failure instanceof OutcomeUnknown) {
      access.administered(Door.CLUSTER, asked.principal(), asked.request(), "perhaps " + what);
    }
  }
}
