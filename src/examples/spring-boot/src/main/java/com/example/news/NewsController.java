package com.example.news;

import jakarta.annotation.PreDestroy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Publishes what is posted to it, and lists all news that the hub has, whoever published them. */
@RestController
public class NewsController {
  private static final Logger LOG = LoggerFactory.getLogger(NewsController.class);
  private static final String TOPIC = "news";

  private final Hub hub;
  private final List<String> received = new CopyOnWriteArrayList<>();
  private final Disposable subscription;

  public NewsController(Hub hub) {
    this.hub = hub;
    this.subscription =
        hub.subscribe(TOPIC, "earliest")
            .subscribe(this::receive, failure -> LOG.error("refused by the hub", failure));
  }

  private void receive(ServerSentEvent<String> event) {
    String type = event.event();
    if ("hub.gap".equals(type)) {
      LOG.warn("events are missing: {}", event.data());
    } else if (event.data() != null && (type == null || !type.startsWith("hub."))) {
      received.add(event.data());
    }
  }

  @PostMapping("/news")
  Mono<Void> publish(@RequestBody String text) {
    return hub.publish(TOPIC, text);
  }

  @GetMapping("/news")
  List<String> received() {
    return received;
  }

  @PreDestroy
  void stop() {
    subscription.dispose();
  }
}
