package io.tidings.fanout;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.netty.channel.socket.DuplexChannel;
import io.tidings.metrics.Door;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers a long poll with the first events received, or with none if the stream ends before, with
 * the id for the next poll, and with the filter if that is less than what was asked for. Used with
 * {@link WireFormat#JSON_LINES}. Unlike a stream, an answer keeps the connection's idle timeout,
 * which bounds how long a client that does not read it is waited for. An event that arrives in
 * parts is written as it arrives.
 */
final class LongPollOutlet extends PortableOutlet {
  private static final int UNAVAILABLE = 503;
  private static final String RETRY_SECONDS = "2";
  private static final String BEGIN = "{\"events\":[";
  private static final JsonFactory JSON = new JsonFactory();

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final boolean acceptsParts;
  private String lastId;

  /** What the answer says about the filter; empty if that is what was asked for. */
  private JsonObject cut = new JsonObject();

  /** Whether a part of an event was written. */
  private boolean inEvent;

  private boolean answered;

  LongPollOutlet(HttpServerRequest request) {
    super(request.response(), request.connection().remoteAddress());
    this.request = request;
    this.response = request.response();
    this.acceptsParts = request.version() != HttpVersion.HTTP_1_0; // it has no chunked encoding
  }

  @Override
  public Door door(WireFormat wire) {
    return Door.POLL;
  }

  @Override
  boolean closed() {
    return response.closed() || response.ended();
  }

  @Override
  public void write(Chunk chunk) {
    if (answered) {
      return; // the client polls again, with the id in the answer
    }
    if (inEvent || !chunk.endsLine()) {
      writePart(chunk.copy(), chunk.endsLine());
      return;
    }
    var events = new ArrayList<String>();
    for (String line : chunk.lines()) {
      var json = new JsonObject(line);
      if (WireFormat.opens(json)) { // its id is only where the stream begins
        cut = HubEvents.cut(new JsonObject(json.getString("data")));
        continue;
      }
      advance(json.getString("id"));
      if (WireFormat.answersPoll(json)) {
        events.add(line);
      }
    }
    if (!events.isEmpty()) {
      answer(events);
    }
  }

  /** Writes a part of an event; only events of publishers are so large that they have parts. */
  private void writePart(Buffer part, boolean last) {
    Buffer written = Buffer.buffer();
    if (!inEvent) {
      inEvent = true;
      advance(id(part));
      response.setChunked(true);
      written.appendString(BEGIN);
    }
    written.appendBuffer(part, 0, last ? part.length() - 1 : part.length());
    if (last) {
      answered = true;
      response.end(written.appendString(end()));
    } else {
      count(written.length(), response.write(written));
    }
  }

  /** The id in the first part of a line: it is the first field, and shorter than a part. */
  private static String id(Buffer part) {
    try (JsonParser json = JSON.createParser(part.getBytes())) {
      json.nextToken();
      json.nextToken();
      return json.nextTextValue();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // not possible: the part has the id
    }
  }

  private void advance(String id) {
    lastId = id.isEmpty() ? lastId : id;
  }

  private Future<Void> answer(List<String> events) {
    answered = true;
    return response.end(BEGIN + String.join(",", events) + end());
  }

  private String end() {
    JsonObject rest = new JsonObject().put("last_event_id", lastId).mergeIn(cut);
    return "]," + rest.encode().substring(1);
  }

  @Override
  public boolean writable() {
    return !answered && super.writable();
  }

  @Override
  public boolean acceptsParts() {
    return acceptsParts;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Over HTTP/1 such a connection stays open until it is answered. HTTP/2 tells when a client is
   * gone.
   */
  @Override
  public boolean inputEnded() {
    return !answered
        && request.version() != HttpVersion.HTTP_2
        && ChannelOutlet.channel(request).orElse(null) instanceof DuplexChannel channel
        && channel.isInputShutdown();
  }

  @Override
  public void end(CloseReason why) {
    if (answered || closed()) {
      return;
    }
    if (lastId == null) { // the stream ended before it began to receive
      response.setStatusCode(UNAVAILABLE).putHeader(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    }
    if (why.endsConnection() && request.version() != HttpVersion.HTTP_2) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      answer(List.of()).onComplete(done -> request.connection().close());
    } else {
      answer(List.of());
    }
  }

  @Override
  public void cut(CloseReason why) {
    response.reset();
  }
}
