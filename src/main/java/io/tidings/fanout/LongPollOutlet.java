package io.tidings.fanout;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers a long poll: with the first events that come, or with none when the stream ends before;
 * with the id to ask with next. Of a stream of {@link WireFormat#JSON_LINES}. An answer is no
 * stream: the connection's idle time bounds how long one waits for its client.
 */
final class LongPollOutlet implements Outlet {
  private static final int UNAVAILABLE = 503;
  private static final String RETRY_SECONDS = "2";

  private final HttpServerResponse response;
  private final SocketAddress peer;
  private String lastId;
  private boolean answered;

  LongPollOutlet(HttpServerRequest request) {
    this.response = request.response();
    this.peer = request.connection().remoteAddress();
  }

  @Override
  public void write(Chunk chunk) {
    if (answered) {
      return; // it asks again, with the id that it was given
    }
    var events = new ArrayList<String>();
    for (String line : chunk.lines()) {
      var json = new JsonObject(line);
      String id = json.getString("id");
      lastId = id.isEmpty() ? lastId : id;
      if (WireFormat.answersPoll(json)) {
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
  public void onWritable(Runnable action) {}

  @Override
  public long written() {
    return 0;
  }

  @Override
  public long unsent() {
    return 0;
  }

  @Override
  public void allSent(boolean all) {}

  @Override
  public String peer() {
    return ClientAddress.of(peer);
  }

  @Override
  public boolean acceptsParts() {
    return false;
  }

  @Override
  public void end(CloseReason why) {
    if (answered || response.ended() || response.closed()) {
      return;
    }
    if (lastId == null) { // it has not come to hear anything
      response.setStatusCode(UNAVAILABLE).putHeader(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    }
    answer(List.of());
  }

  @Override
  public void cut() {
    response.reset();
  }
}
