package io.tidings.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RequestTimeoutTest {
  private static final long NO_TIMER = -1;

  private final EmbeddedChannel connection =
      new EmbeddedChannel(new ChannelInboundHandlerAdapter());
  private final ChannelHandlerContext context = connection.pipeline().firstContext();
  private final AtomicBoolean waiting = new AtomicBoolean(true);
  private final RequestTimeout timeout = new RequestTimeout(Duration.ofSeconds(10), waiting::get);

  @BeforeEach
  void freeze() {
    connection.freezeTime();
  }

  @Test
  void aConnectionWithoutARequestIsClosedWhenTheTimeIsOver() {
    timeout.restart(context);
    pass(9_999);
    assertTrue(connection.isOpen());
    pass(1);
    assertFalse(connection.isOpen());
  }

  @Test
  void theTimeBeginsAnewWithEachRestart() {
    timeout.restart(context);
    pass(6_000);
    timeout.restart(context);
    pass(9_999);
    assertTrue(connection.isOpen());
    pass(1);
    assertFalse(connection.isOpen());
  }

  @Test
  void aConnectionThatIsAnsweredIsNotClosedUntilItWaitsAgain() {
    timeout.restart(context);
    waiting.set(false);
    pass(60_000);
    assertTrue(connection.isOpen());
    waiting.set(true);
    timeout.restart(context);
    pass(9_999);
    assertTrue(connection.isOpen());
    pass(1);
    assertFalse(connection.isOpen());
  }

  @Test
  void aConnectionThatIsClosedIsNotKeptInMemoryUntilTheTimeIsOver() {
    timeout.restart(context);
    timeout.stop();
    assertEquals(NO_TIMER, connection.runScheduledPendingTasks());
    connection.close();
    timeout.restart(context);
    assertEquals(NO_TIMER, connection.runScheduledPendingTasks());
  }

  @Test
  void withoutATimeoutNothingIsClosed() {
    new RequestTimeout(Duration.ZERO, waiting::get).restart(context);
    pass(3_600_000);
    assertTrue(connection.isOpen());
  }

  private void pass(long millis) {
    connection.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    connection.runScheduledPendingTasks();
  }
}
