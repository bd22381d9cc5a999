package io.tidings.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;

/**
 * Registered with an io_uring handler for a channel. The completions of a channel whose client is
 * gone wait for a slice of time, in their order; a completion that waits is still one of a
 * registered channel. An exception or error of the channel closes it, and nothing else: Netty would
 * end the event loop by an error, as when there is no direct memory for a read buffer. Confined to
 * the event loop.
 */
final class ThrottledChannel implements IoUringIoHandle {
  // of the kernel's interface, the same on all processors that Netty has io_uring for
  private static final int POLL_ADD = 6;
  private static final int ACCEPT = 13;
  private static final int RECV = 27;
  private static final int POLLERR = 0x8;
  private static final int POLLHUP = 0x10;
  private static final int POLLRDHUP = 0x2000;
  private static final int EPIPE = 32;
  private static final int ECONNRESET = 104;

  private final IoUringIoHandle channel;
  private final DisconnectQueue queue;
  private final TimeSlices slices;
  private final LoopFailures failures;

  /** The completions that wait, as a list; both null if there are none. */
  private Waiting first;

  private Waiting last;

  /** Whether the client has closed its output, or the connection is broken. */
  private boolean ending;

  /** Whether a completion since then was handled, or received into a buffer. */
  private boolean begun;

  /** Whether Netty has removed the registration, and the channel is not told yet. */
  private boolean removed;

  /** A completion that waits for a slice. */
  private static final class Waiting {
    private final IoRegistration registration;
    private final IoUringIoEvent completion;
    private Waiting next;

    /** Copies the completion: Netty uses one object for all of a channel. */
    Waiting(IoRegistration registration, IoUringIoEvent completion) {
      this.registration = registration;
      this.completion =
          new IoUringIoEvent(
              completion.res(), completion.flags(), completion.opcode(), completion.userData());
    }
  }

  ThrottledChannel(
      IoUringIoHandle channel, DisconnectQueue queue, TimeSlices slices, LoopFailures failures) {
    this.channel = channel;
    this.queue = queue;
    this.slices = slices;
    this.failures = failures;
  }

  /** Whether it has begun to end, and may hold a read buffer until it has ended. */
  boolean hasBegun() {
    return begun;
  }

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    var completion = (IoUringIoEvent) event;
    ending = ending || isEnd(completion);
    if (!ending) {
      pass(registration, completion);
    } else if (first == null && queue.admits(this)) {
      passMeasured(registration, completion);
    } else {
      begun = begun || completion.opcode() == RECV;
      await(new Waiting(registration, completion));
    }
  }

  private void await(Waiting completion) {
    if (first == null) {
      first = completion;
      queue.add(this);
    } else {
      last.next = completion;
    }
    last = completion;
  }

  private static boolean isEnd(IoUringIoEvent completion) {
    int result = completion.res();
    return switch (completion.opcode()) {
      case POLL_ADD -> result > 0 && (result & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
      case RECV -> result == 0 || result == -ECONNRESET;
      case ACCEPT -> false;
      default -> result == -ECONNRESET || result == -EPIPE;
    };
  }

  /** Handles the completions that wait, all of them: the first is the one that takes time. */
  void handleWaiting() {
    while (first != null) {
      Waiting next = first;
      passMeasured(next.registration, next.completion);
      first = next.next;
    }
    last = null;
    if (removed) {
      channel.unregistered();
    }
  }

  private void passMeasured(IoRegistration registration, IoUringIoEvent completion) {
    begun = true;
    long begin = slices.begin();
    pass(registration, completion);
    slices.spent(begin);
  }

  private void pass(IoRegistration registration, IoUringIoEvent completion) {
    try {
      channel.handle(registration, completion);
    } catch (Throwable e) {
      failures.report("a connection is closed because of a failure of its event loop", e);
      if (completion.opcode() != ACCEPT) { // a listening socket stays
        closeFailed();
      }
    }
  }

  private void closeFailed() {
    try {
      channel.close();
    } catch (Throwable e) {
      failures.report("a connection could not be closed", e);
    }
  }

  @Override
  public void registered() {
    channel.registered();
  }

  /** Called after the last completion, which may still wait. */
  @Override
  public void unregistered() {
    if (first == null) {
      channel.unregistered();
    } else {
      removed = true;
    }
  }

  @Override
  public void close() throws Exception {
    channel.close();
  }
}
