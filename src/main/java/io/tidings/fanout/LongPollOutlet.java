package io.tidings.fanout;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers a long poll with the first events received, or with none if the stream ends before, and
 * with the id for the next poll. Used with {@link WireFormat#JSON_LINES}. Unlike a stream, an
 * answer keeps the connection's idle timeout, which bounds how long a client that does not read it
 * is waited for.
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
      return; // the client polls again, with the id in the answer
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
    if (lastId == null) { // the stream ended before it began to receive
      response.setStatusCode(UNAVAILABLE).putHeader(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    }
    answer(List.of());
  }

  @Override
  public void cut() {
    response.reset();
  }
}
