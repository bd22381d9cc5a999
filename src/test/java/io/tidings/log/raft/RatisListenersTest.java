package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** {@link RatisListeners} relies on this method; it can't be compiled against it. */
class RatisListenersTest {
  @Test
  void ratisHasAMethodByWhichAFollowerCountsAsAdded() throws Exception {
    assertEquals(
        void.class,
        Class.forName("org.apache.ratis.server.impl.FollowerInfoImpl")
            .getDeclaredMethod("catchUp")
            .getReturnType());
  }
}
