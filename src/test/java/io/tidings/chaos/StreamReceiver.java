package io.tidings.chaos;

import io.tidings.chaos.StreamHistory.End;
import io.tidings.chaos.StreamHistory.Fault;
import io.tidings.chaos.StreamHistory.Mark;
import io.tidings.chaos.StreamHistory.Received;
import io.tidings.chaos.StreamHistory.Told;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Writes what one stream receives into its history. Confined to the thread that reads it. */
final class StreamReceiver {
  private final StreamHistory saw;
  private final History history;
  private final String last;
  private Optional<String> id = Optional.empty();

  /** When the first part of the event arrived that is being received. */
  private long begun;

  private boolean inEvent;
  private boolean complete;
  private boolean revoked;

  /**
   * @param last the name of the last event of the run
   */
  StreamReceiver(StreamHistory saw, History history, String last) {
    this.saw = saw;
    this.history = history;
    this.last = last;
  }

  /** Takes the events that were completed by the bytes that have just arrived, perhaps none. */
  void receive(List<ReceivedEvent> events) {
    long now = System.nanoTime();
    if (!inEvent) {
      begun = now;
    }
    events.forEach(event -> receive(event, now));
    inEvent = events.isEmpty();
  }

  private void receive(ReceivedEvent event, long now) {
    switch (event.type()) {
      case "hub.open" -> {
        var data = new JsonObject(event.data());
        id = Optional.of(data.getString("stream"));
        saw.add(new Told(now, event.lastEventId(), filter(data)));
      }
      case "hub.auth" -> {
        var data = new JsonObject(event.data());
        if (data.containsKey("filter")) {
          saw.add(new Told(now, "", filter(data)));
        }
      }
      case "hub.gap" -> saw.add(new Fault(now, Violation.Kind.GAP, event.data()));
      case "hub.beat", "hub.drain" -> saw.add(new Mark(now, event.lastEventId()));
      case "hub.end" -> {
        String reason = new JsonObject(event.data()).getString("reason");
        revoked = reason.equals("revoked");
        saw.add(new End(now, event.lastEventId(), reason));
      }
      case "hub.busy", "hub.stale" -> {
        // says nothing of events
      }
      default -> received(now, event);
    }
  }

  private void received(long now, ReceivedEvent event) {
    Optional<Payload> payload = Payload.parse(event.data());
    if (payload.isEmpty()) {
      String text = event.data().substring(0, Math.min(100, event.data().length()));
      saw.add(new Fault(now, Violation.Kind.DAMAGED, text));
    } else if (payload.get().event().equals(last)) {
      complete = true;
    } else {
      Delivery delivery =
          history.delivery(payload.get().event(), payload.get().topic(), event.lastEventId());
      saw.add(new Received(now, begun, delivery));
    }
  }

  private static Set<String> filter(JsonObject data) {
    return Topics.matching(data.getJsonArray("filter").stream().map(String.class::cast).toList());
  }

  /** The stream's id, once it is open. */
  Optional<String> id() {
    return id;
  }

  /** Whether the last event of the run was received. */
  boolean complete() {
    return complete;
  }

  /** Whether the stream was ended because its token was revoked. */
  boolean revoked() {
    return revoked;
  }
}
