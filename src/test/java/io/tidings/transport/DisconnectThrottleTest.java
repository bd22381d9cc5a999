package io.tidings.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class DisconnectThrottleTest {
  private static final byte POLL = 6;
  private static final byte ACCEPT = 13;
  private static final byte SEND = 26;
  private static final byte RECV = 27;
  private static final int READABLE = 1;
  private static final int CLIENT_GONE = READABLE | 0x2000;
  private static final int CONNECTION_RESET = -104;

  /** How long a channel takes for a completion. */
  private static final long COST = TimeSlices.SLICE_NANOS / 10;

  private final List<String> handled = new ArrayList<>();
  private final Ring ring = new Ring();
  private final Deadline deadline = new Deadline();
  private final List<String> closed = new ArrayList<>();
  private final List<String> removed = new ArrayList<>();
  private long now = 42;

  /** Thrown by the next completion of a channel. */
  private Throwable failure;

  private final IoHandler throttle =
      DisconnectThrottle.factory(executor -> ring, () -> now).newHandler(null);

  /** A ring that passes on completions when it runs, and is never closed. */
  private static final class Ring implements IoHandler {
    private final Queue<Runnable> completions = new ArrayDeque<>();
    private IoUringIoHandle registered;
    private IoHandlerContext context;
    private boolean destroying;
    private RuntimeException broken;

    @Override
    public int run(IoHandlerContext context) {
      this.context = context;
      if (broken != null) {
        throw broken;
      }
      for (int i = completions.size(); i > 0; i--) {
        completions.poll().run();
      }
      return 0;
    }

    @Override
    public void prepareToDestroy() {
      destroying = true;
    }

    @Override
    public IoRegistration register(IoHandle handle) {
      registered = (IoUringIoHandle) handle;
      return null;
    }

    @Override
    public void wakeup() {}

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
      return IoUringIoHandle.class.isAssignableFrom(type);
    }
  }

  /** A loop's next timer. */
  private final class Deadline implements IoHandlerContext {
    private long nanos = -1;

    @Override
    public boolean canBlock() {
      return true;
    }

    @Override
    public long delayNanos(long currentTimeNanos) {
      return nanos - currentTimeNanos;
    }

    @Override
    public long deadlineNanos() {
      return nanos;
    }
  }

  /** A channel that records its completions. */
  private IoUringIoHandle channel(String name) throws Exception {
    throttle.register(
        new IoUringIoHandle() {
          @Override
          public void handle(IoRegistration registration, IoEvent event) {
            handled.add(name + " " + ((IoUringIoEvent) event).res());
            now += COST;
            fail();
          }

          @Override
          public void unregistered() {
            removed.add(name + " after " + handled.size());
          }

          @Override
          public void close() {
            closed.add(name);
          }
        });
    return ring.registered;
  }

  private void fail() {
    Throwable thrown = failure;
    failure = null;
    if (thrown != null) {
      DisconnectThrottleTest.<RuntimeException>throwAny(thrown);
    }
  }

  @SuppressWarnings("unchecked") // so that handle throws what it does not declare
  private static <T extends Throwable> void throwAny(Throwable thrown) throws T {
    throw (T) thrown;
  }

  private void complete(IoUringIoHandle channel, byte opcode, int result) {
    var event = new IoUringIoEvent(result, 0, opcode, 0L);
    ring.completions.add(() -> channel.handle(null, event));
  }

  private void dropClients(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      complete(channel("gone"), POLL, CLIENT_GONE);
    }
  }

  /** Lets passes follow each other, each after the pause, until so many completions are handled. */
  private int passesUntilHandled(int count) {
    int passes = 0;
    while (handled.size() < count) {
      throttle.run(deadline);
      now = Math.max(now, now + ring.context.delayNanos(now));
      passes++;
      assertTrue(passes <= count, "completions are not handled");
    }
    return passes;
  }

  @Test
  void aClientThatDisappearsAloneIsHandledAtOnce() throws Exception {
    IoUringIoHandle gone = channel("gone");
    complete(gone, POLL, CLIENT_GONE);
    complete(gone, RECV, 0);
    throttle.run(deadline);
    assertEquals(List.of("gone " + CLIENT_GONE, "gone 0"), handled);
    throttle.run(deadline);
    assertEquals(-1, ring.context.deadlineNanos(), "nothing waits");
  }

  @Test
  void clientsThatDisappearTogetherAreHandledInSlices() throws Exception {
    dropClients(100);
    throttle.run(deadline);
    assertEquals(10, handled.size());
    throttle.run(deadline);
    assertEquals(10, handled.size(), "a pass within the pause");
    now += TimeSlices.PAUSE_NANOS;
    throttle.run(deadline);
    assertEquals(20, handled.size());
    passesUntilHandled(100);
  }

  @Test
  void asLongAsMoreClientsDisappearTheyOnlyWait() throws Exception {
    dropClients(20);
    throttle.run(deadline);
    int before = handled.size();
    long begin = now;
    while (now - begin < TimeSlices.ARRIVAL_NANOS - TimeSlices.PAUSE_NANOS) {
      dropClients(1);
      throttle.run(deadline);
      now += TimeSlices.PAUSE_NANOS / 2;
    }
    assertEquals(before, handled.size());
    now += TimeSlices.PAUSE_NANOS;
    throttle.run(deadline);
    assertEquals(before + 10, handled.size(), "none has disappeared meanwhile");
  }

  @Test
  void clientsThatDisappearForeverDoNotKeepThoseThatWaitFromBeingHandled() throws Exception {
    dropClients(100);
    long begin = now;
    while (now - begin < 2 * TimeSlices.ARRIVAL_NANOS) {
      dropClients(1);
      throttle.run(deadline);
      now += TimeSlices.PAUSE_NANOS / 2;
    }
    assertTrue(handled.size() > 100, handled.size() + " are handled");
  }

  @Test
  void theOthersAreHandledBeforeThoseThatWait() throws Exception {
    dropClients(100);
    IoUringIoHandle stays = channel("stays");
    complete(stays, POLL, READABLE);
    complete(stays, RECV, 7);
    complete(stays, SEND, 99);
    throttle.run(deadline);
    assertEquals(List.of("stays 1", "stays 7", "stays 99"), handled.subList(10, handled.size()));
  }

  @Test
  void completionsOfOneConnectionKeepTheirOrder() throws Exception {
    dropClients(20);
    IoUringIoHandle last = channel("last");
    complete(last, RECV, 1);
    complete(last, POLL, CLIENT_GONE);
    complete(last, RECV, 2);
    complete(last, SEND, CONNECTION_RESET);
    complete(last, RECV, 0);
    passesUntilHandled(25);
    assertEquals(
        List.of("last 1", "last " + CLIENT_GONE, "last 2", "last " + CONNECTION_RESET, "last 0"),
        handled.stream().filter(line -> line.startsWith("last")).toList());
  }

  @Test
  void brokenConnectionsWaitToo() throws Exception {
    for (int i = 0; i < 30; i++) {
      complete(channel("gone"), i % 2 == 0 ? SEND : RECV, CONNECTION_RESET);
    }
    throttle.run(deadline);
    assertEquals(10, handled.size());
  }

  @Test
  void theLoopBlocksUntilTheNextSliceOrItsOwnEarlierDeadline() throws Exception {
    dropClients(20);
    throttle.run(deadline);
    throttle.run(deadline);
    long pause = TimeSlices.PAUSE_NANOS;
    assertEquals(pause, ring.context.delayNanos(now));
    assertTrue(ring.context.deadlineNanos() != -1 && ring.context.canBlock());
    assertEquals(0, ring.context.delayNanos(now + 2 * pause));
    deadline.nanos = now + 5;
    assertEquals(5, ring.context.delayNanos(now));
    deadline.nanos = now + 2 * pause;
    assertEquals(pause, ring.context.delayNanos(now));
  }

  @Test
  void whenTheLoopEndsNoneWaits() throws Exception {
    dropClients(100);
    throttle.run(deadline);
    assertFalse(ring.destroying);
    throttle.prepareToDestroy();
    assertEquals(100, handled.size());
    assertTrue(ring.destroying);
    dropClients(100);
    throttle.run(deadline);
    assertEquals(200, handled.size());
  }

  @Test
  void aChannelThatHasBegunToEndGoesBeforeThoseThatHaveNot() throws Exception {
    IoUringIoHandle first = channel("first");
    complete(first, POLL, CLIENT_GONE);
    dropClients(30);
    throttle.run(deadline);
    complete(first, RECV, 0); // until it is handled, its read buffer is in use
    throttle.run(deadline);
    passesUntilHandled(20);
    assertEquals("first 0", handled.get(10));
  }

  @Test
  void aChannelThatHoldsAReadBufferGoesBeforeThoseThatDoNot() throws Exception {
    dropClients(30);
    complete(channel("reading"), RECV, 0);
    throttle.run(deadline);
    passesUntilHandled(20);
    assertEquals("reading 0", handled.get(10));
  }

  @Test
  void clientsThatDisappearLaterDoNotOvertakeThoseThatWait() throws Exception {
    dropClients(50);
    complete(channel("last"), POLL, CLIENT_GONE);
    for (int pass = 0; pass < 7; pass++) {
      dropClients(20);
      throttle.run(deadline);
      now = Math.max(now, now + ring.context.delayNanos(now));
    }
    passesUntilHandled(51);
    assertEquals("last " + CLIENT_GONE, handled.get(50));
  }

  @Test
  void aFailureOfOneChannelClosesItAndNothingElse() throws Exception {
    for (Throwable thrown :
        List.of(new OutOfMemoryError("test"), new IllegalStateException("test"))) {
      handled.clear();
      closed.clear();
      failure = thrown;
      complete(channel("failing"), RECV, 5);
      complete(channel("other"), RECV, 6);
      throttle.run(deadline);
      assertEquals(List.of("failing 5", "other 6"), handled);
      assertEquals(List.of("failing"), closed);
    }
  }

  @Test
  void aFailureOfOneThatWaitedClosesItAndTheRestAreHandled() throws Exception {
    dropClients(10);
    complete(channel("failing"), POLL, CLIENT_GONE);
    dropClients(20);
    throttle.run(deadline);
    failure = new OutOfMemoryError("test");
    passesUntilHandled(31);
    assertEquals(List.of("failing"), closed);
    assertEquals("failing " + CLIENT_GONE, handled.get(10));
  }

  @Test
  void aListeningSocketStaysAfterAFailure() throws Exception {
    failure = new OutOfMemoryError("test");
    complete(channel("listening"), ACCEPT, 7);
    throttle.run(deadline);
    assertEquals(List.of(), closed);
  }

  @Test
  void aChannelIsToldOfItsRemovalAfterTheCompletionsThatWait() throws Exception {
    IoUringIoHandle alone = channel("alone");
    complete(alone, POLL, CLIENT_GONE);
    ring.completions.add(alone::unregistered);
    throttle.run(deadline);
    assertEquals(List.of("alone after 1"), removed);
    dropClients(10);
    IoUringIoHandle waits = channel("waits");
    complete(waits, POLL, CLIENT_GONE);
    complete(waits, RECV, 0);
    ring.completions.add(waits::unregistered);
    throttle.run(deadline);
    assertEquals(11, handled.size());
    assertEquals(1, removed.size());
    passesUntilHandled(13);
    assertEquals("waits after 13", removed.get(1));
  }

  @Test
  void aPassThatFailsDoesNotEndTheLoopButAHundredOfThemDo() throws Exception {
    ring.broken = new UncheckedIOException(new IOException("io_uring_enter"));
    for (int i = 1; i < DisconnectThrottle.MAX_FAILED_PASSES; i++) {
      assertEquals(0, throttle.run(deadline));
    }
    RuntimeException broken = ring.broken;
    ring.broken = null;
    complete(channel("one"), RECV, 5);
    throttle.run(deadline);
    assertEquals(List.of("one 5"), handled);
    ring.broken = broken;
    for (int i = 1; i < DisconnectThrottle.MAX_FAILED_PASSES; i++) {
      throttle.run(deadline);
    }
    assertThrows(UncheckedIOException.class, () -> throttle.run(deadline));
  }
}
