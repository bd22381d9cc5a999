package com.example.news;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** A Tidings hub over HTTP, by Spring's WebClient. */
@Component
public class Hub {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** An idle stream has a heartbeat every 15 seconds (stream.heartbeat of the hub). */
  private static final Duration SILENCE = Duration.ofSeconds(45);

  private static final ParameterizedTypeReference<ServerSentEvent<String>> EVENT =
      new ParameterizedTypeReference<>() {};

  private final WebClient http;

  public Hub(
      WebClient.Builder builder,
      @Value("${hub.url}") String url,
      @Value("${hub.token:}") String token) {
    this.http =
        builder
            .baseUrl(url)
            .defaultHeaders(
                headers -> {
                  if (!token.isEmpty()) {
                    headers.setBearerAuth(token);
                  }
                })
            .build();
  }

  /** Publishes an event. A retry is safe: the hub stores a request with the same key once. */
  public Mono<Void> publish(String topic, String data) {
    String key = UUID.randomUUID().toString();
    return http.post()
        .uri("/events/{topic}", topic)
        .header("Idempotency-Key", key)
        .contentType(MediaType.TEXT_PLAIN)
        .bodyValue(data)
        .retrieve()
        .toBodilessEntity()
        .retryWhen(Retry.backoff(5, PAUSE).filter(Hub::passes))
        .then();
  }

  /**
   * Subscribes, and resumes after a lost connection with the id of the last event: nothing is
   * missed or repeated while the application runs. What the hub itself has to say comes too, as
   * events with a type {@code hub.*}; {@code hub.gap} tells that events are missing.
   *
   * @param from where to begin: the id of an event, or {@code earliest}, or empty for now
   */
  public Flux<ServerSentEvent<String>> subscribe(String topic, String from) {
    return Flux.defer(
        () -> {
          var last = new AtomicReference<>(from);
          return Flux.defer(() -> connect(topic, last.get()))
              .doOnNext(
                  event -> {
                    if (event.id() != null) {
                      last.set(event.id());
                    }
                  })
              .retryWhen(Retry.fixedDelay(Long.MAX_VALUE, PAUSE).filter(Hub::passes))
              .repeatWhen(ends -> ends.delayElements(PAUSE));
        });
  }

  private Flux<ServerSentEvent<String>> connect(String topic, String lastEventId) {
    return http.get()
        .uri("/events/{topic}", topic)
        .accept(MediaType.TEXT_EVENT_STREAM)
        .headers(
            headers -> {
              if (!lastEventId.isEmpty()) {
                headers.set("Last-Event-ID", lastEventId);
              }
            })
        .retrieve()
        .bodyToFlux(EVENT)
        .timeout(SILENCE);
  }

  /**
   * Whether it may succeed later: answers such as 400, 401, 403 and 404 are final. Spring reports a
   * connection that is lost within a stream as an answer too, with the status 200.
   */
  private static boolean passes(Throwable failure) {
    return !(failure instanceof WebClientResponseException answer)
        || !answer.getStatusCode().is4xxClientError()
        || answer.getStatusCode().value() == 429;
  }
}
