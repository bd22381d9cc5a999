package io.tidings.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tidings.CapturedLog;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionLimitTest {
  private static final int LIMIT = 10;
  private static final String REACHED =
      "the limit of 10 connections is reached, further ones are closed (http.connections)";
  private static final String FAILED = "accepting connections failed and will be retried: ";

  private final EmbeddedChannel listening = new EmbeddedChannel(new ConnectionLimit(LIMIT));
  private final Deque<EmbeddedChannel> accepted = new ArrayDeque<>();
  private final CapturedLog log = new CapturedLog(ConnectionLimit.class);

  @BeforeEach
  void freeze() {
    listening.freezeTime();
  }

  @AfterEach
  void close() {
    log.close();
    accepted.forEach(EmbeddedChannel::close);
  }

  @Test
  void connectionsBeyondTheLimitAreClosedUntilOthersHaveEnded() {
    accept(LIMIT);
    refuse();
    accepted.remove().close();
    accept(1);
    refuse();
  }

  @Test
  void refusalsAreLoggedAgainOnlyAfterTheNumberHasFallenBelowNineTenths() {
    accept(LIMIT);
    refuse();
    refuse();
    assertEquals(List.of(REACHED), log.lines());
    accepted.remove().close();
    accept(1);
    refuse();
    assertEquals(List.of(REACHED), log.lines(), "it has fallen to nine tenths");
    accepted.remove().close();
    accepted.remove().close();
    accept(2);
    refuse();
    assertEquals(List.of(REACHED, REACHED), log.lines());
  }

  @Test
  void acceptingIsPausedAfterAFailure() {
    fail("1");
    assertFalse(listening.config().isAutoRead());
    pass(50);
    fail("2");
    pass(49);
    assertFalse(listening.config().isAutoRead());
    pass(1);
    assertTrue(listening.config().isAutoRead(), "100 ms after the first failure");
    fail("3");
    assertFalse(listening.config().isAutoRead());
  }

  @Test
  void aFailureIsLoggedIfThereWasNoneForAMinute() {
    fail("first");
    pass(59_999);
    fail("second");
    pass(59_999);
    fail("third");
    assertEquals(List.of(FAILED + "first"), log.lines());
    pass(60_000);
    fail("fourth");
    assertEquals(List.of(FAILED + "first", FAILED + "fourth"), log.lines());
  }

  private void accept(int connections) {
    for (int i = 0; i < connections; i++) {
      var connection = new EmbeddedChannel();
      accepted.add(connection);
      listening.writeInbound(connection);
      assertSame(connection, listening.readInbound());
      assertTrue(connection.isOpen());
    }
  }

  private void refuse() {
    var connection = new EmbeddedChannel();
    assertFalse(listening.writeInbound(connection));
    assertFalse(connection.isOpen());
  }

  private void fail(String why) {
    listening.pipeline().fireExceptionCaught(new IOException(why));
  }

  private void pass(long millis) {
    listening.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    listening.runScheduledPendingTasks();
  }
}
