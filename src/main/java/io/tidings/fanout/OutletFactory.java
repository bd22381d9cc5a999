package io.tidings.fanout;

import io.tidings.settings.StreamSettings;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;

/** Chooses the way to a client's socket. */
public final class OutletFactory {
  private final StreamSettings settings;

  public OutletFactory(StreamSettings settings) {
    this.settings = settings;
  }

  /** The outlet for an answer to this request, once there is something to answer with. */
  public Outlet poll(HttpServerRequest request) {
    return new LongPollOutlet(request);
  }

  /** The outlet for a WebSocket. */
  public Outlet to(ServerWebSocket socket) {
    return new WebSocketOutlet(socket);
  }

  /**
   * The outlet for the response to this request. An event stream whose client is to come back ends
   * as it is set: some clients take a clean end for final.
   */
  public Outlet to(HttpServerRequest request, WireFormat wire) {
    boolean cuts = wire.eventStream() && settings.drainEnd() == StreamSettings.DrainEnd.CUT;
    boolean channel =
        settings.outlet() == StreamSettings.OutletKind.CHANNEL
            && request.version() != HttpVersion.HTTP_2;
    return channel ? ChannelOutlet.of(request, settings, cuts) : new ResponseOutlet(request, cuts);
  }
}
