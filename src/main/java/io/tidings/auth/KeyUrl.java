package io.tidings.auth;

import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JWKS at a URL. The answer comes from elsewhere: it is bounded in time and bytes, redirects are
 * not followed, and it is parsed on a worker.
 */
final class KeyUrl implements KeyLoader {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Pattern MAX_AGE = Pattern.compile("(?i)(?:^|[,\\s])max-age=(\\d{1,9})");
  private static final int OK = 200;

  private final Vertx vertx;
  private final String url;
  private final Duration timeout;
  private final HttpClient client;

  /**
   * @param ca a PEM file with trusted certificates; {@link Settings#NONE} for those of the JVM
   * @param timeout for the whole request
   */
  KeyUrl(Vertx vertx, String url, String ca, Duration timeout) {
    this.vertx = vertx;
    this.url = url;
    this.timeout = timeout;
    var options =
        new HttpClientOptions()
            .setConnectTimeout((int) CONNECT_TIMEOUT.toMillis())
            .setKeepAlive(false)
            .setVerifyHost(true);
    if (!ca.equals(Settings.NONE)) {
      options.setTrustOptions(new PemTrustOptions().addCertPath(ca));
    }
    this.client = vertx.createHttpClient(options);
  }

  @Override
  public Future<Loaded> load() {
    var options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setAbsoluteURI(url)
            .setFollowRedirects(false)
            .putHeader(HttpHeaders.ACCEPT, "application/jwk-set+json, application/json");
    return client
        .request(options)
        .compose(this::send)
        .compose(
            answer ->
                vertx.executeBlocking(
                    () -> new Loaded(KeyParser.jwks(answer.body().getBytes()), answer.maxAge())));
  }

  private record Answer(Buffer body, Optional<Duration> maxAge) {}

  private Future<Answer> send(HttpClientRequest request) {
    Promise<Answer> answered = Promise.promise();
    long timer =
        vertx.setTimer(
            timeout.toMillis(),
            id -> {
              answered.tryFail(
                  new UnusableKeys("must be answered in " + timeout.toSeconds() + " s"));
              request.reset();
            });
    request.exceptionHandler(answered::tryFail);
    request
        .send()
        .onFailure(answered::tryFail)
        .onSuccess(response -> receive(request, response, answered));
    return answered.future().onComplete(end -> vertx.cancelTimer(timer));
  }

  /** Called when the head has arrived, before any of the body is handled. */
  private static void receive(
      HttpClientRequest request, HttpClientResponse response, Promise<Answer> answered) {
    response.exceptionHandler(answered::tryFail);
    if (response.statusCode() != OK) {
      refuse(request, answered, "must be answered 200, not " + response.statusCode());
      return;
    }
    Buffer body = Buffer.buffer();
    response.handler(
        part -> {
          if (body.length() + part.length() > KeyParser.MAX_BYTES) {
            refuse(request, answered, "must have at most " + KeyParser.MAX_BYTES + " bytes");
          } else {
            body.appendBuffer(part);
          }
        });
    response.endHandler(
        end ->
            answered.tryComplete(
                new Answer(body, maxAge(response.getHeader(HttpHeaders.CACHE_CONTROL)))));
  }

  private static void refuse(HttpClientRequest request, Promise<Answer> answered, String rule) {
    if (answered.tryFail(new UnusableKeys(rule))) {
      request.reset();
    }
  }

  private static Optional<Duration> maxAge(String cacheControl) {
    Matcher matcher = MAX_AGE.matcher(cacheControl == null ? "" : cacheControl);
    return matcher.find()
        ? Optional.of(Duration.ofSeconds(Long.parseLong(matcher.group(1))))
        : Optional.empty();
  }

  @Override
  public Future<Void> close() {
    return client.close();
  }
}
