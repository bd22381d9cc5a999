package io.tidings.log.raft;

import java.lang.reflect.Method;
import org.apache.ratis.server.leader.FollowerInfo;

/**
 * Has a leader count a listener as added that is in the configuration. Ratis 3.2.2 does that for
 * voters alone: every later change would wait for the listener, fail when it has gone, and then end
 * what feeds all other listeners of this leadership. Uses internals of Ratis, by name.
 */
final class RatisListeners {
  private static final System.Logger LOG = System.getLogger(RatisListeners.class.getName());

  private RatisListeners() {}

  static void count(FollowerInfo listener) {
    try {
      Method catchUp = listener.getClass().getDeclaredMethod("catchUp");
      catchUp.setAccessible(true);
      catchUp.invoke(listener);
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "an edge that has gone may prevent changes", e);
    }
  }
}
