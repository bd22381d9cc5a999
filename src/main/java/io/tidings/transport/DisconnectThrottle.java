package io.tidings.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The io_uring handler of an event loop, which limits the time spent on clients that have closed
 * their connections. Netty handles all completions of a pass, thousands when as many clients
 * disappear at once, before the loop runs its tasks. Here those that report the end of a connection
 * get {@link #SLICE_NANOS}, then a pause of {@link #PAUSE_FACTOR} times as long; the others wait,
 * while the streams that stay are served. The pauses also leave the processors to the kernel, which
 * is closing the other ends, and to the JIT compiler. Completions of one connection are handled in
 * their order. Confined to the event loop.
 */
final class DisconnectThrottle implements IoHandler {
  static final long SLICE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
  static final int PAUSE_FACTOR = 3;

  /** The deadline of an {@link IoHandlerContext} without one. */
  private static final long NO_DEADLINE = -1;

  private final IoHandler delegate;
  private final LongSupplier nanoTime;
  private final Queue<Deferred> waiting = new ArrayDeque<>();

  /** The time spent in this slice. */
  private long spentNanos;

  /** When the next slice begins. */
  private long resumeNanos;

  /** Whether the loop is ending, and nothing is deferred any more. */
  private boolean stopping;

  private DisconnectThrottle(IoHandler delegate, LongSupplier nanoTime) {
    this.delegate = delegate;
    this.nanoTime = nanoTime;
    this.resumeNanos = nanoTime.getAsLong();
  }

  /**
   * Decorates the handlers of io_uring event loops.
   *
   * @param nanoTime the clock {@link System#nanoTime}, by which the loops wait
   */
  static IoHandlerFactory factory(IoHandlerFactory delegate, LongSupplier nanoTime) {
    return new IoHandlerFactory() {
      @Override
      public IoHandler newHandler(ThreadAwareExecutor executor) {
        return new DisconnectThrottle(delegate.newHandler(executor), nanoTime);
      }

      @Override
      public boolean isChangingThreadSupported() {
        return delegate.isChangingThreadSupported();
      }
    };
  }

  @Override
  public void initialize() {
    delegate.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    if (spentNanos > 0 && nanoTime.getAsLong() - resumeNanos >= 0) {
      spentNanos = 0;
    }
    while (!waiting.isEmpty() && inSlice()) {
      handle(waiting.poll());
    }
    return delegate.run(waiting.isEmpty() ? context : new UntilNextSlice(context));
  }

  private boolean inSlice() {
    return spentNanos < SLICE_NANOS;
  }

  private void handle(Deferred next) {
    next.channel.deferred--;
    handle(next.channel, next.registration, next.completion);
  }

  private void handle(Channel channel, IoRegistration registration, IoEvent completion) {
    long start = nanoTime.getAsLong();
    try {
      channel.delegate.handle(registration, completion);
    } finally {
      long end = nanoTime.getAsLong();
      spentNanos += end - start;
      if (!inSlice()) {
        resumeNanos = end + spentNanos * PAUSE_FACTOR;
      }
    }
  }

  @Override
  public void prepareToDestroy() {
    stopping = true;
    while (!waiting.isEmpty()) {
      handle(waiting.poll());
    }
    delegate.prepareToDestroy();
  }

  @Override
  public void destroy() {
    delegate.destroy();
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return delegate.register(new Channel((IoUringIoHandle) handle));
  }

  @Override
  public void wakeup() {
    delegate.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> type) {
    return delegate.isCompatible(type);
  }

  /** A completion that waits for a slice. */
  private record Deferred(Channel channel, IoRegistration registration, IoEvent completion) {}

  /** Registered with the delegate for a channel. */
  private final class Channel implements IoUringIoHandle {
    // of the kernel's interface, the same on all processors that Netty has io_uring for
    private static final int POLL_ADD = 6;
    private static final int RECV = 27;
    private static final int POLLRDHUP = 0x2000;
    private static final int EPIPE = 32;
    private static final int ECONNRESET = 104;

    private final IoUringIoHandle delegate;

    /** The number of its completions that are waiting. */
    private int deferred;

    Channel(IoUringIoHandle delegate) {
      this.delegate = delegate;
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      var completion = (IoUringIoEvent) event;
      if (stopping || deferred == 0 && !isEnd(completion)) {
        delegate.handle(registration, completion);
      } else if (waiting.isEmpty() && inSlice()) {
        DisconnectThrottle.this.handle(this, registration, completion);
      } else {
        deferred++;
        waiting.add(new Deferred(this, registration, copy(completion)));
      }
    }

    /** Whether the client has closed its output, or the connection is broken. */
    private static boolean isEnd(IoUringIoEvent completion) {
      int result = completion.res();
      return switch (completion.opcode()) {
        case POLL_ADD -> result > 0 && (result & POLLRDHUP) != 0;
        case RECV -> result == 0 || result == -ECONNRESET;
        default -> result == -ECONNRESET || result == -EPIPE;
      };
    }

    /** Netty uses one object for all completions of a channel. */
    private static IoUringIoEvent copy(IoUringIoEvent completion) {
      return new IoUringIoEvent(
          completion.res(), completion.flags(), completion.opcode(), completion.userData());
    }

    @Override
    public void registered() {
      delegate.registered();
    }

    @Override
    public void unregistered() {
      delegate.unregistered();
    }

    @Override
    public void close() throws Exception {
      delegate.close();
    }
  }

  /** Lets the loop block no longer than until the next slice. */
  private final class UntilNextSlice implements IoHandlerContext {
    private final IoHandlerContext delegate;

    UntilNextSlice(IoHandlerContext delegate) {
      this.delegate = delegate;
    }

    @Override
    public boolean canBlock() {
      return delegate.canBlock();
    }

    @Override
    public long delayNanos(long currentTimeNanos) {
      long pause = Math.max(0, resumeNanos - currentTimeNanos);
      return delegate.deadlineNanos() == NO_DEADLINE
          ? pause
          : Math.min(pause, delegate.delayNanos(currentTimeNanos));
    }

    /** Handlers ask only whether there is a deadline; the loop has a clock of its own. */
    @Override
    public long deadlineNanos() {
      long deadline = delegate.deadlineNanos();
      return deadline == NO_DEADLINE ? 0 : deadline;
    }

    @Override
    public void reportActiveIoTime(long activeNanos) {
      delegate.reportActiveIoTime(activeNanos);
    }

    @Override
    public boolean shouldReportActiveIoTime() {
      return delegate.shouldReportActiveIoTime();
    }
  }
}
