package io.tidings.fanout;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers a long poll: with the first events that come, or with none when the stream ends before;
 * with the id to ask with next. Of a stream of {@link Wire#JSON_LINES}.
 */
final class PollOutlet implements Outlet {
  private final HttpServerResponse response;
  private final SocketAddress peer;
  private String lastId;
  private boolean answered;

  /**
   * @param response whose head says already what it is
   */
  PollOutlet(HttpServerResponse response, SocketAddress peer) {
    this.response = response;
    this.peer = peer;
  }

  @Override
  public void write(Chunk chunk) {
    if (answered) {
      return; // it asks again, with the id that it was given
    }
    var events = new ArrayList<String>();
    for (String line : chunk.lines()) {
      var json = new JsonObject(line);
      lastId = json.getString("id");
      if (json.containsKey("topic") || Wire.tellsOfLoss(json.getString("type"))) {
        events.add(line);
      }
    }
    if (!events.isEmpty()) {
      answer(events);
    }
  }

  private void answer(List<String> events) {
    answered = true;
    String id = new JsonObject().put("last_event_id", lastId).encode();
    response.end("{\"events\":[" + String.join(",", events) + "]," + id.substring(1));
  }

  @Override
  public boolean writable() {
    return !answered;
  }

  @Override
  public void onWritable(Runnable action) {
    // it is writable once
  }

  @Override
  public long written() {
    return 0;
  }

  @Override
  public long unsent() {
    return 0;
  }

  @Override
  public void allSent(boolean all) {
    // an answer is no stream; the connection's idle time bounds how long one waits for its client
  }

  @Override
  public String peer() {
    return Peer.of(peer.hostAddress(), peer.port());
  }

  @Override
  public void end(Ending why) {
    if (!answered && !response.ended() && !response.closed()) {
      answer(List.of());
    }
  }

  @Override
  public void cut() {
    response.reset();
  }
}
