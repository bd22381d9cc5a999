package io.tidings.log.redis;

import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A Redis server and a Vert.x that all tests of a class share. */
final class RedisExtension implements BeforeAllCallback, AfterAllCallback {
  private RedisServer server;
  private Vertx vertx;

  RedisServer server() {
    return server;
  }

  Vertx vertx() {
    return vertx;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    server = RedisServer.onFreePort();
    vertx = Vertx.vertx();
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    server.close();
  }
}
