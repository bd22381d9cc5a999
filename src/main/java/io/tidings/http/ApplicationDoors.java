package io.tidings.http;

import io.tidings.auth.Authenticator;
import io.tidings.auth.Principal;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * Requests enter an application's server, which decides which hosts they may name and who makes
 * them; tokens, their cookies and tickets mean nothing here.
 */
final class ApplicationDoors implements Doors, PrincipalSource {
  private final Authenticator authenticator;
  private final Function<RoutingContext, Principal> principals;

  /**
   * @param principals null for whoever has not been identified
   */
  ApplicationDoors(Authenticator authenticator, Function<RoutingContext, Principal> principals) {
    this.authenticator = authenticator;
    this.principals = principals;
  }

  @Override
  public PrincipalSource principals() {
    return this;
  }

  @Override
  public Future<Principal> of(HttpServerRequest request, Runnable beforeVerifying) {
    Principal found;
    try {
      found = principals.apply(MountedRequest.context(request));
    } catch (RuntimeException e) {
      throw new PrincipalFailed(e);
    }
    return Future.succeededFuture(Objects.requireNonNullElse(found, authenticator.anonymous()));
  }

  @Override
  public Future<Principal> ofTicket(
      HttpServerRequest request, String ticket, Runnable beforeBinding) {
    throw Problem.of(400, "ticket: must not be given, since this application makes none");
  }

  @Override
  public boolean revoked(Principal principal) {
    return authenticator.revoked(principal);
  }

  @Override
  public void checkHost(HttpServerRequest request) {
    // the application's server serves it
  }

  /** A folder {@code webroot} is the application's own, which decides who may read it. */
  @Override
  public List<String> pages() {
    return List.of(PagesRoute.FOLDER);
  }

  @Override
  public void mount(Router router, AccessControl access) {
    // the application has its own
  }
}
