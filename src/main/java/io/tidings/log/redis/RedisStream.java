package io.tidings.log.redis;

import io.tidings.log.LogUnavailable;
import io.tidings.log.redis.RecordStore.Stored;
import io.tidings.settings.LogSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The commands on the Redis stream that holds the records. An offset is an id of the stream: its
 * milliseconds in the upper bits, its sequence number in the lower. An entry has the fields {@code
 * p}, the id of the entry before it when it was added, {@code o}, the id of the oldest entry at
 * that time, and {@code r}, the record. Any thread; futures complete on threads of Vert.x, and fail
 * after a timeout.
 *
 * @see <a href="https://redis.io/docs/latest/develop/data-types/streams/">Redis Streams</a>
 */
final class RedisStream {
  private static final int SEQUENCE_BITS = 20;
  private static final long SEQUENCE_MASK = (1L << SEQUENCE_BITS) - 1;
  private static final int REPLICAS_MILLIS = 1_000;

  /** A smaller maximum is trimmed to exactly, a larger one approximately, which is cheaper. */
  private static final long EXACT = 1_000;

  /**
   * Trims the stream, adds the records, and notes in each entry the one before it. Redis refuses a
   * script for lack of memory only at its first write, and never refuses to trim. So the first
   * write is an entry whose id is too small: it is refused for its id if nothing else prevents
   * adding.
   */
  private static final String ADD =
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

  /** Checks whether records could be added, by setting the stream's last id to its own value. */
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

  private final RedisConnections connections;
  private final InstantSource clock;
  private final String key;
  private final long maxEntries;
  private final Duration maxAge;
  private final int replicas;

  /**
   * @param clock the time by which entries expire
   * @throws IllegalArgumentException if the URL in the settings is invalid
   */
  RedisStream(Vertx vertx, LogSettings settings, InstantSource clock) {
    LogSettings.Redis redis = settings.redis();
    this.connections = new RedisConnections(vertx, redis);
    this.clock = clock;
    this.key = redis.stream();
    this.maxEntries = redis.entries();
    this.maxAge = settings.keep().age();
    this.replicas = redis.replicas();
  }

  /** The key of the stream. */
  String key() {
    return key;
  }

  RedisConnections connections() {
    return connections;
  }

  /** Whether an add waits for replicas. */
  boolean replicated() {
    return replicas > 0;
  }

  /**
   * Checks whether records could be added. Succeeds also for a user who may add records but not set
   * the stream's id, since that can't be checked.
   */
  Future<Void> probe() {
    return write(Request.cmd(Command.EVAL).arg(PROBE).arg(1).arg(key))
        .<Void>mapEmpty()
        .recover(e -> isDenied(e) ? Future.succeededFuture() : Future.failedFuture(e));
  }

  /** Whether Redis refuses the command or its keys to this user. */
  static boolean isDenied(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    return message.contains("permission") || message.contains("can't run this command");
  }

  /** Adds records, and waits for replicas as configured. */
  Future<Void> add(List<Buffer> records) {
    Request script =
        Request.cmd(Command.EVAL)
            .arg(ADD)
            .arg(1)
            .arg(key)
            .arg(maxEntries)
            .arg(maxAge.isZero() ? "" : clock.millis() - maxAge.toMillis() + "-0")
            .arg(maxEntries < EXACT ? "=" : "~");
    records.forEach(script::arg);
    return write(script).mapEmpty();
  }

  /** Sends a command that writes, and waits for replicas as configured. */
  Future<Response> write(Request script) {
    if (replicas == 0) {
      return connections.send(script);
    }
    Request wait = Request.cmd(Command.WAIT).arg(replicas).arg(REPLICAS_MILLIS);
    return connections
        .batch(List.of(script, wait))
        .compose(
            answers ->
                answers.get(1).toInteger() >= replicas
                    ? Future.succeededFuture(answers.get(0))
                    : Future.failedFuture(
                        new LogUnavailable(
                            "only " + answers.get(1) + " of " + replicas + " replicas have it",
                            null)));
  }

  /** Reads entries, from an offset on. */
  Future<List<Read>> range(long from, int max) {
    Request range = Request.cmd(Command.XRANGE).arg(key).arg(id(from)).arg("+");
    return connections.send(range.arg("COUNT").arg(max)).map(RedisStream::entries);
  }

  /** The offset of the last entry that the stream has had; 0 if there is no stream. */
  Future<Long> newest() {
    return newest(key, connections::send);
  }

  static Future<Long> newest(String key, Function<Request, Future<Response>> sender) {
    return sender
        .apply(Request.cmd(Command.XINFO).arg("STREAM").arg(key))
        .map(info -> offset(field(info, "last-generated-id")))
        .recover(
            failure ->
                String.valueOf(failure.getMessage()).contains("no such key")
                    ? Future.succeededFuture(0L)
                    : Future.failedFuture(failure));
  }

  /** Opens a connection for blocking reads. */
  Future<RedisTail> tail() {
    return connections.tail(key);
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
    throw new IllegalStateException("XINFO STREAM has no " + name);
  }

  static List<Read> entries(Response response) {
    var read = new ArrayList<Read>(response.size());
    for (Response entry : response) {
      Response fields = entry.get(1);
      long previous = 0;
      long oldest = 0;
      Buffer record = Buffer.buffer();
      for (int i = 0; i + 1 < fields.size(); i += 2) {
        switch (fields.get(i).toString()) {
          case "p" -> previous = offset(fields.get(i + 1).toString());
          case "o" -> oldest = offset(fields.get(i + 1).toString());
          case "r" -> record = fields.get(i + 1).toBuffer();
          default -> {
            // written by another program
          }
        }
      }
      long offset = offset(entry.get(0).toString());
      read.add(new Read(new Stored(offset, previous, record), oldest));
    }
    return read;
  }

  static String id(long offset) {
    return (offset >>> SEQUENCE_BITS) + "-" + (offset & SEQUENCE_MASK);
  }

  private static long offset(String id) {
    int dash = id.indexOf('-');
    return dash < 0
        ? 0
        : Long.parseLong(id.substring(0, dash)) << SEQUENCE_BITS
            | Long.parseLong(id.substring(dash + 1));
  }

  /**
   * An entry of the stream.
   *
   * @param oldest the offset of the oldest entry when it was added
   */
  record Read(Stored stored, long oldest) {}
}
