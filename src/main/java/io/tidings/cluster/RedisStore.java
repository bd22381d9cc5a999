package io.tidings.cluster;

import io.tidings.log.Gap;
import io.tidings.log.LogUnavailable;
import io.tidings.log.RecordStore;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
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
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps the records in a stream of Redis or Valkey, one entry for each event. Its ids are the
 * stream's own: milliseconds in the upper bits of an offset, the number within the millisecond in
 * the lower. An entry has the fields {@code p}, the id before it when it was added, {@code o}, the
 * oldest id that there was then, and {@code r}, the record. What is here is confined to a thread of
 * its own.
 *
 * <p>One connection waits for what is added ({@code XREAD BLOCK}) and is made anew when it breaks;
 * by {@code p} it is seen that nothing was missed, or that the stream is not the one it was: after
 * a failover to a replica that had not all of it.
 */
public final class RedisStore implements RecordStore {
  /** Says SEVERE of every connection that breaks, of which this store is told anyway. */
  private static final Logger CONNECTIONS =
      Logger.getLogger("io.vertx.redis.client.impl.RedisConnectionManager");

  private static final int NUMBER_BITS = 20;
  private static final long NUMBER_MASK = (1L << NUMBER_BITS) - 1;
  private static final int MOST_RECORDS = 100_000;
  private static final int RECORDS_A_READ = 1_000;
  private static final int BLOCK_MILLIS = 1_000;
  private static final long RECONNECT_MILLIS = 100;
  private static final long COMMAND_MILLIS = 3_000;
  private static final long PROBE_MILLIS = 300;
  private static final long PATIENCE_MILLIS = 2_000;
  private static final long CLOSING_MILLIS = 500;
  private static final int REPLICAS_MILLIS = 1_000;

  /** Below that it is trimmed to the number exactly, above about to it, which is cheaper. */
  private static final long EXACT = 1_000;

  private static final String SCRIPT =
      """
      local key, most, oldest = KEYS[1], tonumber(ARGV[1]), ARGV[2]
      local prev = '0-0'
      if redis.call('EXISTS', key) == 1 then
        local info = redis.call('XINFO', 'STREAM', key)
        for i = 1, #info, 2 do
          if info[i] == 'last-generated-id' then prev = info[i + 1] end
        end
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

  private final Redis client;
  private final Redis tails;
  private final InstantSource clock;
  private final String stream;
  private final long entries;
  private final Duration age;
  private final int replicas;
  private final OwnThread thread = new OwnThread("tidings-redis");

  private RedisConnection tail;
  private volatile String tailId;

  /** Completes when the connection does not wait any more. */
  private Future<Void> blocked = Future.succeededFuture();

  private Follower follower;
  private long cursor;
  private Buffer last;
  private int reading;
  private boolean closed;
  private boolean connected = true;
  private boolean refusing;
  private boolean probing;
  private boolean reachable = true;
  private final List<Waiter> waiters = new ArrayList<>();
  private volatile long silentSince;
  private volatile long oldest;

  private RedisStore(Vertx vertx, Settings.Log settings, InstantSource clock) {
    Settings.Log.Redis redis = settings.redis();
    this.client = Redis.createClient(vertx, options(redis, 8));
    this.tails = Redis.createClient(vertx, options(redis, 1));
    this.clock = clock;
    this.stream = redis.stream();
    this.entries = redis.entries();
    this.age = settings.keep().age();
    this.replicas = redis.replicas();
  }

  /**
   * Opens the stream, which is made with the first record.
   *
   * @param clock tells what is too old
   * @return the store, when Redis answers
   */
  public static Future<RedisStore> open(Vertx vertx, Settings.Log settings, InstantSource clock) {
    CONNECTIONS.setLevel(Level.OFF);
    var store = new RedisStore(vertx, settings, clock);
    store.thread.every(PROBE_MILLIS, store::watch);
    return store
        .client
        .send(Request.cmd(Command.PING))
        .<RedisStore>map(pong -> store)
        .recover(
            failure -> {
              store.close();
              return Future.failedFuture(
                  new LogUnavailable(
                      "log.redis.url: " + place(settings.redis()) + ": " + failure.getMessage(),
                      failure));
            });
  }

  /** Where it is, without what is secret. */
  private static String place(Settings.Log.Redis redis) {
    try {
      URI uri = URI.create(redis.url());
      return uri.getScheme() + "://" + uri.getHost() + ":" + uri.getPort();
    } catch (IllegalArgumentException e) {
      return "must be a URL such as redis://127.0.0.1:6379";
    }
  }

  private static RedisOptions options(Settings.Log.Redis redis, int connections) {
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

  @Override
  public int eventsPerRecord() {
    return 1;
  }

  @Override
  public int mostRecords() {
    return MOST_RECORDS;
  }

  @Override
  public Future<Void> add(List<Buffer> records) {
    Request script =
        Request.cmd(Command.EVAL)
            .arg(SCRIPT)
            .arg(1)
            .arg(stream)
            .arg(entries)
            .arg(age.isZero() ? "" : clock.millis() - age.toMillis() + "-0")
            .arg(entries < EXACT ? "=" : "~");
    records.forEach(script::arg);
    Future<Void> added = replicas == 0 ? send(script).mapEmpty() : addAndWait(script);
    Promise<Void> promise = Promise.promise();
    thread.take(
        added,
        (nothing, failure) -> {
          refusing = failure != null;
          tellReachable();
          if (failure == null) {
            promise.complete();
          } else {
            promise.fail(new LogUnavailable("Redis: " + failure.getMessage(), failure));
          }
        });
    return promise.future();
  }

  private Future<Void> addAndWait(Request script) {
    Request wait = Request.cmd(Command.WAIT).arg(replicas).arg(REPLICAS_MILLIS);
    return client
        .batch(List.of(script, wait))
        .timeout(COMMAND_MILLIS, TimeUnit.MILLISECONDS)
        .compose(
            answers ->
                answers.get(1).toInteger() >= replicas
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        "only " + answers.get(1) + " of " + replicas + " replicas have it"));
  }

  private Future<Response> send(Request request) {
    return client.send(request).timeout(COMMAND_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public Future<Slice> read(long from, int most) {
    int count = Math.min(most, RECORDS_A_READ);
    Request range =
        Request.cmd(Command.XRANGE).arg(stream).arg(id(from)).arg("+").arg("COUNT").arg(count);
    return send(range)
        .map(
            response -> {
              List<Read> read = entries(response);
              boolean whole =
                  read.isEmpty() || read.get(0).previous == 0 || read.get(0).previous < from;
              if (!whole) {
                oldest = Math.max(oldest, read.get(0).stored.offset());
              }
              List<Stored> stored = read.stream().map(Read::stored).toList();
              return new Slice(stored, stored.size() == count, whole);
            })
        .recover(e -> Future.failedFuture(new LogUnavailable("Redis: " + e.getMessage(), e)));
  }

  @Override
  public void follow(Stored after, Follower whom) {
    thread.run(
        () -> {
          follower = whom;
          cursor = after.offset();
          last = after.bytes();
          reading++;
          connect(reading);
        });
  }

  @Override
  public Future<Void> caughtUp() {
    Promise<Void> promise = Promise.promise();
    thread.take(
        client
            .connect()
            .compose(one -> newest(one).eventually(() -> one.close()))
            .timeout(COMMAND_MILLIS, TimeUnit.MILLISECONDS),
        (target, failure) -> {
          if (failure != null) {
            promise.fail(new LogUnavailable("Redis: " + failure.getMessage(), failure));
            return;
          }
          waiters.add(new Waiter(promise, target, System.nanoTime()));
          waiters.removeIf(waiter -> waiter.done(cursor));
        });
    return promise.future();
  }

  @Override
  public long behindMillis() {
    long since = silentSince;
    return since == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
  }

  @Override
  public long oldest() {
    return oldest;
  }

  @Override
  public Future<Void> close() {
    Promise<Void> ended = Promise.promise();
    thread.run(
        () -> {
          closed = true;
          reading++;
          if (tail == null) {
            ended.complete();
            return;
          }
          // a connection that is closed while it waits complains; so it is told to wait no longer
          Request unblock = Request.cmd(Command.CLIENT).arg("UNBLOCK").arg(tailId);
          thread.take(
              send(unblock).compose(told -> blocked).timeout(CLOSING_MILLIS, TimeUnit.MILLISECONDS),
              (nothing, failure) -> ended.complete());
        });
    return ended
        .future()
        .eventually(
            () -> {
              thread.end();
              return Future.all(client.close(), tails.close());
            });
  }

  /**
   * Connects, and waits on that connection for what comes.
   *
   * @param attempt that is given up when another one has begun
   */
  private void connect(int attempt) {
    if (closed || attempt != reading) {
      return;
    }
    thread.take(
        tails
            .connect()
            .compose(
                connection ->
                    connection
                        .send(Request.cmd(Command.CLIENT).arg("ID"))
                        .onSuccess(id -> tailId = id.toString())
                        .map(connection)),
        (connection, failure) -> {
          if (failure != null) {
            broken(attempt);
          } else if (attempt != reading) {
            connection.close();
          } else {
            if (tail != null) {
              tail.close();
            }
            tail = connection;
            verify(attempt);
          }
        });
  }

  private void broken(int attempt) {
    if (closed || attempt != reading) {
      return;
    }
    connected = false;
    silentSince = silentSince == 0 ? System.nanoTime() : silentSince;
    reading++;
    if (tail != null) {
      tail.close();
      tail = null;
    }
    tellReachable();
    int next = reading;
    thread.after(RECONNECT_MILLIS, () -> connect(next));
  }

  /** Sees whether the stream is the one that was followed. */
  private void verify(int attempt) {
    Request range = Request.cmd(Command.XRANGE).arg(stream).arg(id(cursor)).arg(id(cursor));
    thread.take(
        newest(tail).compose(end -> tail.send(range).map(found -> same(end, entries(found)))),
        (same, failure) -> {
          if (attempt != reading) {
            return;
          } else if (failure != null) {
            broken(attempt);
          } else if (!same) {
            lost(Gap.Reason.EPOCH);
          } else {
            connected = true;
            silentSince = 0;
            tellReachable();
            await(attempt);
          }
        });
  }

  /** Whether the stream has not ended before the last record, nor another in its place. */
  private boolean same(long end, List<Read> found) {
    return end >= cursor && (found.isEmpty() || found.get(0).stored.bytes().equals(last));
  }

  /** The offset of the last entry that the stream has had; 0 where there is no stream. */
  private Future<Long> newest(RedisConnection connection) {
    return connection
        .send(Request.cmd(Command.XINFO).arg("STREAM").arg(stream))
        .timeout(COMMAND_MILLIS, TimeUnit.MILLISECONDS)
        .map(info -> offset(field(info, "last-generated-id")))
        .recover(
            failure ->
                String.valueOf(failure.getMessage()).contains("no such key")
                    ? Future.succeededFuture(0L)
                    : Future.failedFuture(failure));
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

  private void await(int attempt) {
    Request read =
        Request.cmd(Command.XREAD)
            .arg("COUNT")
            .arg(RECORDS_A_READ)
            .arg("BLOCK")
            .arg(BLOCK_MILLIS)
            .arg("STREAMS")
            .arg(stream)
            .arg(id(cursor));
    Future<Response> answer = tail.send(read);
    blocked = answer.transform(done -> Future.succeededFuture());
    thread.take(
        answer.timeout(BLOCK_MILLIS + COMMAND_MILLIS, TimeUnit.MILLISECONDS),
        (response, failure) -> {
          if (attempt != reading) {
            return;
          } else if (failure != null) {
            broken(attempt);
          } else if (hear(response)) {
            await(attempt);
          }
        });
  }

  /** Hands over what was read; false where the stream is not what it was. */
  private boolean hear(Response response) {
    List<Read> read = response == null ? List.of() : entries(ofStream(response));
    var stored = new ArrayList<Stored>(read.size());
    Gap.Reason why = null;
    for (Read one : read) {
      if (one.previous != cursor) {
        why = one.previous > cursor ? Gap.Reason.FORGOTTEN : Gap.Reason.EPOCH;
        break;
      }
      oldest = Math.max(oldest, one.oldest);
      cursor = one.stored.offset();
      last = one.stored.bytes();
      stored.add(one.stored);
    }
    if (!stored.isEmpty()) {
      follower.hear(stored);
    }
    waiters.removeIf(waiter -> waiter.done(cursor));
    if (why != null) {
      lost(why);
    }
    return why == null;
  }

  private void lost(Gap.Reason why) {
    reading++;
    if (why == Gap.Reason.EPOCH) {
      oldest = 0;
    }
    Follower told = follower;
    follower = null;
    told.lost(why);
  }

  /** RESP3 answers with a map, RESP2 with a list of pairs. */
  private Response ofStream(Response response) {
    if (response.type() == ResponseType.MULTI && response.isMap()) {
      return response.get(stream);
    }
    return response.get(0).get(1);
  }

  /** Finds out whether it can be written again, and who has waited too long. */
  private void watch() {
    waiters.removeIf(Waiter::late);
    if (refusing && follower != null && !probing) {
      probing = true;
      thread.take(add(List.of(follower.nothing())), (added, failure) -> probing = false);
    }
  }

  private void tellReachable() {
    boolean now = connected && !refusing;
    if (now != reachable && follower != null) {
      reachable = now;
      follower.reachable(now);
    }
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

  /** An entry of the stream. */
  private record Read(Stored stored, long previous, long oldest) {}

  /** One who waits until the cursor is there. */
  private record Waiter(Promise<Void> promise, long target, long asked) {
    boolean done(long cursor) {
      return cursor >= target && promise.tryComplete();
    }

    boolean late() {
      return System.nanoTime() - asked > TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS)
          && promise.tryFail(new LogUnavailable("Redis does not answer in time", null));
    }
  }
}
