package io.tidings.http;

import io.tidings.settings.LimitSettings;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.function.Supplier;

/**
 * How requests enter one event loop of the hub: which hosts they may name, who makes them, and the
 * routes that this has. Confined to the loop.
 */
interface Doors {
  /** Creates the doors of one event loop. */
  interface Factory {
    /**
     * @param limits as they are at the moment
     */
    Doors of(
        HubParts parts,
        TrustedProxies proxies,
        AllowedOrigins origins,
        Supplier<LimitSettings> limits);
  }

  /** Finds out who makes a request. */
  PrincipalSource principals();

  /**
   * @throws Problem if the request names no host of the hub
   */
  void checkHost(HttpServerRequest request);

  /** The folders of the pages, first the one whose files come first. */
  List<String> pages();

  /** Adds the routes by which clients prove who they are. */
  void mount(Router router, AccessControl access);
}
