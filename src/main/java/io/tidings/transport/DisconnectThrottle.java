package io.tidings.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * The io_uring handler of an event loop, which limits the time spent on clients that have closed
 * their connections. Netty handles all completions of a pass, thousands when as many clients
 * disappear at once, before the loop runs its tasks. Here those of clients that are gone get {@link
 * TimeSlices}; the others overtake them, and the streams that stay are served meanwhile. The pauses
 * also leave the processors to the kernel, which is closing the other ends, and to the JIT
 * compiler. Confined to the event loop.
 */
final class DisconnectThrottle implements IoHandler {
  /** Passes that may fail one after the other; after the last the event loop ends. */
  static final int MAX_FAILED_PASSES = 100;

  private static final long FAILED_PASS_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final IoHandler delegate;
  private final TimeSlices slices;
  private final LoopFailures failures;
  private final DisconnectQueue queue;
  private int failedPasses;

  private DisconnectThrottle(IoHandler delegate, LongSupplier nanoTime) {
    this.delegate = delegate;
    this.slices = new TimeSlices(nanoTime);
    this.failures = new LoopFailures(nanoTime);
    this.queue = new DisconnectQueue(slices);
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
    queue.handleSlice();
    IoHandlerContext until = queue.isEmpty() ? context : new UntilNextSlice(context, slices);
    try {
      int completions = delegate.run(until);
      failedPasses = 0;
      return completions;
    } catch (RuntimeException | OutOfMemoryError e) {
      // without this, one system call that fails would end the loop, as it does not with epoll
      failures.report("a pass of an event loop failed", e);
      if (++failedPasses == MAX_FAILED_PASSES) {
        throw e;
      }
      LockSupport.parkNanos(FAILED_PASS_NANOS);
      return 0;
    }
  }

  @Override
  public void prepareToDestroy() {
    queue.stop();
    delegate.prepareToDestroy();
  }

  @Override
  public void destroy() {
    delegate.destroy();
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return delegate.register(
        new ThrottledChannel((IoUringIoHandle) handle, queue, slices, failures));
  }

  @Override
  public void wakeup() {
    delegate.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> type) {
    return delegate.isCompatible(type);
  }
}
