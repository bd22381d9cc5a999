package io.tidings.log.redis;

import io.tidings.log.LogUnavailable;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The connections to Redis or Valkey: a pool for commands, which is replaced when its connections
 * have become useless, and a separate client for each {@link RedisTail}. Every answer has a
 * timeout. Any thread; futures complete on threads of Vert.x.
 */
final class RedisConnections {
  static final long COMMAND_MILLIS = 3_000;
  private static final long PING_MILLIS = 10_000;
  private static final int POOL_SIZE = 8;

  /** Logs every broken connection as SEVERE; the failures are reported by {@link RedisStore}. */
  private static final Logger REDIS_CLIENT =
      Logger.getLogger("io.vertx.redis.client.impl.RedisConnectionManager");

  private final Vertx vertx;
  private final LogSettings.Redis settings;

  /** The URL without the password. */
  private final String address;

  private Redis pool;
  private boolean closed;

  /**
   * @throws IllegalArgumentException if the URL in the settings is invalid
   */
  RedisConnections(Vertx vertx, LogSettings.Redis settings) {
    REDIS_CLIENT.setLevel(Level.OFF);
    URI uri = URI.create(settings.url());
    this.address = uri.getScheme() + "://" + uri.getHost() + ":" + uri.getPort();
    this.vertx = vertx;
    this.settings = settings;
    this.pool = client(POOL_SIZE);
  }

  private Redis client(int connections) {
    return Redis.createClient(vertx, options(settings, connections));
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

  /** Completes if Redis answers. The first connection, with TLS, is slow in a cold JVM. */
  Future<Void> ping() {
    return withTimeout(pool().send(Request.cmd(Command.PING)), PING_MILLIS)
        .<Void>mapEmpty()
        .recover(
            e ->
                Future.failedFuture(
                    new LogUnavailable("log.redis.url: " + address + ": " + e.getMessage(), e)));
  }

  Future<Response> send(Request request) {
    return call(redis -> redis.send(request));
  }

  /** Sends the commands over one connection. */
  Future<List<Response>> batch(List<Request> requests) {
    return call(redis -> redis.batch(requests));
  }

  private synchronized Redis pool() {
    return pool;
  }

  private <T> Future<T> call(Function<Redis, Future<T>> call) {
    Redis used = pool();
    return withTimeout(call.apply(used)).onFailure(e -> replaceAfter(e, used));
  }

  /**
   * Replaces the pool after a timeout, since the connections of a host that vanished never answer,
   * and after READONLY, since the server was the master before a failover. New connections resolve
   * the address again.
   */
  private void replaceAfter(Throwable failure, Redis used) {
    boolean late = failure.getCause() instanceof TimeoutException;
    if (!late && !String.valueOf(failure.getMessage()).contains("READONLY")) {
      return;
    }
    synchronized (this) {
      if (closed || pool != used) {
        return;
      }
      pool = client(POOL_SIZE);
    }
    used.close();
  }

  /**
   * Opens a connection for blocking reads of a stream. It has a separate client: closing that
   * closes the connection in any state, while a pool would hand it to the next user.
   */
  Future<RedisTail> tail(String key) {
    Redis own = client(1);
    return withTimeout(own.connect())
        .map(connection -> new RedisTail(own, connection, key))
        .recover(e -> own.close().transform(done -> Future.failedFuture(e)));
  }

  static <T> Future<T> withTimeout(Future<T> answer) {
    return withTimeout(answer, COMMAND_MILLIS);
  }

  static <T> Future<T> withTimeout(Future<T> answer, long millis) {
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

  Future<Void> close() {
    Redis last;
    synchronized (this) {
      closed = true;
      last = pool;
    }
    return last.close();
  }
}
