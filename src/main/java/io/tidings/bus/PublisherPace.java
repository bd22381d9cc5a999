package io.tidings.bus;

import io.tidings.log.Entry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Lets the publishers of an event loop run ahead of its deliveries only as long as that makes the
 * deliveries fewer.
 *
 * <p>The thread of the log often has stored a publication before the loop goes on, and the loop
 * delivers in its tasks. With io_uring it goes on with its sockets as long as they have input, up
 * to 128 times, before it runs a task (Netty 4.2.17, {@code
 * IoUringIoHandler.processCompletionsAndHandleOverflow}). Publishers that are answered at once, and
 * then publish again, would keep it there: with 1,000 topics of ten streams, an event could wait
 * for fifty others. So they are answered in a task, behind the one in which the loop receives what
 * they published. While an audience gathers entries, which it delivers together later, they are
 * answered as soon as possible.
 */
public final class PublisherPace {
  /** Answers publishers as soon as possible, wherever they are. */
  static final PublisherPace UNLIMITED = new PublisherPace(() -> true);

  private final BooleanSupplier gathering;

  /**
   * @param gathering whether an audience of the calling event loop waits for more entries
   */
  public PublisherPace(BooleanSupplier gathering) {
    this.gathering = gathering;
  }

  /**
   * When the publisher is answered.
   *
   * @param stored completes on any thread
   * @return completes on the calling context, if there is one
   */
  Future<List<Entry>> answer(Future<List<Entry>> stored) {
    Context context = Vertx.currentContext();
    if (context == null || stored.failed() || gathering.getAsBoolean()) {
      return ContextFutures.of(stored);
    }
    return ContextFutures.later(stored, context);
  }
}
