package io.tidings.fanout;

import io.tidings.settings.StreamSettings;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;

/** Creates the outlet for a request or WebSocket, as configured. */
public final class OutletFactory {
  private final StreamSettings settings;

  public OutletFactory(StreamSettings settings) {
    this.settings = settings;
  }

  /** The outlet for the answer to a long poll. */
  public Outlet forPoll(HttpServerRequest request) {
    return new LongPollOutlet(request);
  }

  /** The outlet for a WebSocket. */
  public Outlet forWebSocket(ServerWebSocket socket) {
    return new WebSocketOutlet(socket);
  }

  /**
   * The outlet for the response to this request. An event stream whose client should reconnect ends
   * as configured, since some clients take a clean end as final.
   */
  public Outlet forStream(HttpServerRequest request, WireFormat wire) {
    boolean cutsUnfinished =
        wire.eventStream() && settings.drainEnd() == StreamSettings.DrainEnd.CUT;
    boolean channel =
        settings.outlet() == StreamSettings.OutletKind.CHANNEL
            && request.version() != HttpVersion.HTTP_2
            && ChannelOutlet.fits(request);
    return channel
        ? ChannelOutlet.of(request, settings, cutsUnfinished)
        : new ResponseOutlet(request, cutsUnfinished);
  }
}
