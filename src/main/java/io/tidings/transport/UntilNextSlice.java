package io.tidings.transport;

import io.netty.channel.IoHandlerContext;

/** Lets an event loop block no longer than until the next slice. Confined to the loop. */
final class UntilNextSlice implements IoHandlerContext {
  /** The deadline of a context without one. */
  private static final long NO_DEADLINE = -1;

  private final IoHandlerContext delegate;
  private final TimeSlices slices;

  UntilNextSlice(IoHandlerContext delegate, TimeSlices slices) {
    this.delegate = delegate;
    this.slices = slices;
  }

  @Override
  public boolean canBlock() {
    return delegate.canBlock();
  }

  @Override
  public long delayNanos(long currentTimeNanos) {
    long pause = slices.pauseNanos(currentTimeNanos);
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
