package example;

import io.tidings.Hub;
import io.tidings.StoredEvent;
import io.tidings.auth.Grants;
import io.tidings.auth.Principal;
import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.SessionHandler;
import io.vertx.ext.web.handler.StaticHandler;
import io.vertx.ext.web.sstore.LocalSessionStore;
import java.util.Map;

/**
 * A chat with a login of its own: who has told a name may read the room and write to it. The events
 * are kept in the directory {@code data}, so a page that is reloaded, also after a restart, shows
 * what was said.
 */
final class Chat extends VerticleBase {
  private final int port;
  private Hub hub;

  Chat(int port) {
    this.port = port;
  }

  /** The hub is closed with this verticle. */
  @Override
  public Future<?> start() {
    return Hub.open(vertx, Map.of("log", Map.of("dir", "data")))
        .onSuccess(opened -> hub = opened)
        .compose(
            opened -> hub.subscribe(Filter.of("chat.room"), new ResumeRequest.Live(), this::greet))
        .compose(greeting -> vertx.createHttpServer().requestHandler(router()).listen(port))
        .onSuccess(
            server -> System.out.println("The chat is at http://localhost:" + server.actualPort()));
  }

  private Router router() {
    Router router = Router.router(vertx);
    router.route().handler(SessionHandler.create(LocalSessionStore.create(vertx)));
    router.get("/login").handler(Chat::login);
    router.route("/live/*").subRouter(hub.router(Chat::principal));
    router.route().handler(StaticHandler.create());
    return router;
  }

  private static void login(RoutingContext context) {
    context.session().put("name", context.request().getParam("name"));
    context.end();
  }

  /** Null for whoever has not logged in: may do nothing. */
  private static Principal principal(RoutingContext context) {
    String name = context.session().get("name");
    return name == null
        ? null
        : Principal.of(name, Grants.toSubscribe("chat.**").and(Grants.toPublish("chat.room")));
  }

  /** The application publishes too, to a topic that nobody else may publish to. */
  private void greet(StoredEvent said) {
    if (said.event().data().startsWith("hello")) {
      hub.publish(Event.of("chat.greeter", "Welcome!"));
    }
  }
}
