package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.chaos.Answer.Outcome;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Publishes numbered events in a thread of its own, one request at a time, until it is stopped.
 * Without keys it asks one node, once for each event. With keys it repeats a request, on any node,
 * until it was answered, and sometimes long after.
 */
final class Publisher {
  /**
   * @param name of the publisher, and beginning of its events' names
   * @param home the node that it asks first
   * @param keyed whether requests have a key
   * @param events of a request; 1: not a batch
   * @param length of an event's data
   */
  record Plan(String name, int home, boolean keyed, int events, int length, Duration pace) {
    private Account.Kind account() {
      return keyed ? Account.Kind.PUBLISHER_WITH_KEYS : Account.Kind.PUBLISHER;
    }
  }

  /** Longer than log.patience, so that the hub answers first when it can. */
  private static final Duration TIMEOUT = Duration.ofSeconds(6);

  private static final Duration MAX_LAG = Duration.ofMillis(200);
  private static final Duration RETRY_DELAY = Duration.ofMillis(100);

  /** After which no request for a key is answered in vain any more. */
  private static final Duration LAST_TRIES = Duration.ofSeconds(40);

  private static final int REPEAT_ONE_OF = 20;
  private static final int INVALID_ONE_OF = 50;
  private static final int REMEMBERED = 200;

  private final Plan plan;
  private final Members members;
  private final HttpClient http;
  private final History history;
  private final Random random;
  private final Account account;
  private final Thread thread;
  private final Deque<Request> acknowledged = new ArrayDeque<>();
  private Token token;
  private volatile boolean stopped;
  private volatile long deadline;

  private record Request(Publication publication, HttpRequest.Builder builder, String path) {}

  Publisher(Plan plan, Members members, HttpClient http, History history, long seed) {
    this.plan = plan;
    this.account = history.rights().account(plan.name(), plan.account());
    this.token = newToken();
    this.members = members;
    this.http = http;
    this.history = history;
    this.random = new Random(seed);
    this.thread = new Thread(this::run, "publisher-" + plan.name());
    thread.start();
  }

  private void run() {
    Pacing pacing = Pacing.of(plan.pace(), MAX_LAG);
    for (int number = 1; !stopped; number++) {
      Request request = request(number);
      publish(request);
      if (plan.keyed() && request.publication().outcome() == Outcome.ACKNOWLEDGED) {
        repeatSometimes(request);
      }
      pacing.next();
    }
  }

  private Request request(int number) {
    boolean invalid = plan.events() > 1 && random.nextInt(INVALID_ONE_OF) == 0;
    int count = plan.events() == 1 ? 1 : 2 + random.nextInt(plan.events() - 1);
    var sent = new ArrayList<Publication.Sent>();
    var body = new StringBuilder();
    for (int i = 0; i < count; i++) {
      String event = plan.name() + ":" + number + (plan.events() == 1 ? "" : "." + i);
      String topic = Topics.ALL.get(random.nextInt(Topics.ALL.size()));
      sent.add(new Publication.Sent(event, topic));
      String text = new Payload(event, topic, plan.length()).text();
      if (plan.events() == 1) {
        body.append(text);
      } else {
        body.append(new JsonObject().put("topic", topic).put("data", text).encode()).append('\n');
      }
    }
    if (invalid) {
      body.append("{\"topic\":\"hub.none\",\"data\":\"not allowed\"}\n"); // all or none
    }
    String key = plan.keyed() ? plan.name() + ":" + number : "";
    String path = plan.events() == 1 ? "events/" + sent.get(0).topic() : "events";
    HttpRequest.Builder builder =
        HttpRequest.newBuilder()
            .timeout(TIMEOUT)
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
    if (plan.events() > 1) {
      builder.header("Content-Type", "application/x-ndjson");
    }
    if (plan.keyed()) {
      builder.header("Idempotency-Key", key);
    }
    return new Request(history.add(new Publication(key, sent)), builder, path);
  }

  private void publish(Request request) {
    Node node = members.at(plan.home());
    while (true) {
      Answer answer = ask(node, request);
      request.publication().answered(answer);
      boolean answered =
          answer.outcome() == Outcome.ACKNOWLEDGED || answer.detail().startsWith("4");
      if (!plan.keyed() || answered || (stopped && System.nanoTime() - deadline > 0)) {
        return;
      }
      Pacing.pause(RETRY_DELAY);
      node = members.any(random);
    }
  }

  /** Asks for an older request again, as a client that never got the answer. */
  private void repeatSometimes(Request request) {
    acknowledged.addLast(request);
    if (acknowledged.size() > REMEMBERED) {
      acknowledged.removeFirst();
    }
    if (plan.length() < 10_000 && random.nextInt(REPEAT_ONE_OF) == 0) {
      Request old =
          acknowledged.stream().skip(random.nextInt(acknowledged.size())).findFirst().get();
      old.publication().answered(ask(members.any(random), old));
    }
  }

  private Token newToken() {
    Token created = account.create(Set.copyOf(Topics.ALL), Token.LONG);
    account.inForce(created);
    return created;
  }

  private Answer ask(Node node, Request request) {
    var use = new TokenUse.Request(token, "publish", node);
    Sent sent =
        Sent.send(
            http,
            request
                .builder()
                .copy()
                .uri(node.url(request.path()))
                .header("Authorization", token.bearer())
                .build());
    Outcome outcome = sent.nothingSent() ? Outcome.REFUSED : Outcome.UNKNOWN;
    List<String> ids = List.of();
    String detail = sent.detail();
    if (sent.answer().isPresent()) {
      HttpResponse<String> answer = sent.answer().get();
      account(use.answered(answer, history.rights()));
      boolean acknowledged = answer.statusCode() == 200;
      outcome = acknowledged ? Outcome.ACKNOWLEDGED : refusal(answer.statusCode());
      ids = acknowledged ? ids(answer.body()) : ids;
      detail = acknowledged ? "200" : detail;
    }
    return new Answer(outcome, ids, use.sent(), System.nanoTime(), node.number(), detail);
  }

  /** Takes another token in the place of one that was revoked. */
  private void account(TokenUse.Outcome outcome) {
    account.used(token, outcome);
    if (outcome == TokenUse.Outcome.REVOKED) {
      token = newToken();
    }
  }

  private static Outcome refusal(int status) {
    return status == 503 || status / 100 == 4 ? Outcome.REFUSED : Outcome.UNKNOWN;
  }

  private List<String> ids(String body) {
    var json = new JsonObject(body);
    JsonArray ids =
        plan.events() == 1 ? new JsonArray().add(json.getString("id")) : json.getJsonArray("ids");
    return ids.stream().map(String.class::cast).toList();
  }

  /** Begins no further publication; the one that has begun gets its answer. */
  void stop() {
    deadline = System.nanoTime() + LAST_TRIES.toNanos();
    stopped = true;
  }

  /** Stops, and waits for the end. */
  void close() throws InterruptedException {
    if (!stopped) {
      stop();
    }
    thread.join();
  }
}
