package io.tidings;

import io.tidings.wire.EventStreamParser;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A client that subscribes at one node after another, and resumes after the last id that it
 * received, whether it left the node or the node ended.
 */
final class Roamer implements AutoCloseable {
  /** The hub's requests to reconnect, which a node sends that drains or has just been resumed. */
  private static final Set<String> COME_BACK = Set.of("hub.drain", "hub.busy");

  private static final Duration RECONNECT_DELAY = Duration.ofMillis(20);

  private final Nodes nodes;
  private final String query;
  private final Random random;
  private final Thread thread = new Thread(this::roam, "roamer");
  private final List<ReceivedEvent> received = new ArrayList<>();
  private String lastId = "earliest";
  private volatile InputStream stream;
  private volatile boolean closed;

  Roamer(Nodes nodes, String query, int seed) {
    this.nodes = nodes;
    this.query = query;
    this.random = new Random(seed);
    thread.start();
  }

  synchronized List<ReceivedEvent> received() {
    return List.copyOf(received);
  }

  /** The data of all events received; a gap has its type in front. */
  List<String> data() {
    return received().stream()
        .map(one -> one.type().startsWith("hub.") ? one.type() + one.data() : one.data())
        .toList();
  }

  private void roam() {
    while (!closed) {
      URI url = nodes.url(random.nextInt(nodes.count())).resolve("events?" + query);
      try {
        var request = HttpRequest.newBuilder(url).header("Last-Event-ID", lastId).build();
        var response = Nodes.HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = response.body()) {
          if (response.statusCode() == 200) {
            stream = in;
            receive(in, 1 + random.nextInt(300));
          }
        }
      } catch (IOException e) {
        Pacing.pause(RECONNECT_DELAY); // the node may have ended
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void receive(InputStream in, int most) throws IOException {
    var parser = new EventStreamParser();
    byte[] bytes = new byte[8_192];
    int before = 0;
    while (!closed && parser.events().size() < most) {
      int count = in.read(bytes);
      if (count < 0) {
        return;
      }
      parser.feed(Arrays.copyOf(bytes, count));
      List<ReceivedEvent> now = parser.events();
      synchronized (this) {
        // requests to reconnect are not events
        now.subList(before, now.size()).stream()
            .filter(one -> !COME_BACK.contains(one.type()))
            .forEach(received::add);
      }
      before = now.size();
      lastId = parser.lastEventId().isEmpty() ? lastId : parser.lastEventId();
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    thread.interrupt();
    if (stream != null) {
      stream.close();
    }
  }
}
