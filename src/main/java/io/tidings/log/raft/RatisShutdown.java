package io.tidings.log.raft;

import java.lang.reflect.Field;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.ratis.server.RaftServer;

/**
 * Lets the engine be closed before everything is applied that it believes to be committed.
 *
 * <p>Closing waits for that. When the Raft log could not be written, the committed index of a
 * follower (Ratis 3.2.2) is beyond the entries that it has, so it would wait for ever, busily. What
 * is committed is applied in the next run of the engine. Uses internals of Ratis, by name.
 */
final class RatisShutdown {
  private static final System.Logger LOG = System.getLogger(RatisShutdown.class.getName());

  private RatisShutdown() {}

  /** Has the thread that applies stop after the present command. */
  static void stopApplying(RaftServer.Division division) {
    try {
      Object state = get(division, "state");
      Object updater = ((Supplier<?>) get(state, "stateMachineUpdater")).get();
      @SuppressWarnings("unchecked")
      var stopIndex = (AtomicReference<Long>) get(updater, "stopIndex");
      stopIndex.set(Long.MIN_VALUE);
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "the Raft engine may not end", e);
    }
  }

  private static Object get(Object owner, String name) throws ReflectiveOperationException {
    Field field = owner.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(owner);
  }
}
