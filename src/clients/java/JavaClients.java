import com.launchdarkly.eventsource.ConnectStrategy;
import com.launchdarkly.eventsource.ErrorStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.MessageEvent;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.client.ClientRequestFilter;
import jakarta.ws.rs.sse.SseEventSource;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;

/**
 * One client library of Maven's: {@code java JavaClients.java LIBRARY URL}. Prints a line for each event that it is given: its type, its id
 * and its data, with a tab between them.
 */
public final class JavaClients {
  private static final OkHttpClient HTTP = new OkHttpClient.Builder().readTimeout(Duration.ZERO).build();

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "okhttp-eventsource" -> launchDarkly(arguments[1]);
      case "okhttp-sse" -> okhttp(arguments[1]);
      case "jersey" -> jersey(arguments[1]);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void show(String type, String id, String data) {
    System.out.println((type == null || type.isEmpty() ? "message" : type) + "\t" + (id == null ? "" : id) + "\t" + data);
  }

  private static void launchDarkly(String url) throws Exception {
    var connect = ConnectStrategy.http(URI.create(url));
    try (var source = new EventSource.Builder(connect).errorStrategy(ErrorStrategy.alwaysContinue()).build()) {
      while (true) {
        if (source.readAnyEvent() instanceof MessageEvent event) {
          show(event.getEventName(), event.getLastEventId(), event.getData());
        }
      }
    }
  }

  /** It leaves connecting again, with the last id, to the program. */
  private static void okhttp(String url) throws Exception {
    var last = new AtomicReference<String>();
    while (true) {
      var ended = new CountDownLatch(1);
      var request = new Request.Builder().url(url).header("Accept", "text/event-stream");
      if (last.get() != null) {
        request.header("Last-Event-ID", last.get());
      }
      EventSources.createFactory(HTTP)
          .newEventSource(
              request.build(),
              new EventSourceListener() {
                @Override
                public void onEvent(okhttp3.sse.EventSource source, String id, String type, String data) {
                  if (id != null) {
                    last.set(id);
                  }
                  show(type, id, data);
                }

                @Override
                public void onClosed(okhttp3.sse.EventSource source) {
                  ended.countDown();
                }

                @Override
                public void onFailure(okhttp3.sse.EventSource source, Throwable cause, Response response) {
                  ended.countDown();
                }
              });
      ended.await();
      Thread.sleep(500);
    }
  }

  /** Reconnects by itself after an end, and gives up for good if the connection is refused: then the program must create it again. */
  private static void jersey(String url) throws Exception {
    var last = new AtomicReference<String>();
    ClientRequestFilter resume =
        request -> {
          if (last.get() != null) {
            request.getHeaders().putSingle("Last-Event-ID", last.get());
          }
        };
    while (true) {
      try (var source = SseEventSource.target(ClientBuilder.newClient().register(resume).target(url)).build()) {
        source.register(
            event -> {
              if (event.getId() != null) {
                last.set(event.getId());
              }
              show(event.getName(), event.getId(), event.readData());
            },
            failure -> {});
        source.open();
        while (source.isOpen()) {
          Thread.sleep(200);
        }
      }
    }
  }
}
