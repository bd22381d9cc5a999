package io.tidings.log.redis;

import io.tidings.log.LogUnavailable;
import io.tidings.log.redis.RecordStore.Stored;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The stream in Redis, command by command. Its ids are the stream's own: milliseconds in the upper
 * bits of an offset, the number within the millisecond in the lower. An entry has the fields {@code
 * p}, the id before it when it was added, {@code o}, the oldest id that there was then, and {@code
 * r}, the record. Any thread; futures complete on threads of Vert.x, and fail in time.
 *
 * @see <a href="https://redis.io/docs/latest/develop/data-types/streams/">Redis Streams</a>
 */
final class RedisStream {
  /** Says SEVERE of every connection that breaks, of which this class tells anyway. */
  private static final Logger COMPLAINTS =
      Logger.getLogger("io.vertx.redis.client.impl.RedisConnectionManager");

  private static final int CONNECTIONS_FOR_COMMANDS = 8;
  private static final int NUMBER_BITS = 20;
  private static final long NUMBER_MASK = (1L << NUMBER_BITS) - 1;
  private static final long COMMAND_MILLIS = 3_000;
  private static final long PING_MILLIS = 10_000;
  private static final int REPLICAS_MILLIS = 1_000;

  /** Below that it is trimmed to the number exactly, above about to it, which is cheaper. */
  private static final long EXACT = 1_000;

  /**
   * Trims, and adds, and notes with each entry which one was before it. A script is refused for
   * want of memory with its first write alone, and trimming is never refused; so the first write is
   * an entry with an id that is too small, which is refused for that where nothing else speaks
   * against adding.
   */
  private static final String SCRIPT =
      """
      local key, most, oldest = KEYS[1], tonumber(ARGV[1]), ARGV[2]
      local prev = '0-0'
      if redis.call('EXISTS', key) == 1 then
        local info = redis.call('XINFO', 'STREAM', key)
        for i = 1, #info, 2 do
          if info[i] == 'last-generated-id' then prev = info[i + 1] end
        end
        local refused = redis.pcall('XADD', key, '0-1', 'p', prev)
        if refused.err and not string.find(refused.err, 'smaller') then return refused end
        if most > 0 then redis.call('XTRIM', key, 'MAXLEN', ARGV[3], math.max(0, most - (#ARGV - 3))) end
        if oldest ~= '' then redis.call('XTRIM', key, 'MINID', '~', oldest) end
      end
      local first = redis.call('XRANGE', key, '-', '+', 'COUNT', 1)
      local begin = first[1] and first[1][1] or ''
      local before = prev
      for i = 4, #ARGV do
        local ms, n = string.match(prev, '(%d+)-(%d+)')
        local id = '*'
        if tonumber(n) >= 1048575 then id = string.format('%.0f-0', tonumber(ms) + 1) end
        prev = redis.call('XADD', key, id, 'p', prev, 'o', begin, 'r', ARGV[i])
      end
      return {before, prev}
      """;

  /** Whether records could be added; sets the stream's last id to what it is. */
  private static final String PROBE =
      """
      if redis.call('EXISTS', KEYS[1]) == 1 then
        local info = redis.call('XINFO', 'STREAM', KEYS[1])
        for i = 1, #info, 2 do
          if info[i] == 'last-generated-id' then redis.call('XSETID', KEYS[1], info[i + 1]) end
        end
      end
      return 1
      """;

  private final Vertx vertx;
  private final LogSettings.Redis settings;
  private final InstantSource clock;
  private final String key;
  private final long entries;
  private final Duration age;
  private final int replicas;
  private final String place;

  /** Where commands are given; another one when its connections are of no use any more. */
  private Redis client;

  private boolean closed;

  /**
   * @param clock tells what is too old
   * @throws IllegalArgumentException where the settings' URL is none
   */
  RedisStream(Vertx vertx, LogSettings settings, InstantSource clock) {
    COMPLAINTS.setLevel(Level.OFF);
    LogSettings.Redis redis = settings.redis();
    this.place = place(redis);
    this.vertx = vertx;
    this.settings = redis;
    this.client = Redis.createClient(vertx, options(redis, CONNECTIONS_FOR_COMMANDS));
    this.clock = clock;
    this.key = redis.stream();
    this.entries = redis.entries();
    this.age = settings.keep().age();
    this.replicas = redis.replicas();
  }

  /** Where it is, without what is secret. */
  private static String place(LogSettings.Redis redis) {
    URI uri = URI.create(redis.url());
    return uri.getScheme() + "://" + uri.getHost() + ":" + uri.getPort();
  }

  private static RedisOptions options(LogSettings.Redis redis, int connections) {
    var net = new NetClientOptions().setConnectTimeout((int) COMMAND_MILLIS).setTcpKeepAlive(true);
    if (redis.url().startsWith("rediss")) {
      net.setSsl(true).setHostnameVerificationAlgorithm("HTTPS");
      if (!redis.ca().equals(Settings.NONE)) {
        net.setTrustOptions(new PemTrustOptions().addCertPath(redis.ca()));
      }
    }
    return new RedisOptions()
        .setConnectionString(redis.url())
        .setNetClientOptions(net)
        .setMaxPoolSize(connections)
        .setMaxPoolWaiting(1_000)
        .setMaxWaitingHandlers(10_000);
  }

  /** Whether it answers; the first connection, with TLS, takes its time where all is cold. */
  Future<Void> ping() {
    Redis first;
    synchronized (this) {
      first = client;
    }
    return inTime(first.send(Request.cmd(Command.PING)), PING_MILLIS)
        .<Void>mapEmpty()
        .recover(
            e ->
                Future.failedFuture(
                    new LogUnavailable("log.redis.url: " + place + ": " + e.getMessage(), e)));
  }

  /** Whether an add waits for replicas. */
  boolean replicated() {
    return replicas > 0;
  }

  /**
   * Whether records could be added. Who may add records and not set the stream's id can't find out,
   * and it is taken for yes.
   */
  Future<Void> probe() {
    return given(Request.cmd(Command.EVAL).arg(PROBE).arg(1).arg(key))
        .recover(
            e ->
                String.valueOf(e.getMessage()).contains("permission")
                        || e.getMessage().contains("can't run this command")
                    ? Future.succeededFuture()
                    : Future.failedFuture(e));
  }

  /** Adds records, and waits for replicas where it shall. */
  Future<Void> add(List<Buffer> records) {
    Request script =
        Request.cmd(Command.EVAL)
            .arg(SCRIPT)
            .arg(1)
            .arg(key)
            .arg(entries)
            .arg(age.isZero() ? "" : clock.millis() - age.toMillis() + "-0")
            .arg(entries < EXACT ? "=" : "~");
    records.forEach(script::arg);
    return given(script);
  }

  /** Sends what writes, and waits for replicas where it shall. */
  private Future<Void> given(Request script) {
    if (replicas == 0) {
      return send(script).mapEmpty();
    }
    Request wait = Request.cmd(Command.WAIT).arg(replicas).arg(REPLICAS_MILLIS);
    return ask(redis -> redis.batch(List.of(script, wait)))
        .compose(
            answers ->
                answers.get(1).toInteger() >= replicas
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        new LogUnavailable(
                            "only " + answers.get(1) + " of " + replicas + " replicas have it",
                            null)));
  }

  /** The entries from an offset on, so many at the most. */
  Future<List<Read>> range(long from, int most) {
    Request range = Request.cmd(Command.XRANGE).arg(key).arg(id(from)).arg("+");
    return send(range.arg("COUNT").arg(most)).map(RedisStream::entries);
  }

  /** The offset of the last entry that the stream has had; 0 where there is no stream. */
  Future<Long> newest() {
    return newest(this::send);
  }

  private Future<Long> newest(Function<Request, Future<Response>> sender) {
    return sender
        .apply(Request.cmd(Command.XINFO).arg("STREAM").arg(key))
        .map(info -> offset(field(info, "last-generated-id")))
        .recover(
            failure ->
                String.valueOf(failure.getMessage()).contains("no such key")
                    ? Future.succeededFuture(0L)
                    : Future.failedFuture(failure));
  }

  /**
   * A connection that waits for what is added. It has a client of its own, for that closes the
   * connection, whatever state it is in; a pool would give it to the next.
   */
  Future<Tail> tail() {
    Redis own = Redis.createClient(vertx, options(settings, 1));
    return inTime(own.connect())
        .map(connection -> new Tail(own, connection))
        .recover(e -> own.close().transform(done -> Future.failedFuture(e)));
  }

  Future<Void> close() {
    Redis last;
    synchronized (this) {
      closed = true;
      last = client;
    }
    return last.close();
  }

  private Future<Response> send(Request request) {
    return ask(redis -> redis.send(request));
  }

  /**
   * Connections that don't answer in time may never do so again, if what was at their other end has
   * vanished; and one that can only be read may be what was the master before a failover. Those who
   * come next are given others, which look up anew where Redis is.
   */
  private <T> Future<T> ask(Function<Redis, Future<T>> question) {
    Redis asked;
    synchronized (this) {
      asked = client;
    }
    return inTime(question.apply(asked)).onFailure(e -> renewAfter(e, asked));
  }

  private void renewAfter(Throwable failure, Redis asked) {
    boolean late = failure.getCause() instanceof TimeoutException;
    if (!late && !String.valueOf(failure.getMessage()).contains("READONLY")) {
      return;
    }
    synchronized (this) {
      if (closed || client != asked) {
        return;
      }
      client = Redis.createClient(vertx, options(settings, CONNECTIONS_FOR_COMMANDS));
    }
    asked.close();
  }

  private static <T> Future<T> inTime(Future<T> answer) {
    return inTime(answer, COMMAND_MILLIS);
  }

  private static <T> Future<T> inTime(Future<T> answer, long millis) {
    return answer
        .timeout(millis, TimeUnit.MILLISECONDS)
        .recover(
            e ->
                Future.failedFuture(
                    new LogUnavailable(
                        e instanceof TimeoutException
                            ? "Redis does not answer within " + millis + " ms"
                            : "Redis: " + e.getMessage(),
                        e)));
  }

  /** A connection of its own, for commands that wait. Used by one at a time. */
  final class Tail {
    private final Redis client;
    private final RedisConnection connection;

    private Tail(Redis client, RedisConnection connection) {
      this.client = client;
      this.connection = connection;
    }

    /** Whether the stream has not ended before that entry, nor another in its place. */
    Future<Boolean> same(Stored entry) {
      Request range =
          Request.cmd(Command.XRANGE).arg(key).arg(id(entry.offset())).arg(id(entry.offset()));
      return newest(request -> inTime(connection.send(request)))
          .compose(
              end ->
                  inTime(connection.send(range))
                      .map(RedisStream::entries)
                      .map(
                          found ->
                              end >= entry.offset()
                                  && (found.isEmpty()
                                      || found.get(0).stored.bytes().equals(entry.bytes()))));
    }

    /** The entries after an offset, as soon as there are some; or none after so long. */
    Future<List<Read>> next(long after, int most, int blockMillis) {
      Request read = Request.cmd(Command.XREAD).arg("COUNT").arg(most).arg("BLOCK");
      return inTime(
              connection.send(read.arg(blockMillis).arg("STREAMS").arg(key).arg(id(after))),
              blockMillis + COMMAND_MILLIS)
          .map(response -> response == null ? List.of() : entries(ofStream(response)));
    }

    /** RESP3 answers with a map, RESP2 with a list of pairs. */
    private Response ofStream(Response response) {
      return response.type() == ResponseType.MULTI && response.isMap()
          ? response.get(key)
          : response.get(0).get(1);
    }

    /** Closes the connection, whatever it waits for. */
    Future<Void> close() {
      return client.close();
    }
  }

  private static String field(Response info, String name) {
    if (info.isMap()) {
      return info.get(name).toString();
    }
    for (int i = 0; i + 1 < info.size(); i += 2) {
      if (info.get(i).toString().equals(name)) {
        return info.get(i + 1).toString();
      }
    }
    throw new IllegalStateException("XINFO STREAM tells no " + name);
  }

  private static List<Read> entries(Response response) {
    var read = new ArrayList<Read>(response.size());
    for (Response entry : response) {
      Response fields = entry.get(1);
      long previous = 0;
      long first = 0;
      Buffer record = Buffer.buffer();
      for (int i = 0; i + 1 < fields.size(); i += 2) {
        switch (fields.get(i).toString()) {
          case "p" -> previous = offset(fields.get(i + 1).toString());
          case "o" -> first = offset(fields.get(i + 1).toString());
          case "r" -> record = fields.get(i + 1).toBuffer();
          default -> {
            // somebody else's
          }
        }
      }
      read.add(new Read(new Stored(offset(entry.get(0).toString()), record), previous, first));
    }
    return read;
  }

  private static String id(long offset) {
    return (offset >>> NUMBER_BITS) + "-" + (offset & NUMBER_MASK);
  }

  private static long offset(String id) {
    int dash = id.indexOf('-');
    return dash < 0
        ? 0
        : Long.parseLong(id.substring(0, dash)) << NUMBER_BITS
            | Long.parseLong(id.substring(dash + 1));
  }

  /**
   * An entry of the stream.
   *
   * @param previous the offset of the one before it, when it was added; 0 for none
   * @param oldest the offset of the oldest that there was then
   */
  record Read(Stored stored, long previous, long oldest) {}
}
