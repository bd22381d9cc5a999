package io.tidings.http;

import io.tidings.auth.Authenticator;
import io.tidings.auth.Principal;
import io.tidings.auth.Revocation;
import io.tidings.event.InvalidEvent;
import io.tidings.log.OutcomeUnknown;
import io.tidings.metrics.Door;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;

/**
 * The route {@code /revocations}, for administrators: tokens that are not accepted any more, on no
 * node. Confined to one event loop.
 */
final class RevocationsRoute {
  private static final String PATH = "/revocations";
  private static final int MAX_BODY = 16 * 1024;

  /** The most that are listed, and as many as are without the parameter. */
  private static final int MAX_LISTED = 1_000;

  static final Set<String> PARAMETERS = Set.of(AdminRequests.LIMIT);

  private final RevocationLog log;
  private final Authenticator authenticator;
  private final AccessControl access;
  private final AllowedOrigins origins;
  private final InstantSource clock;
  private final Duration life;
  private final Duration upload;

  private RevocationsRoute(
      RevocationLog log,
      Authenticator authenticator,
      AccessControl access,
      AllowedOrigins origins,
      Settings settings) {
    this.log = log;
    this.authenticator = authenticator;
    this.access = access;
    this.origins = origins;
    this.clock = InstantSource.system();
    this.life = settings.auth().revocation();
    this.upload = settings.http().upload();
  }

  static void mount(
      Router router,
      RevocationLog log,
      Authenticator authenticator,
      AccessControl access,
      AllowedOrigins origins,
      Settings settings) {
    var route = new RevocationsRoute(log, authenticator, access, origins, settings);
    router.get(PATH).handler(route::list);
    router.head(PATH).handler(route::list);
    router.post(PATH).handler(route::revoke);
  }

  private void list(RoutingContext context) {
    HttpServerRequest request = context.request();
    QueryParameters parameters = QueryParameters.parse(request.query());
    AdminRequests.checkParameters(parameters, PARAMETERS);
    int limit = AdminRequests.limit(parameters, MAX_LISTED, MAX_LISTED);
    access.enter(
        Door.REVOCATIONS,
        request,
        principal -> {
          AdminRequests.check(principal);
          access.allowed(Door.REVOCATIONS, principal, request);
          var list = new JsonArray();
          for (Revocation one : authenticator.revocations(limit)) {
            list.add(new JsonObject(one.encode()));
          }
          send(
              request,
              new JsonObject()
                  .put("revocations", list)
                  .put("total", authenticator.revocationCount()));
        });
  }

  private void revoke(RoutingContext context) {
    HttpServerRequest request = context.request();
    origins.checkSession(request); // a page of another site could make the administrator's browser
    access.enter(
        Door.REVOCATIONS,
        request,
        principal -> {
          AdminRequests.check(principal);
          RequestBody.read(request, MAX_BODY, upload)
              .compose(body -> store(principal, body))
              .<Void>map(stored -> respond(request, principal, stored)) // exceptions fail it
              .onFailure(
                  e -> {
                    report(principal, request, e);
                    FailureHandler.respond(request, e);
                  });
        });
  }

  private Future<Revocation> store(Principal principal, Buffer body) {
    access.checkNotRevoked(principal);
    Instant now = clock.instant();
    Revocation asked = Revocation.parse(body.getBytes(), now, life);
    if (!authenticator.knows(asked.issuer())) {
      throw new InvalidEvent("issuer", "must be one whose tokens this hub accepts");
    }
    return log.put(asked);
  }

  private Void respond(HttpServerRequest request, Principal principal, Revocation stored) {
    access.administered(Door.REVOCATIONS, principal, request, "revoked " + stored.encode());
    if (!request.response().closed()) {
      request.response().setStatusCode(201);
      send(request, new JsonObject(stored.encode()));
    }
    return null;
  }

  /** What may have been done is in the audit log, as what was. */
  private void report(Principal principal, HttpServerRequest request, Throwable failure) {
    if (failure instanceof OutcomeUnknown) {
      access.administered(
          Door.REVOCATIONS, principal, request, "perhaps revoked: " + failure.getMessage());
    }
  }

  private static void send(HttpServerRequest request, JsonObject json) {
    request
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    Answer.end(request, json.encode());
  }
}
