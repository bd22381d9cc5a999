package io.tidings.log.redis;

import io.tidings.log.Peers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * The hubs that share a log in Redis, and requests between them. Each hub has a list of messages in
 * Redis, beside the log's stream, which it empties several times a second; by that the others see
 * that it is there. State is confined to its own thread.
 *
 * <p>Keys, not channels: a user whose keys are limited to those of another log must not be able to
 * ask a hub for something in the name of others.
 */
public final class RedisHubs implements Peers {
  private static final System.Logger LOG = System.getLogger(RedisHubs.class.getName());
  private static final long POLL_MILLIS = 250;

  /** While an answer is awaited. */
  private static final long SHORT_POLL_MILLIS = 50;

  private static final long PATIENCE_MILLIS = 5_000;

  /** A hub that has not emptied its list for so long is not there. */
  private static final long GONE_MILLIS = 5_000;

  private static final int MAX_WAITING = 1_000;

  /** Messages that are taken at a time, and at most in a list. */
  private static final int TAKEN = 20;

  private static final int MAX_MESSAGES = 200;

  /** Says that this hub is there, and takes its messages; returns the hubs, and the messages. */
  private static final String TAKE =
      """
      local hubs, list, most = KEYS[1], KEYS[2], tonumber(ARGV[3])
      local time = redis.call('TIME')
      local now = time[1] * 1000 + math.floor(time[2] / 1000)
      redis.call('ZADD', hubs, string.format('%d', now), ARGV[1])
      redis.call('ZREMRANGEBYSCORE', hubs, '-inf', string.format('(%d', now - ARGV[2]))
      local messages = redis.call('LRANGE', list, 0, most - 1)
      redis.call('LTRIM', list, most, -1)
      return {redis.call('ZRANGE', hubs, 0, -1), messages}
      """;

  /** Adds a message to a list, which expires if its hub is gone. */
  private static final String SEND =
      """
      if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[2]) then
        return redis.error_reply('BUSY the hub has too many messages')
      end
      redis.call('RPUSH', KEYS[1], ARGV[1])
      redis.call('PEXPIRE', KEYS[1], ARGV[3])
      return 1
      """;

  private static final String STOPS = "the hub stops";
  private static final String FROM = "from";
  private static final String NUMBER = "number";
  private static final String REQUEST = "request";
  private static final String ANSWER = "answer";
  private static final Future<String> NOTHING = Future.succeededFuture("");

  private final RedisConnections connections;
  private final String key;
  private final Hub self;
  private final SerialExecutor thread = new SerialExecutor("tidings-redis-hubs");

  /** The requests that have no answer yet, by their numbers. */
  private final Map<Long, Promise<String>> waiting = new ConcurrentHashMap<>();

  private final AtomicLong asked = new AtomicLong();
  private volatile boolean closed;

  /** Whether the last attempt to take messages failed, which is logged once. */
  private boolean failed;

  private volatile List<Hub> others = List.of();
  private volatile Function<String, Future<String>> answerer = request -> NOTHING;

  /**
   * A hub.
   *
   * @param id of one life of it
   */
  public record Hub(String id, String name) {
    private String member() {
      return id + " " + name;
    }

    private static Hub ofMember(String member) {
      int space = member.indexOf(' ');
      return new Hub(member.substring(0, Math.max(0, space)), member.substring(space + 1));
    }
  }

  /**
   * @param name this hub's
   */
  RedisHubs(RedisStream log, String name) {
    this.connections = log.connections();
    this.key = log.key() + ":hubs";
    this.self = new Hub(UUID.randomUUID().toString(), name);
  }

  /** Begins; the other hubs are known when Redis has answered. */
  RedisHubs open() {
    thread.run(this::take);
    return this;
  }

  /** The other hubs, as far as Redis has told. Any thread. */
  public List<Hub> others() {
    return others;
  }

  @Override
  public void answerWith(Function<String, Future<String>> requests) {
    answerer = requests;
  }

  @Override
  public Future<String> ask(String peer, String request) {
    if (waiting.size() >= MAX_WAITING) {
      return Future.failedFuture("too many requests to other hubs wait for their answers");
    }
    Promise<String> answer = Promise.promise();
    long number = asked.incrementAndGet();
    waiting.put(number, answer);
    thread.run(() -> ask(peer, request, number));
    if (closed) {
      fail(number, STOPS); // its turn may not come any more
    }
    return answer.future();
  }

  private void ask(String peer, String request, long number) {
    thread.after(PATIENCE_MILLIS, () -> fail(number, "the hub does not answer"));
    var message = new JsonObject().put(FROM, self.id).put(NUMBER, number).put(REQUEST, request);
    thread.onComplete(
        send(peer, message),
        (sent, failure) -> {
          if (failure != null) {
            fail(number, failure.getMessage());
          }
        });
  }

  private void fail(long number, String reason) {
    Promise<String> answer = waiting.remove(number);
    if (answer != null) {
      answer.fail(reason);
    }
  }

  private String list(String hub) {
    return key + ":" + hub;
  }

  private Future<Response> send(String hub, JsonObject message) {
    return connections.send(
        Request.cmd(Command.EVAL)
            .arg(SEND)
            .arg(1)
            .arg(list(hub))
            .arg(message.encode())
            .arg(MAX_MESSAGES)
            .arg(2 * GONE_MILLIS));
  }

  private void take() {
    Request take =
        Request.cmd(Command.EVAL)
            .arg(TAKE)
            .arg(2)
            .arg(key)
            .arg(list(self.id))
            .arg(self.member())
            .arg(GONE_MILLIS)
            .arg(TAKEN);
    thread.onComplete(connections.send(take), this::taken);
  }

  private void taken(Response taken, Throwable failure) {
    report(failure);
    boolean more = failure == null && receive(taken) == TAKEN;
    long pause = waiting.isEmpty() ? POLL_MILLIS : SHORT_POLL_MILLIS;
    thread.after(more ? 0 : pause, this::take);
  }

  /** Returns the number of messages. */
  private int receive(Response taken) {
    var present = new ArrayList<Hub>();
    for (Response member : taken.get(0)) {
      Hub hub = Hub.ofMember(member.toString());
      if (!hub.id.equals(self.id)) {
        present.add(hub);
      }
    }
    others = List.copyOf(present);
    for (Response message : taken.get(1)) {
      try {
        receive(new JsonObject(message.toString()));
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.DEBUG, "a message of another hub can't be read", e);
      }
    }
    return taken.get(1).size();
  }

  private void receive(JsonObject message) {
    long number = message.getLong(NUMBER);
    String request = message.getString(REQUEST);
    if (request != null) {
      String from = message.getString(FROM);
      Future.succeededFuture(request)
          .compose(answerer) // turns an exception into a failure
          .onComplete(done -> answer(from, number, done.succeeded() ? done.result() : null));
    } else if (message.getString(ANSWER) == null) {
      fail(number, "the hub could not answer");
    } else {
      Promise<String> answer = waiting.remove(number);
      if (answer != null) {
        answer.complete(message.getString(ANSWER));
      }
    }
  }

  /**
   * @param answer null if there is none
   */
  private void answer(String hub, long number, String answer) {
    send(hub, new JsonObject().put(NUMBER, number).put(ANSWER, answer))
        .onFailure(e -> LOG.log(System.Logger.Level.DEBUG, "a hub was not answered", e));
  }

  /** Logs when messages can't be taken any more, and when they can again. */
  private void report(Throwable failure) {
    if (failure != null) {
      LOG.log(
          failed ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
          "other hubs do not reach this one, nor it them, for requests about open streams, since the keys that begin with {0} can''t be used: {1}",
          key,
          failure.getMessage());
    } else if (failed) {
      LOG.log(System.Logger.Level.INFO, "hubs that share the log reach each other again");
    }
    failed = failure != null;
  }

  /**
   * Tells the others that this hub is not there any more, if Redis answers. Requests that wait for
   * an answer fail.
   */
  Future<Void> close() {
    closed = true;
    thread.end();
    waiting.keySet().forEach(number -> fail(number, STOPS));
    return connections
        .send(Request.cmd(Command.ZREM).arg(key).arg(self.member()))
        .transform(removed -> Future.succeededFuture());
  }
}
